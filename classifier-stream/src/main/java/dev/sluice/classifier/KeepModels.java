package dev.sluice.classifier;

import java.util.Optional;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Mirrors {@code models} into its store, as it came: a deployment may name any version, however old, and instances must
 * agree, so nothing is left out. What a record is worth is {@link LiveModel}'s to say. No record makes it throw: that
 * would end the service.
 */
final class KeepModels extends ContextualProcessor<byte[], byte[], Void, Void> {
    private final LiveModel live;
    private final Reports reports;
    private KeyValueStore<String, byte[]> models;

    KeepModels(LiveModel live, Reports reports) {
        this.live = live;
        this.reports = reports;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        super.init(context);
        models = context.getStateStore(ClassifyTopology.MODELS);
        live.opened(models, context.getStateStore(ClassifyTopology.DEPLOYMENTS));
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        String key = GlobalRecords.keyOf(record);
        models.put(key, record.value());
        live.modelArrived(key, Optional.ofNullable(record.value()))
                .ifPresent(reason -> reports.refused(GlobalRecords.original(context(), record), reason, true));
    }
}
