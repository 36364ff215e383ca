package dev.sluice.classifier;

import dev.sluice.schemas.LiveCounts;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.UnreadableRecordException;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Adds counted answers to their piece of the window. One that has left the window is dropped when next it is told. */
final class TallyAnswers extends ContextualProcessor<String, byte[], Void, Void> {
    private static final Logger LOG = LoggerFactory.getLogger(TallyAnswers.class);

    private final RecordCodec<LiveCounts> codec;
    private KeyValueStore<String, LiveCounts> counts;

    TallyAnswers(RecordCodec<LiveCounts> codec) {
        this.codec = codec;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        super.init(context);
        counts = context.getStateStore(EvaluationTopology.LIVE_COUNTS);
    }

    @Override
    public void process(Record<String, byte[]> record) {
        try {
            add(codec.decode(record.value()));
        } catch (UnreadableRecordException e) {
            LOG.warn("passed over counted answers: {}", e.getMessage());
        }
    }

    private void add(LiveCounts more) {
        String key = CountsKey.of(more).toString();
        LiveCounts before = counts.get(key);
        counts.put(key, before == null ? more : Counts.plus(before, more));
    }
}
