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
    private final List<FastLayer> layers = new ArrayList<>();
    private final HeadLoss head;

    /** The loss that is told, the same as on examples held out; smoothing changes only where a step goes. */
    private final HeadLoss told;

    private final Dropout dropout;
    private Passes passes;
    private int steps;

    TrainableNetwork(NetworkPlan plan) {
        this(plan, 0);
    }

    /** @param labelSmoothing of {@link HeadLoss} */
    TrainableNetwork(NetworkPlan plan, double labelSmoothing) {
        this.plan = plan;
        defined = new DefinedNetwork(plan);
        for (int layer = 0; layer < plan.layers(); layer++) {
            layers.add(new FastLayer(plan.inputs(layer), plan.outputs(layer), plan.optimizer()));
        }
        restore(defined.weights());
        head = new HeadLoss(plan.task(), labelSmoothing);
        told = new HeadLoss(plan.task(), 0);
        dropout = new Dropout(plan.dropout(), plan.seed());
        passes = new Passes(layers, plan.activation(), dropout, 1);
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
        int batch = vectors.length;
        float[][] outputs = forward(vectors, true);
        float[][] errors = new float[batch][];
        double loss = 0;
        add(beside, outputs);
        for (int row = 0; row < batch; row++) {
            head.answer(outputs[row]);
            loss += weights[row] * told.loss(outputs[row], truths[row]);
            errors[row] = head.errors(outputs[row], truths[row], weights[row] / batch);
            for (int i = 0; i < errors[row].length; i++) {
                passes.errors()[i * batch + row] = errors[row][i];
            }
        }
        steps++;
        passes.backward(batch, (float) (2 * plan.l2()), (float) plan.optimizer().rate(steps));
        return new Step(loss / batch, outputs, errors);
    }

    /** After the last activation: [vector][output]. */
    float[][] outputs(float[][] vectors) {
        return outputs(vectors, NOTHING);
    }

    /** The same with something added to the last layer's sums, [vector][output]; or empty. */
    float[][] outputs(float[][] vectors, float[][] beside) {
        return outputs(vectors, beside, 1);
    }

    /** @param temperature what the last layer's sums are divided by then; 1 changes nothing */
    float[][] outputs(float[][] vectors, float[][] beside, double temperature) {
        float[][] outputs = forward(vectors, false);
        add(beside, outputs);
        for (float[] row : outputs) {
            for (int i = 0; i < row.length; i++) {
                row[i] = (float) (row[i] / temperature);
            }
            head.answer(row);
        }
        return outputs;
    }

    /** What the last layer gives before its activation: [vector][output]. */
    float[][] sums(float[][] vectors) {
        return forward(vectors, false);
    }

    /**
     * DL4J's own answers, slower, for those who check theirs by them.
     *
     * @param temperature what the last layer's sums are divided by first; 1 changes nothing
     * @return after the last activation: [vector][output]
     */
    float[][] outputs(float[][] vectors, double temperature) {
        defined.assign(weights());
        return defined.outputs(vectors, temperature);
    }

    /** The last layer's sums: [vector][output]. */
    private float[][] forward(float[][] vectors, boolean learning) {
        int batch = vectors.length;
        if (!passes.hold(batch)) {
            passes = new Passes(layers, plan.activation(), dropout, batch);
        }
        passes.forward(vectors, learning);
        float[][] sums = new float[batch][plan.outputs(plan.layers() - 1)];
        for (int row = 0; row < batch; row++) {
            for (int i = 0; i < sums[row].length; i++) {
                sums[row][i] = passes.sums()[i * batch + row];
            }
        }
        return sums;
    }

    private static void add(float[][] beside, float[][] sums) {
        for (int row = 0; row < beside.length; row++) {
            for (int i = 0; i < sums[row].length; i++) {
                sums[row][i] += beside[row][i];
            }
        }
    }

    /** A copy of all weights and biases, for {@link #restore}. */
    float[] weights() {
        float[] parameters = new float[Math.toIntExact(plan.parameters())];
        int at = 0;
        for (int layer = 0; layer < plan.layers(); layer++) {
            layers.get(layer).write(parameters, at);
            at += (int) plan.parameters(layer);
        }
        return parameters;
    }

    /** The optimizer goes on as if nothing had happened. */
    void restore(float[] weights) {
        int at = 0;
        for (int layer = 0; layer < plan.layers(); layer++) {
            layers.get(layer).read(weights, at);
            at += (int) plan.parameters(layer);
        }
    }

    /** Numbers of a vector. */
    int inputs() {
        return plan.inputs(0);
    }

    /** All weights and biases. */
    long parameters() {
        return plan.parameters();
    }

    /** The network as a version carries it. */
    DenseNetwork asRecord() {
        float[] parameters = weights();
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
