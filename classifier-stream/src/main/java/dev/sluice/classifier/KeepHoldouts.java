package dev.sluice.classifier;

import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.Trust;
import dev.sluice.schemas.UnreadableRecordException;
import java.util.List;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps of each version on {@code models} what it answered on its holdout, and none of its weights. A record that cannot be
 * read takes away nothing: the classifier goes on with what it has, too.
 */
final class KeepHoldouts extends ContextualProcessor<byte[], byte[], Void, Void> {
    private static final Logger LOG = LoggerFactory.getLogger(KeepHoldouts.class);

    private final RecordCodec<ModelVersion> codec;
    private final String classifier;
    private final Trust trust;
    private KeyValueStore<String, ModelVersion> models;

    KeepHoldouts(RecordCodec<ModelVersion> codec, String classifier, Trust trust) {
        this.codec = codec;
        this.classifier = classifier;
        this.trust = trust;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        super.init(context);
        models = context.getStateStore(EvaluationTopology.MODELS);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        String key = GlobalRecords.keyOf(record);
        if (record.value() == null) {
            models.delete(key);
            return;
        }
        try {
            ModelVersion version = codec.decode(record.value());
            if (ModelVersions.keyOf(classifier, version.getVersion()).equals(key)
                    && trust.objectionTo(version).isEmpty()) {
                models.put(key, withoutWeights(version));
            }
        } catch (UnreadableRecordException e) {
            LOG.debug("passed over: {}", e.getMessage());
        }
    }

    private static ModelVersion withoutWeights(ModelVersion version) {
        return ModelVersion.newBuilder(version)
                .setNetwork(new DenseNetwork(List.of()))
                .setWide(null)
                .setSelfTest(List.of())
                .build();
    }
}
