package dev.sluice.classifier;

import dev.sluice.runtime.RecordLimits;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the events of the log, by offset, for {@link DeploymentsRead}. What is no event is passed over in silence: the
 * classifier reads the same records and has said so.
 */
final class KeepDeployments extends ContextualProcessor<byte[], byte[], Void, Void> {
    private static final Logger LOG = LoggerFactory.getLogger(KeepDeployments.class);

    private final RecordCodec<Deployment> codec;
    private final String classifier;
    private KeyValueStore<Long, Deployment> deployments;

    KeepDeployments(RecordCodec<Deployment> codec, String classifier) {
        this.codec = codec;
        this.classifier = classifier;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        super.init(context);
        deployments = context.getStateStore(EvaluationTopology.DEPLOYMENTS);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        try {
            RecordLimits.check(record.key(), record.value(), record.headers(), Topics.MAX_POST_BYTES);
            Deployment event = codec.decode(record.value());
            Deployments.check(classifier, event);
            deployments.put(context().recordMetadata().orElseThrow().offset(), event);
        } catch (UnreadableRecordException e) {
            LOG.debug("passed over: {}", e.getMessage());
        }
    }
}
