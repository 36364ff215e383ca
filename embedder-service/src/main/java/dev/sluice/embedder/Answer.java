package dev.sluice.embedder;

import java.util.Optional;

/**
 * What the model said to a text: a vector, or that it will never have one.
 *
 * @param vector of the model's space
 * @param refusal why there is none; present if and only if the vector is not
 */
record Answer(Optional<float[]> vector, Optional<TextRefusedException> refusal) {
    Answer {
        if (vector.isPresent() == refusal.isPresent()) {
            throw new IllegalArgumentException("either a vector or a refusal");
        }
    }

    /** @param vector of the model, or what it gives instead of one that is of use */
    static Answer of(float[] vector) {
        return vector.length == EmbeddingModel.UNUSABLE.length
                ? refused(new TextRefusedException(
                        "the model gave a vector that is zero throughout, or holds NaN or infinity"))
                : new Answer(Optional.of(vector), Optional.empty());
    }

    static Answer refused(TextRefusedException reason) {
        return new Answer(Optional.empty(), Optional.of(reason));
    }
}
