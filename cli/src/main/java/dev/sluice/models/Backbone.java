package dev.sluice.models;

import dev.sluice.embedder.TextEmbedder;
import dev.sluice.schemas.EmbeddingSpace;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * The model that makes a text's vector. It is <b>frozen</b>: no fit changes it, unlike a backbone of KerasHub, whose weights
 * move with the head's. That is what lets a vector be made once, kept on a topic and read by any head.
 */
public final class Backbone {
    private final TextEmbedder embedder;

    Backbone(TextEmbedder embedder) {
        this.embedder = embedder;
    }

    /** The model's name at its provider. */
    public String name() {
        return embedder.space().getModel();
    }

    /** What its vectors mean: only vectors of equal spaces may meet. */
    public EmbeddingSpace space() {
        return embedder.space();
    }

    /** Numbers of a vector. */
    public int dimensions() {
        return embedder.space().getDimensions();
    }

    /** Always false: see above. */
    public boolean trainable() {
        return false;
    }

    /**
     * @param texts as {@link Preprocessor#preprocess} gives them
     * @return [text][{@link #dimensions}], each vector of length 1
     * @throws IllegalArgumentException if a provider will never take one of the texts, or is set up wrongly
     * @throws IllegalStateException if a provider does not answer
     * @throws CancellationException if this thread is interrupted; it stays so
     */
    public float[][] embed(List<String> texts) {
        try {
            return embedder.embed(texts).toArray(float[][]::new);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    static CancellationException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return cancelled(e);
    }

    static CancellationException cancelled(Exception e) {
        CancellationException cancelled = new CancellationException("interrupted");
        cancelled.initCause(e);
        return cancelled;
    }
}
