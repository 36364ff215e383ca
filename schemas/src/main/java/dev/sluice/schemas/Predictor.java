package dev.sluice.schemas;

import java.util.List;

/**
 * The one forward pass: the stream serves with it, and the trainer scores with it, so that both always agree. Built from
 * a version that is checked whole before it may answer. Immutable; safe for use by several threads.
 */
public final class Predictor {
    static {
        TrustedRecords.install();
    }

    /** How far a probability may lie from the trainer's own, absolute; a value, in the unit of its head. */
    static final float SELF_TEST_TOLERANCE = 1e-5f;

    private final ModelVersion version;
    private final List<Dense> layers;
    private final Head head;

    private Predictor(ModelVersion version, List<Dense> layers) {
        this.version = version;
        this.layers = layers;
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
        Predictor predictor = new Predictor(version, ModelChecks.layersOf(version));
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

    /**
     * @param input a vector of {@link #inputs()} finite numbers, from the version's embedding space
     * @return a probability for each label, in the order of {@link #labels()}, adding up to 1; for REGRESSION one number, the
     *     value in the targets' unit
     * @throws IllegalArgumentException if the vector has another length
     */
    public float[] predict(float[] input) {
        if (input.length != inputs()) {
            throw new IllegalArgumentException(
                    "the model reads " + inputs() + " numbers, the vector has " + input.length);
        }
        float[] values = input;
        for (Dense layer : layers) {
            values = layer.apply(values);
        }
        return head.answer(values);
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
        return Probes.of(inputs()).stream()
                .map(probe -> SelfTest.newBuilder()
                        .setInput(Vectors.toBytes(probe))
                        .setOutput(Vectors.toBytes(predict(probe)))
                        .build())
                .toList();
    }

    private void probe() {
        Probes.of(inputs())
                .forEach(probe -> ModelChecks.check(
                        Vectors.allFinite(predict(probe)),
                        "the weights are so large that an answer to a vector of length 1 is not finite"));
    }

    private void selfTest() {
        int number = 0;
        for (SelfTest test : version.getSelfTest()) {
            float[] wanted = Vectors.fromBytes(test.getOutput());
            float[] got = predict(ModelChecks.sized("self-test input " + number, test.getInput(), inputs()));
            ModelChecks.check(
                    wanted.length == got.length,
                    "self-test " + number + " has " + wanted.length + " outputs, the network " + got.length);
            for (int i = 0; i < got.length; i++) {
                ModelChecks.check(
                        Math.abs(wanted[i] - got[i]) <= SELF_TEST_TOLERANCE * head.unit(),
                        "self-test " + number + ": output " + i + " is " + got[i] + " here, the trainer got "
                                + wanted[i]);
            }
            number++;
        }
    }
}
