package dev.sluice.trainer;

import dev.sluice.schemas.Activation;
import java.util.ArrayList;
import java.util.List;

/**
 * A batch on its way through the layers and back. What it needs room for is allocated once, for batches up to a size, since
 * a step is too short to clear megabytes for. Numbers stand [unit][example] but where it says so.
 */
final class Passes {
    private final List<FastLayer> layers;
    private final Activation activation;
    private final Dropout dropout;
    private final int largestBatch;

    /** What each layer reads, and at the end the last layer's sums. */
    private final List<SharedNumbers> values = new ArrayList<>();

    /** What each layer reads, in native memory, [example][unit]: for its gradient. */
    private final List<SharedNumbers> examples = new ArrayList<>();

    /** What the loss changes by with each layer's sums. */
    private final List<SharedNumbers> errors = new ArrayList<>();

    /** What each hidden layer's values were multiplied by in this step, if some are left out. */
    private final List<float[]> factors = new ArrayList<>();

    Passes(List<FastLayer> layers, Activation activation, Dropout dropout, int largestBatch) {
        this.layers = layers;
        this.activation = activation;
        this.dropout = dropout;
        this.largestBatch = largestBatch;
        for (FastLayer layer : layers) {
            values.add(new SharedNumbers(layer.inputs() * largestBatch));
            examples.add(new SharedNumbers(layer.inputs() * largestBatch));
            errors.add(new SharedNumbers(layer.outputs() * largestBatch));
            factors.add(new float[dropout.leavesOut() ? layer.outputs() * largestBatch : 0]);
        }
        values.add(new SharedNumbers(layers.get(layers.size() - 1).outputs() * largestBatch));
    }

    boolean hold(int batch) {
        return batch <= largestBatch;
    }

    /**
     * Up to the last layer's sums.
     *
     * @param learning whether some of the hidden layers' values are left out
     */
    void forward(float[][] vectors, boolean learning) {
        int batch = vectors.length;
        int width = layers.get(0).inputs();
        for (int row = 0; row < batch; row++) {
            System.arraycopy(vectors[row], 0, examples.get(0).values(), row * width, width);
        }
        if (learning) {
            examples.get(0).push(batch * width);
        }
        values.get(0).becomeTransposed(examples.get(0), batch, width);
        for (int layer = 0; layer < layers.size(); layer++) {
            SharedNumbers sums = values.get(layer + 1);
            layers.get(layer).sum(values.get(layer), sums, batch);
            if (layer < layers.size() - 1) {
                int count = batch * layers.get(layer).outputs();
                HiddenActivation.apply(activation, sums.values(), count);
                if (learning && dropout.leavesOut()) {
                    dropout.draw(factors.get(layer), count);
                    multiply(sums.values(), factors.get(layer), count);
                }
                sums.push(count);
            }
        }
    }

    /** The last layer's sums. */
    float[] sums() {
        return values.get(layers.size()).values();
    }

    /** What the loss changes by with each of them: to be written before {@link #backward}. */
    float[] errors() {
        return errors.get(layers.size() - 1).values();
    }

    /** Moves every layer's parameters; each passes back by its weights as they were. */
    void backward(int batch, float pull, float rate) {
        int last = layers.size() - 1;
        errors.get(last).push(batch * layers.get(last).outputs());
        for (int layer = last; layer >= 0; layer--) {
            if (layer > 0) {
                examples.get(layer)
                        .becomeTransposed(values.get(layer), layers.get(layer).inputs(), batch);
                passBack(layer, batch);
            }
            layers.get(layer).update(examples.get(layer), errors.get(layer), batch, pull, rate);
        }
    }

    private void passBack(int layer, int batch) {
        SharedNumbers below = errors.get(layer - 1);
        layers.get(layer).passBack(errors.get(layer), below, batch);
        int count = batch * layers.get(layer).inputs();
        float[] read = values.get(layer).values();
        if (dropout.leavesOut()) {
            multiply(below.values(), factors.get(layer - 1), count);
            dropout.undo(read, count); // what was left out has no error, whatever its slope
        }
        HiddenActivation.timesSlope(activation, read, below.values(), count);
        below.push(count);
    }

    private static void multiply(float[] numbers, float[] factors, int count) {
        for (int i = 0; i < count; i++) {
            numbers[i] *= factors[i];
        }
    }
}
