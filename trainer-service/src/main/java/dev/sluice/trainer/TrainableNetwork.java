package dev.sluice.trainer;

import dev.sluice.schemas.DenseLayer;
import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A network as DL4J defines it, stepped without DL4J: two multiplications by OpenBLAS a layer, and one loop over its
 * parameters. DL4J's own step takes several times as long, in an optimizer of many passes and in multiplications whose results
 * it has already or never needs. The same seed, batches and machine give the same bits. To be used by one thread.
 */
final class TrainableNetwork {
    private static final float[][] NOTHING = {};

    private final NetworkPlan plan;
    private final DefinedNetwork defined;
    private final float[] parameters;
    private final List<FastLayer> layers = new ArrayList<>();
    private final HeadLoss head;
    private final Update update;
    private final Dropout dropout;
    private Passes passes;

    TrainableNetwork(NetworkPlan plan) {
        this.plan = plan;
        defined = new DefinedNetwork(plan);
        parameters = defined.weights();
        int at = 0;
        for (int layer = 0; layer < plan.layers(); layer++) {
            layers.add(new FastLayer(plan.inputs(layer), plan.outputs(layer), parameters, at));
            at += (int) plan.parameters(layer);
        }
        layers.forEach(FastLayer::parametersChanged);
        head = new HeadLoss(plan.task());
        update = Update.of(plan.optimizer(), parameters.length);
        dropout = new Dropout(plan.dropout(), plan.seed());
        passes = new Passes(plan, layers, 0);
    }

    /**
     * What a step found before it changed the weights.
     *
     * @param loss the batch's mean, without what L2 adds; a value's is its squared error on the scale it was given on
     * @param outputs [example][output], after the last activation
     * @param errors what the mean loss changes by with each of the last layer's sums: [example][output]
     */
    @SuppressWarnings("ArrayRecordComponent") // read at once, never compared
    record Step(double loss, float[][] outputs, float[][] errors) {}

    /** One step with nothing beside the network. */
    Step fit(float[][] vectors, float[] truths, float[] weights) {
        return fit(vectors, truths, weights, NOTHING);
    }

    /**
     * One step.
     *
     * @param vectors one or more, each as long as the input is wide
     * @param truths an example: the label's index; 0 or 1; or the value
     * @param weights of the examples, 0 or more; 1 is plain, and the loss is divided by the number of examples whatever they
     *     weigh, as in Keras
     * @param beside what something beside the network adds to the last layer's sums, [example][output]; or empty
     */
    Step fit(float[][] vectors, float[] truths, float[] weights, float[][] beside) {
        int rows = vectors.length;
        passesFor(rows).read(vectors);
        passes.forward(rows, dropout);
        SharedMatrix last = passes.lastSums();
        add(beside, last);
        head.answer(last.values(), rows, last.columns(), 1);
        SharedMatrix errors = passes.lastErrors();
        double loss = head.compare(last.values(), last.columns(), truths, weights, errors.values());
        Step step = new Step(loss, rowsOf(last, rows), rowsOf(errors, rows));
        update.nextStep();
        passes.backward(rows, (float) (2 * plan.l2()), update);
        return step;
    }

    /** After the last activation: [vector][output]. */
    float[][] outputs(float[][] vectors) {
        return outputs(vectors, NOTHING);
    }

    /** The same with something added to the last layer's sums, [vector][output]; or empty. */
    float[][] outputs(float[][] vectors, float[][] beside) {
        SharedMatrix last = forward(vectors);
        add(beside, last);
        head.answer(last.values(), vectors.length, last.columns(), 1);
        return rowsOf(last, vectors.length);
    }

    /** What the last layer gives before its activation: [vector][output]. */
    float[][] sums(float[][] vectors) {
        return rowsOf(forward(vectors), vectors.length);
    }

    /**
     * DL4J's own answers, slower, for those who check theirs by them.
     *
     * @param temperature what the last layer's sums are divided by first; 1 changes nothing
     * @return after the last activation: [vector][output]
     */
    float[][] outputs(float[][] vectors, double temperature) {
        defined.assign(parameters);
        return defined.outputs(vectors, temperature);
    }

    private SharedMatrix forward(float[][] vectors) {
        passesFor(vectors.length).read(vectors);
        passes.forward(vectors.length);
        return passes.lastSums();
    }

    /** Room for the largest batch so far. */
    private Passes passesFor(int rows) {
        if (!passes.hold(rows)) {
            passes = new Passes(plan, layers, rows);
        }
        return passes;
    }

    private static void add(float[][] beside, SharedMatrix sums) {
        int columns = sums.columns();
        for (int row = 0; row < beside.length; row++) {
            for (int i = 0; i < columns; i++) {
                sums.values()[row * columns + i] += beside[row][i];
            }
        }
    }

    private static float[][] rowsOf(SharedMatrix matrix, int rows) {
        int columns = matrix.columns();
        float[][] copy = new float[rows][];
        for (int row = 0; row < rows; row++) {
            copy[row] = Arrays.copyOfRange(matrix.values(), row * columns, (row + 1) * columns);
        }
        return copy;
    }

    /** A copy of all weights and biases, for {@link #restore}. */
    float[] weights() {
        return parameters.clone();
    }

    /** The optimizer goes on as if nothing had happened. */
    void restore(float[] weights) {
        System.arraycopy(weights, 0, parameters, 0, parameters.length);
        layers.forEach(FastLayer::parametersChanged);
    }

    /** All weights and biases. */
    long parameters() {
        return plan.parameters();
    }

    /** The network as a version carries it. */
    DenseNetwork asRecord() {
        List<DenseLayer> records = new ArrayList<>();
        int at = 0;
        for (int layer = 0; layer < plan.layers(); layer++) {
            int biasesAt = at + plan.inputs(layer) * plan.outputs(layer);
            int end = biasesAt + plan.outputs(layer);
            records.add(new DenseLayer(
                    plan.inputs(layer),
                    plan.outputs(layer),
                    plan.activation(layer),
                    Vectors.toBytes(Arrays.copyOfRange(parameters, at, biasesAt)),
                    Vectors.toBytes(Arrays.copyOfRange(parameters, biasesAt, end))));
            at = end;
        }
        return new DenseNetwork(records);
    }
}
