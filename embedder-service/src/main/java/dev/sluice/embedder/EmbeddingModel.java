package dev.sluice.embedder;

import dev.sluice.schemas.EmbeddingSpace;
import java.util.List;

/** The seam to whatever turns texts into vectors: a model file in this process, or somebody's service. */
interface EmbeddingModel extends AutoCloseable {
    /** What the vectors mean; the same for the model's whole life. */
    EmbeddingSpace space();

    /**
     * Stands where a vector should: the model has answered, but what it said of this text is no use. The other answers of
     * the call are.
     */
    float[] UNUSABLE = {};

    /**
     * @param texts not empty texts, at least one
     * @return one vector for each text, in their order, of the space's dimensions, all numbers finite; or {@link #UNUSABLE},
     *     which is told by its length
     * @throws TextRefusedException if at least one text will never be embedded; none is
     * @throws ProviderUnavailableException if it may work later
     * @throws ProviderMisconfiguredException if it will not work until somebody changes the settings
     * @throws InterruptedException if the caller's thread is told to stop
     */
    List<float[]> embed(List<String> texts) throws InterruptedException;

    /** To be called when no {@link #embed} runs any more. */
    @Override
    void close();
}
