package dev.sluice.schemas;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The one forward pass: the stream serves with it, and the trainer scores with it, so that both always agree. Built from
 * a version that is checked whole before it may answer. Immutable; safe for use by several threads.
 */
public final class Predictor {
    static {
        TrustedRecords.install();
    }

    private static final int PROBE_WORDS = 100;

    private final ModelVersion version;
    private final List<Dense> layers;
    private final Optional<Wide> wide;
    private final Head head;

    private Predictor(ModelVersion version, List<Dense> layers, Optional<Wide> wide) {
        this.version = version;
        this.layers = layers;
        this.wide = wide;
        head = Head.of(version);
    }

    /**
     * Checks the version (seal, sizes, finite numbers and answers, task, self-test) and makes it ready to answer.
     *
     * @throws InvalidModelException naming what does not fit
     */
    public static Predictor of(ModelVersion version) {
        ModelChecks.checkSeal(version);
        return ofUnsealed(version);
    }

    /** As {@link #of}, for a version in the making that carries no seal yet. */
    public static Predictor ofUnsealed(ModelVersion version) {
        ModelChecks.checkHead(version);
        List<Dense> layers = ModelChecks.layersOf(version);
        int outputs = layers.get(layers.size() - 1).outputs();
        Predictor predictor = new Predictor(version, layers, ModelChecks.wideOf(version, outputs));
        predictor.probe();
        predictor.selfTest();
        return predictor;
    }

    public ModelVersion version() {
        return version;
    }

    public Task task() {
        return version.getTask();
    }

    /** Labels in the order of the answers; none for REGRESSION. */
    public List<String> labels() {
        return version.getLabels();
    }

    /** How many numbers {@link #predict} wants. */
    public int inputs() {
        return layers.get(0).inputs();
    }

    /** Whether the version reads a text's words beside its vector, so that {@link #predict(float[])} has no answer. */
    public boolean readsWords() {
        return wide.isPresent();
    }

    /**
     * For versions that read no words.
     *
     * @param input a vector of {@link #inputs()} finite numbers, from the version's embedding space
     * @return a probability for each label, in the order of {@link #labels()}, adding up to 1; for REGRESSION one number, the
     *     value in the targets' unit
     * @throws IllegalArgumentException if the vector has another length, or the version {@link #readsWords() reads words}
     */
    public float[] predict(float[] input) {
        if (readsWords()) {
            throw new IllegalArgumentException(
                    "the model reads words beside the vector: it needs the text that was embedded");
        }
        return predict(input, WordCounts.NONE);
    }

    /**
     * As {@link #predict(float[])}, for any version.
     *
     * @param text that the vector was made of, as it was embedded; not looked at by a version that reads no words
     */
    public float[] predict(float[] input, String text) {
        return predict(input, readsWords() ? WordCounts.of(text) : WordCounts.NONE);
    }

    /**
     * As {@link #predict(float[], String)}, for those who keep the counted words of a text rather than the text.
     *
     * @param words not looked at by a version that reads none
     */
    public float[] predict(float[] input, WordCounts words) {
        if (input.length != inputs()) {
            throw new IllegalArgumentException(
                    "the model reads " + inputs() + " numbers, the vector has " + input.length);
        }
        float[] values = input;
        for (Dense layer : layers.subList(0, layers.size() - 1)) {
            values = layer.apply(values);
        }
        Dense last = layers.get(layers.size() - 1);
        return head.answer(wide.isPresent() ? last.apply(values, wide.get().sums(words)) : last.apply(values));
    }

    /**
     * The label that these probabilities mean: the most likely one, the first of equals; of two labels the second one from the
     * version's threshold on.
     *
     * @param probabilities of {@link #predict}, for a task that has labels
     * @return an index in {@link #labels()}
     */
    public int choice(float[] probabilities) {
        return head.choice(probabilities);
    }

    /** The index of the largest number; the first of equals. */
    public static int argMax(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }

    /** Its own answers to a few vectors of length 1: for a version that comes without a self-test. */
    public List<SelfTest> selfTestOfItsOwn() {
        List<SelfTest> tests = new ArrayList<>();
        for (float[] probe : Probes.of(inputs())) {
            WordCounts words = probeWords(tests.size());
            tests.add(SelfTest.newBuilder()
                    .setInput(Vectors.toBytes(probe))
                    .setOutput(Vectors.toBytes(predict(probe, words)))
                    .setWords(words.toBytes())
                    .build());
        }
        return tests;
    }

    private void probe() {
        int number = 0;
        for (float[] probe : Probes.of(inputs())) {
            ModelChecks.check(
                    Vectors.allFinite(predict(probe, probeWords(number++))),
                    "the weights are so large that an answer to a vector of length 1 is not finite");
        }
    }

    /** About as many words as a text has, others each time. */
    private WordCounts probeWords(int number) {
        return wide.map(words -> words.some(number, 1 + words.words() / PROBE_WORDS))
                .orElse(WordCounts.NONE);
    }

    private void selfTest() {
        int number = 0;
        for (SelfTest test : version.getSelfTest()) {
            ModelChecks.check(
                    test.getOutput().remaining() % Float.BYTES == 0,
                    "self-test output " + number + " has " + test.getOutput().remaining() + " bytes, a number takes "
                            + Float.BYTES);
            float[] wanted = Vectors.fromBytes(test.getOutput());
            float[] input = ModelChecks.sized("self-test input " + number, test.getInput(), inputs());
            float[] got = predict(input, ModelChecks.words("self-test words " + number, test.getWords()));
            ModelChecks.check(
                    wanted.length == got.length,
                    "self-test " + number + " has " + wanted.length + " outputs, the network " + got.length);
            for (int i = 0; i < got.length; i++) {
                ModelChecks.check(
                        Math.abs(wanted[i] - got[i]) <= head.tolerance(wanted[i]),
                        "self-test " + number + ": output " + i + " is " + got[i] + " here, the trainer got "
                                + wanted[i]);
            }
            number++;
        }
    }
}
