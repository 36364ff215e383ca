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

/**
 * Keeps the events of the log, by offset, and lets {@link LiveModel} fold them. Records that are no event of this
 * classifier are left out. No record makes it throw: that would end the service.
 */
final class FollowDeployments extends ContextualProcessor<byte[], byte[], Void, Void> {
    private final RecordCodec<Deployment> codec;
    private final String classifier;
    private final LiveModel live;
    private final Reports reports;
    private KeyValueStore<Long, Deployment> deployments;

    FollowDeployments(RecordCodec<Deployment> codec, String classifier, LiveModel live, Reports reports) {
        this.codec = codec;
        this.classifier = classifier;
        this.live = live;
        this.reports = reports;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        super.init(context);
        deployments = context.getStateStore(ClassifyTopology.DEPLOYMENTS);
        live.opened(context.getStateStore(ClassifyTopology.MODELS), deployments);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Deployment event;
        try {
            RecordLimits.check(record.key(), record.value(), record.headers(), Topics.MAX_POST_BYTES);
            event = codec.decode(record.value());
            Deployments.check(classifier, event);
        } catch (UnreadableRecordException e) {
            reports.refused(GlobalRecords.original(context(), record), e, live.following());
            return;
        }
        long offset = context().recordMetadata().orElseThrow().offset();
        deployments.put(offset, event);
        live.deploymentArrived(offset, event);
    }
}
