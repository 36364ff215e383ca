package dev.sluice.embedder;

import dev.sluice.schemas.EmbeddingSpace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * A model that is asked only for what the cache does not know, and for each text once. The cache is brought up to date
 * first, every time: that takes a question to Kafka, which costs less than a text that another embedder has paid for.
 */
final class CachedEmbeddingModel implements EmbeddingModel {
    private final EmbeddingModel model;
    private final EmbeddingCache cache;

    /** @param cache of the model's space; closed with the model */
    CachedEmbeddingModel(EmbeddingModel model, EmbeddingCache cache) {
        this.model = model;
        this.cache = cache;
    }

    @Override
    public EmbeddingSpace space() {
        return model.space();
    }

    @Override
    public List<float[]> embed(List<String> texts) throws InterruptedException {
        cache.catchUp();
        Map<String, float[]> vectors = new HashMap<>();
        List<String> unknown = new ArrayList<>();
        new LinkedHashSet<>(texts).forEach(text -> cache.find(text)
                .ifPresentOrElse(vector -> vectors.put(text, vector), () -> unknown.add(text)));
        if (!unknown.isEmpty()) {
            List<float[]> paid = model.embed(unknown);
            for (int i = 0; i < unknown.size(); i++) {
                cache.put(unknown.get(i), paid.get(i));
                vectors.put(unknown.get(i), paid.get(i));
            }
        }
        return texts.stream().map(vectors::get).toList();
    }

    @Override
    public void close() {
        cache.close();
        model.close();
    }
}
