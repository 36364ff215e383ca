package dev.sluice.trainer;

import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.Vocabulary;
import dev.sluice.schemas.WideLayer;
import dev.sluice.schemas.WordCounts;
import java.util.List;
import java.util.Optional;

/**
 * All that is fitted: the dense network over the vectors and, if words are read, the layer over words beside it. To be used by
 * one thread.
 */
final class JointNetwork {
    private static final float[][] NOTHING = {};

    private final TrainableNetwork dense;
    private final Optional<WordWeights> wide;

    /** To read a batch's vectors into: a fit makes no garbage of them. */
    private float[][] scratch = NOTHING;

    JointNetwork(TrainableNetwork dense, Optional<WordWeights> wide) {
        this.dense = dense;
        this.wide = wide;
    }

    /** Weights to come back to. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Kept(float[] dense, Optional<float[]> wide) {}

    /**
     * One step of both.
     *
     * @param truths one an example, of {@link LearningTask#truthOf}
     * @param weights one an example
     */
    TrainableNetwork.Step fit(List<Example> examples, float[] truths, float[] weights) {
        if (wide.isEmpty()) {
            return dense.fit(vectorsOf(examples), truths, weights);
        }
        WordWeights words = wide.get();
        List<Vocabulary.Known> known = known(words, examples);
        TrainableNetwork.Step step = dense.fit(vectorsOf(examples), truths, weights, sums(words, known));
        for (int i = 0; i < examples.size(); i++) {
            words.learn(known.get(i), step.errors()[i]);
        }
        return step;
    }

    /** After the last activation: [example][output]. */
    float[][] outputs(List<Example> examples) {
        return dense.outputs(vectorsOf(examples), beside(examples));
    }

    /**
     * The answers that a version is checked by: DL4J's own, where the network is DL4J's alone.
     *
     * @param temperature what the sums are divided by first
     */
    float[][] outputs(List<Example> examples, double temperature) {
        return wide.isEmpty()
                ? dense.outputs(vectorsOf(examples), temperature)
                : dense.outputs(vectorsOf(examples), beside(examples), temperature);
    }

    /** Before the last activation: [example][output]. */
    float[][] sums(List<Example> examples) {
        float[][] sums = dense.sums(vectorsOf(examples));
        float[][] beside = beside(examples);
        for (int i = 0; i < beside.length; i++) {
            for (int k = 0; k < sums[i].length; k++) {
                sums[i][k] += beside[i][k];
            }
        }
        return sums;
    }

    private float[][] beside(List<Example> examples) {
        return wide.map(words -> sums(words, known(words, examples))).orElse(NOTHING);
    }

    private static float[][] sums(WordWeights words, List<Vocabulary.Known> known) {
        return known.stream().map(words::sums).toArray(float[][]::new);
    }

    private static List<Vocabulary.Known> known(WordWeights words, List<Example> examples) {
        return examples.stream().map(Example::countedWords).map(words::known).toList();
    }

    /**
     * Good until the next call. All are looked up before the first is read: a processor waits for many places in memory at once,
     * but not across a long copy, and they lie anywhere.
     */
    private float[][] vectorsOf(List<Example> examples) {
        Row[] rows = new Row[examples.size()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = examples.get(i).row();
            if (rows[i].length() != dense.inputs()) {
                throw new IllegalArgumentException(
                        "the vector of " + examples.get(i).id() + " has " + rows[i].length()
                                + " numbers, the network reads " + dense.inputs());
            }
        }
        if (scratch.length < rows.length) {
            scratch = new float[rows.length][dense.inputs()];
        }
        float[][] vectors = new float[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            vectors[i] = rows[i].read(scratch[i]);
        }
        return vectors;
    }

    /** The words of an example as a self-test carries them, if any are read. */
    WordCounts wordsOf(Example example) {
        return wide.isPresent() ? example.countedWords() : WordCounts.NONE;
    }

    Kept keep() {
        return new Kept(dense.weights(), wide.map(WordWeights::weights));
    }

    void restore(Kept kept) {
        dense.restore(kept.dense());
        wide.ifPresent(words -> words.restore(kept.wide().orElseThrow()));
    }

    DenseNetwork denseRecord() {
        return dense.asRecord();
    }

    Optional<WideLayer> wideRecord() {
        return wide.map(WordWeights::asRecord);
    }
}
