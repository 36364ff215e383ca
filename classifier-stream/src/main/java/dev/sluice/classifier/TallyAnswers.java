package dev.sluice.classifier;

import dev.sluice.schemas.LiveCounts;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/** Adds counted answers to their piece of the window. One that has left the window is dropped when next it is told. */
final class TallyAnswers extends ContextualProcessor<String, LiveCounts, Void, Void> {
    private KeyValueStore<String, LiveCounts> counts;

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        super.init(context);
        counts = context.getStateStore(EvaluationTopology.LIVE_COUNTS);
    }

    @Override
    public void process(Record<String, LiveCounts> record) {
        String key = CountsKey.of(record.value()).toString();
        LiveCounts before = counts.get(key);
        counts.put(key, before == null ? record.value() : Counts.plus(before, record.value()));
    }
}
