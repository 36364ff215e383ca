package dev.sluice.classifier;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.UnreadableRecordException;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Keeps the versions deployed, by offset, and lets {@link LiveModel} fold them. Records that name no version of this
 * classifier are left out. No record makes it throw: that would end the service.
 */
final class FollowDeployments extends ContextualProcessor<byte[], byte[], Void, Void> {
    private final RecordCodec<Deployment> codec;
    private final String classifier;
    private final LiveModel live;
    private final Reports reports;
    private KeyValueStore<Long, Integer> deployments;

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
        int version;
        try {
            version = versionIn(record.value());
        } catch (UnreadableRecordException e) {
            reports.refused(GlobalRecords.original(context(), record), e, live.following());
            return;
        }
        deployments.put(context().recordMetadata().orElseThrow().offset(), version);
        live.deploymentArrived();
    }

    private int versionIn(byte[] value) {
        Deployment deployment = codec.decode(value);
        deployment.getClassifier().filter(named -> !named.equals(classifier)).ifPresent(named -> {
            throw new UnreadableRecordException(
                    "the deployment is for classifier " + named + ", these are the deployments of " + classifier);
        });
        if (deployment.getVersion() < 1) {
            throw new UnreadableRecordException(
                    "versions count from 1, the deployment names version " + deployment.getVersion());
        }
        return deployment.getVersion();
    }
}
