package dev.sluice.trainer;

import dev.sluice.schemas.Vectors;
import dev.sluice.schemas.Vocabulary;
import dev.sluice.schemas.WideLayer;
import dev.sluice.schemas.WordCounts;

/**
 * The wide part of a network in the making: for each word and output a weight, 0 at first, that is added to the last layer's
 * sums. A word is seen in few steps, so each weight has its own rate, that falls with what it has learned already; and a
 * step touches only the weights of the words that it reads. Fitted jointly with the dense part, each learns only what the
 * other leaves open. To be used by one thread.
 *
 * <p>Sources: Cheng et al., Wide and Deep Learning for Recommender Systems (2016); Duchi et al., Adaptive Subgradient Methods
 * (2011).
 */
final class WordWeights {
    /** Keeps 0 / 0 away. */
    private static final double EPSILON = 1e-10;

    private final Vocabulary vocabulary;
    private final int outputs;
    private final double learningRate;
    private final float[] weights;
    private final float[] squares;

    /** @param learningRate how far a weight's first step goes, above 0 */
    WordWeights(Vocabulary vocabulary, int outputs, double learningRate) {
        this.vocabulary = vocabulary;
        this.outputs = outputs;
        this.learningRate = learningRate;
        weights = new float[Math.multiplyExact(vocabulary.size(), outputs)];
        squares = new float[weights.length];
    }

    /** What a record's words take beside the rest of a version, in bytes for each word. */
    static int bytesEach(int outputs) {
        return Long.BYTES + Float.BYTES + outputs * Float.BYTES;
    }

    Vocabulary vocabulary() {
        return vocabulary;
    }

    Vocabulary.Known known(WordCounts words) {
        return vocabulary.known(words);
    }

    /** What a text's words add to the sums. */
    float[] sums(Vocabulary.Known known) {
        float[] sums = new float[outputs];
        for (int i = 0; i < known.words().length; i++) {
            int from = known.words()[i] * outputs;
            float number = known.numbers()[i];
            for (int k = 0; k < outputs; k++) {
                sums[k] += number * weights[from + k];
            }
        }
        return sums;
    }

    /** @param errors what the loss changes by with each of the sums */
    void learn(Vocabulary.Known known, float[] errors) {
        for (int i = 0; i < known.words().length; i++) {
            int from = known.words()[i] * outputs;
            float number = known.numbers()[i];
            for (int k = 0; k < outputs; k++) {
                float gradient = number * errors[k];
                squares[from + k] += gradient * gradient;
                weights[from + k] -= (float) (learningRate * gradient / (Math.sqrt(squares[from + k]) + EPSILON));
            }
        }
    }

    /** A copy of all weights, for {@link #restore}. */
    float[] weights() {
        return weights.clone();
    }

    /** The rates stay as they are. */
    void restore(float[] kept) {
        System.arraycopy(kept, 0, weights, 0, weights.length);
    }

    WideLayer asRecord() {
        return vocabulary.asRecord().setWeights(Vectors.toBytes(weights)).build();
    }
}
