package dev.sluice.classifier;

import dev.sluice.schemas.LiveCounts;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/** Adds counted answers to their piece of the window; what comes too late for the window is of no use to anyone. */
final class TallyAnswers extends ContextualProcessor<String, LiveCounts, Void, Void> {
    private final Buckets buckets;
    private KeyValueStore<String, LiveCounts> counts;

    TallyAnswers(Buckets buckets) {
        this.buckets = buckets;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        super.init(context);
        counts = context.getStateStore(EvaluationTopology.LIVE_COUNTS);
    }

    @Override
    public void process(Record<String, LiveCounts> record) {
        long oldest = buckets.windowStart(context().currentSystemTimeMs());
        if (record.value().getStart().toEpochMilli() >= oldest) {
            String key = CountsKey.of(record.value()).toString();
            LiveCounts before = counts.get(key);
            counts.put(key, before == null ? record.value() : Counts.plus(before, record.value()));
        }
    }
}
