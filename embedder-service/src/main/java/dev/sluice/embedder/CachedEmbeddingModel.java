package dev.sluice.embedder;

import dev.sluice.schemas.EmbeddingSpace;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * A guarded model that is asked only for what the cache does not know, and for each text once. The cache comes before the
 * guard, so what it knows costs nothing of the quota and needs no provider; and it is asked again when the call may be made,
 * since others may have paid while this one waited. Each time it is brought up to date first: that takes a question to
 * Kafka, which costs less than a text that another embedder has paid for.
 */
final class CachedEmbeddingModel implements EmbeddingModel {
    private final GuardedEmbeddingModel model;
    private final EmbeddingCache cache;

    /** @param cache of the model's space; closed with the model */
    CachedEmbeddingModel(GuardedEmbeddingModel model, EmbeddingCache cache) {
        this.model = model;
        this.cache = cache;
    }

    @Override
    public EmbeddingSpace space() {
        return model.space();
    }

    @Override
    public List<float[]> embed(List<String> texts) throws InterruptedException {
        Map<String, float[]> vectors = new HashMap<>();
        List<String> unknown = findOrReturn(new LinkedHashSet<>(texts), vectors);
        while (!unknown.isEmpty()) {
            List<String> wanted = unknown;
            List<float[]> paid =
                    model.call(wanted, () -> findOrReturn(wanted, vectors).size() == wanted.size());
            for (int i = 0; i < paid.size(); i++) {
                if (paid.get(i).length > 0) { // what is no use today may be better when the post is sent again
                    cache.put(wanted.get(i), paid.get(i));
                }
                vectors.put(wanted.get(i), paid.get(i));
            }
            unknown = wanted.stream().filter(text -> !vectors.containsKey(text)).toList();
        }
        return texts.stream().map(vectors::get).toList();
    }

    /**
     * @param found where vectors are put that the cache has
     * @return the texts that it does not have
     */
    private List<String> findOrReturn(Collection<String> texts, Map<String, float[]> found)
            throws InterruptedException {
        cache.catchUp();
        List<String> unknown = new ArrayList<>();
        texts.forEach(
                text -> cache.find(text).ifPresentOrElse(vector -> found.put(text, vector), () -> unknown.add(text)));
        return unknown;
    }

    @Override
    public void close() {
        cache.close();
        model.close();
    }
}
