package dev.sluice.classifier;

import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.UnreadableRecordException;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the fact that a post was answered, off a topic of predictions; only Sluice writes there, so bad bytes are no loss. */
final class TakeAnswer extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
    private static final Logger LOG = LoggerFactory.getLogger(TakeAnswer.class);

    private final RecordCodec<Prediction> codec;
    private final Facts facts;

    TakeAnswer(RecordCodec<Prediction> codec, Facts facts) {
        this.codec = codec;
        this.facts = facts;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        try {
            facts.of(codec.decode(record.value()), context().currentSystemTimeMs())
                    .ifPresent(fact -> context().forward(fact));
        } catch (UnreadableRecordException e) {
            LOG.debug("passed over: {}", e.getMessage());
        }
    }
}
