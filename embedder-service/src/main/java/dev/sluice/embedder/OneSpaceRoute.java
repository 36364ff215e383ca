package dev.sluice.embedder;

import dev.sluice.schemas.EmbeddingSpace;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** To one model: by the cache, if there is one, and behind the guard. */
final class OneSpaceRoute implements EmbeddingRoute {
    private final GuardedEmbeddingModel guarded;
    private final Optional<EmbeddingCache> cache;
    private final EmbeddingModel answering;

    /** @param cache of the model's space; closed with this */
    OneSpaceRoute(GuardedEmbeddingModel guarded, Optional<EmbeddingCache> cache) {
        this.guarded = guarded;
        this.cache = cache;
        this.answering = cache.<EmbeddingModel>map(it -> new CachedEmbeddingModel(guarded, it))
                .orElse(guarded);
    }

    /**
     * Loads the model, and opens the cache if the settings ask for one.
     *
     * @throws org.apache.kafka.common.KafkaException if the cache needs a broker and none answers
     */
    static OneSpaceRoute open(
            EmbedderConfig config, Quota quota, Clock clock, EmbedderMeters meters, MeterRegistry registry) {
        EmbeddingModel provider = modelOf(config);
        try {
            Optional<EmbeddingCache> cache = config.cacheEnabled()
                    ? Optional.of(EmbeddingCache.open(config, provider.space(), clock, registry))
                    : Optional.empty();
            return new OneSpaceRoute(
                    new GuardedEmbeddingModel(provider, quota, config.patience(), clock, meters), cache);
        } catch (RuntimeException e) {
            provider.close();
            throw e;
        }
    }

    static EmbeddingModel modelOf(EmbedderConfig config) {
        return config.provider().equals(EmbedderConfig.LOCAL)
                ? LocalEmbeddingModel.open(
                        config.localModel(),
                        config.threads(),
                        config.maxTokens(),
                        config.postText().recipe())
                : GeminiEmbeddingModel.open(config);
    }

    @Override
    public EmbeddingSpace space() {
        return guarded.space();
    }

    @Override
    public List<EmbeddingSpace> spaces() {
        return List.of(space());
    }

    @Override
    public List<float[]> embed(List<String> texts) throws InterruptedException {
        return answering.embed(texts);
    }

    @Override
    public Optional<float[]> known(String text) {
        return cache.flatMap(it -> it.find(text));
    }

    @Override
    public Optional<String> waitingFor() {
        return guarded.waitingFor();
    }

    @Override
    public void close() {
        answering.close();
    }
}
