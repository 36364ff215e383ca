package dev.sluice.trainer;

import dev.sluice.schemas.Activation;
import java.util.ArrayList;
import java.util.List;

/**
 * A batch on its way through the layers and back. What it needs room for is allocated once, for batches up to a size, since
 * a step is too short to clear megabytes for.
 */
final class Passes {
    private final List<FastLayer> layers;
    private final Activation activation;
    private final int rows;
    private final SharedMatrix input;

    /** Of each layer: its sums, then its values; what the loss changes by with each sum. */
    private final List<SharedMatrix> values = new ArrayList<>();

    private final List<SharedMatrix> errors = new ArrayList<>();

    /** Of each hidden layer: what a step multiplies its values by, and the products, which the next layer reads. */
    private final List<float[]> factors = new ArrayList<>();

    private final List<SharedMatrix> thinned = new ArrayList<>();

    /** @param rows the largest batch */
    Passes(NetworkPlan plan, List<FastLayer> layers, int rows) {
        this.layers = layers;
        this.rows = rows;
        activation = plan.activation();
        input = new SharedMatrix(rows, plan.inputs(0));
        for (int layer = 0; layer < plan.layers(); layer++) {
            values.add(new SharedMatrix(rows, plan.outputs(layer)));
            errors.add(new SharedMatrix(rows, plan.outputs(layer)));
            if (plan.dropout() > 0 && layer < plan.layers() - 1) {
                factors.add(new float[rows * plan.outputs(layer)]);
                thinned.add(new SharedMatrix(rows, plan.outputs(layer)));
            }
        }
    }

    boolean hold(int batch) {
        return batch <= rows;
    }

    void read(float[][] vectors) {
        int columns = input.columns();
        for (int row = 0; row < vectors.length; row++) {
            System.arraycopy(vectors[row], 0, input.values(), row * columns, columns);
        }
        input.push(vectors.length);
    }

    /** Up to the last layer's sums, as answers are given. */
    void forward(int batch) {
        for (int layer = 0; layer < layers.size(); layer++) {
            sum(layer, layer == 0 ? input : values.get(layer - 1), batch);
        }
    }

    /** The same with some of the hidden layers' values left out. */
    void forward(int batch, Dropout dropout) {
        for (int layer = 0; layer < layers.size(); layer++) {
            sum(layer, readBy(layer), batch);
            if (layer < thinned.size()) {
                thin(layer, batch, dropout);
            }
        }
    }

    private void sum(int layer, SharedMatrix read, int batch) {
        SharedMatrix sums = values.get(layer);
        layers.get(layer).sum(read, sums, batch);
        if (layer < layers.size() - 1) {
            HiddenActivation.apply(activation, sums.values(), batch * sums.columns());
            sums.push(batch);
        }
    }

    private void thin(int layer, int batch, Dropout dropout) {
        float[] all = values.get(layer).values();
        float[] left = thinned.get(layer).values();
        float[] factor = factors.get(layer);
        int count = batch * values.get(layer).columns();
        dropout.draw(factor, count);
        for (int i = 0; i < count; i++) {
            left[i] = all[i] * factor[i];
        }
        thinned.get(layer).push(batch);
    }

    /** What a layer reads in a step. */
    private SharedMatrix readBy(int layer) {
        if (layer == 0) {
            return input;
        }
        return thinned.isEmpty() ? values.get(layer - 1) : thinned.get(layer - 1);
    }

    /** The last layer's sums, or what was made of them. */
    SharedMatrix lastSums() {
        return values.get(values.size() - 1);
    }

    /** To be written before {@link #backward}. */
    SharedMatrix lastErrors() {
        return errors.get(errors.size() - 1);
    }

    /** Moves every layer's parameters, from the last errors. */
    void backward(int batch, float pull, Update update) {
        lastErrors().push(batch);
        for (int layer = layers.size() - 1; layer >= 0; layer--) {
            if (layer > 0) {
                passBack(layer, batch); // by the weights as they were
            }
            layers.get(layer).update(readBy(layer), errors.get(layer), batch, pull, update);
        }
    }

    private void passBack(int layer, int batch) {
        SharedMatrix below = errors.get(layer - 1);
        layers.get(layer).passBack(errors.get(layer), below, batch);
        int count = batch * below.columns();
        if (!thinned.isEmpty()) {
            float[] factor = factors.get(layer - 1);
            for (int i = 0; i < count; i++) {
                below.values()[i] *= factor[i];
            }
        }
        HiddenActivation.timesSlope(activation, values.get(layer - 1).values(), below.values(), count);
        below.push(batch);
    }
}
