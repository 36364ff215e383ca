package dev.sluice.trainer;

import java.util.Arrays;

/**
 * A dense layer's three multiplications. Its parameters are a part of one array: the weights, row by row of [output][input],
 * then the biases. The gradient is made and used block by block of some outputs, so that it need not leave the processor's
 * cache; whatever the batch, the blocks are the same.
 */
final class FastLayer {
    /** 192 KiB: beside it, the same part of the parameters and of two moments fits into a cache of 1 MiB. */
    private static final int NUMBERS_A_BLOCK = 48 * 1024;

    private final int inputs;
    private final int outputs;
    private final float[] parameters;
    private final int weightsAt;
    private final int biasesAt;
    private final SharedMatrix weights;
    private final SharedMatrix gradient;
    private final float[] biasGradient;
    private final int blockOutputs;

    /** @param at where its weights begin */
    FastLayer(int inputs, int outputs, float[] parameters, int at) {
        this.inputs = inputs;
        this.outputs = outputs;
        this.parameters = parameters;
        weightsAt = at;
        biasesAt = at + inputs * outputs;
        blockOutputs = Math.min(outputs, Math.max(1, NUMBERS_A_BLOCK / inputs));
        weights = new SharedMatrix(outputs, inputs, false);
        gradient = new SharedMatrix(blockOutputs, inputs, true);
        biasGradient = new float[outputs];
    }

    int inputs() {
        return inputs;
    }

    int outputs() {
        return outputs;
    }

    /** To be called after its parameters were changed from outside. */
    void parametersChanged() {
        weights.push(0, parameters, weightsAt, outputs);
    }

    /** @param input its first rows, in native memory */
    void sum(SharedMatrix input, SharedMatrix sums, int rows) {
        sums.multiplyByTransposed(input, weights, rows);
        sums.pull(rows);
        float[] values = sums.values();
        for (int row = 0; row < rows; row++) {
            int from = row * outputs;
            for (int i = 0; i < outputs; i++) {
                values[from + i] += parameters[biasesAt + i];
            }
        }
    }

    /** @param inputErrors what the loss changes by with each input: written, in both memories */
    void passBack(SharedMatrix errors, SharedMatrix inputErrors, int rows) {
        inputErrors.multiply(errors, weights, rows);
        inputErrors.pull(rows);
    }

    /**
     * Moves its parameters.
     *
     * @param errors what the loss changes by with each sum, in both memories
     * @param pull how much a weight, for each unit that it is away from 0, adds to its gradient
     */
    void update(SharedMatrix input, SharedMatrix errors, int rows, float pull, Update update) {
        for (int from = 0; from < outputs; from += blockOutputs) {
            int block = Math.min(blockOutputs, outputs - from);
            int count = block * inputs;
            int at = weightsAt + from * inputs;
            gradient.multiplyTransposed(errors, from, block, input, rows);
            gradient.pull(block);
            if (pull > 0) {
                addPull(at, count, pull);
            }
            update.apply(parameters, at, gradient.values(), count);
            weights.push(from, parameters, at, block);
        }
        sumColumns(errors.values(), rows);
        update.apply(parameters, biasesAt, biasGradient, outputs);
    }

    private void addPull(int at, int count, float pull) {
        float[] values = gradient.values();
        for (int i = 0; i < count; i++) {
            values[i] += pull * parameters[at + i];
        }
    }

    private void sumColumns(float[] errors, int rows) {
        Arrays.fill(biasGradient, 0f);
        for (int row = 0; row < rows; row++) {
            int from = row * outputs;
            for (int i = 0; i < outputs; i++) {
                biasGradient[i] += errors[from + i];
            }
        }
    }
}
