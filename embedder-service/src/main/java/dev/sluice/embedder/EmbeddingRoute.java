package dev.sluice.embedder;

import dev.sluice.schemas.EmbeddingSpace;
import java.util.List;
import java.util.Optional;

/**
 * How texts reach their vectors: past what is known already, the quota and the circuit, to the model; or, while one model
 * takes the place of another, to two. A vector is then those of all {@link #spaces} laid end to end.
 */
interface EmbeddingRoute extends EmbeddingModel {
    /** The spaces of a vector's parts, in their order; the first is {@link #space}. A later part may be missing. */
    List<EmbeddingSpace> spaces();

    /** The text's vector, if it need not be asked for; waits for nothing. */
    Optional<float[]> known(String text);

    /** What all calls wait for, and until when, if it is more than their turn; for people. */
    Optional<String> waitingFor();
}
