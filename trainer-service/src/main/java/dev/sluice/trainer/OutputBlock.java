package dev.sluice.trainer;

/**
 * Some outputs of a layer, and the three multiplications of a step for them. A block is small enough for its weights, their
 * gradient and the optimizer's memory to stay in the processor's cache from the multiplication to the update, and for
 * OpenBLAS to multiply it with a batch of 32 in one go, without first copying it into an order of its own.
 */
final class OutputBlock {
    private final int inputs;
    private final int outputs;
    private final int from;
    private final SharedNumbers weights;
    private final float[] biases;
    private final float[] biasGradient;
    private final Update weightUpdate;
    private final Update biasUpdate;

    /** @param from its first output in the layer */
    OutputBlock(int inputs, int outputs, int from, Optimizer optimizer) {
        this.inputs = inputs;
        this.outputs = outputs;
        this.from = from;
        weights = new SharedNumbers(outputs * inputs);
        biases = new float[outputs];
        biasGradient = new float[outputs];
        weightUpdate = Update.of(optimizer, outputs * inputs);
        biasUpdate = Update.of(optimizer, outputs);
    }

    /** From one array of all parameters. */
    void read(float[] parameters, int weightsAt, int biasesAt) {
        System.arraycopy(parameters, weightsAt + from * inputs, weights.values(), 0, outputs * inputs);
        System.arraycopy(parameters, biasesAt + from, biases, 0, outputs);
        weights.push(outputs * inputs);
    }

    /** To one array of all parameters. */
    void write(float[] parameters, int weightsAt, int biasesAt) {
        System.arraycopy(weights.values(), 0, parameters, weightsAt + from * inputs, outputs * inputs);
        System.arraycopy(biases, 0, parameters, biasesAt + from, outputs);
    }

    /**
     * In native memory, and without biases.
     *
     * @param read [input][example]
     * @param sums [output][example] of the whole layer
     */
    void multiply(SharedNumbers read, SharedNumbers sums, int batch) {
        sums.becomeProduct(from * batch, weights, 0, read, outputs, inputs, batch);
    }

    /** To sums that Java sees. */
    void addBiases(float[] sums, int batch) {
        for (int output = 0; output < outputs; output++) {
            float bias = biases[output];
            int at = (from + output) * batch;
            for (int i = at; i < at + batch; i++) {
                sums[i] += bias;
            }
        }
    }

    /**
     * In native memory: this block's part of what the loss changes by with each input.
     *
     * @param errors of the whole layer's sums: [output][example]
     */
    void passBack(SharedNumbers errors, SharedNumbers inputErrors, int batch) {
        inputErrors.addTransposedProduct(weights, errors, from * batch, inputs, outputs, batch, from == 0);
    }

    /**
     * Moves weights and biases.
     *
     * @param read [example][input], unlike elsewhere
     * @param errors of the whole layer's sums, in both memories: [output][example]
     * @param gradient room for the weights' gradient
     * @param pull what a weight adds to its gradient for each unit that it is away from 0
     */
    void update(SharedNumbers read, SharedNumbers errors, SharedNumbers gradient, int batch, float pull, float rate) {
        int count = outputs * inputs;
        gradient.becomeProduct(0, errors, from * batch, read, outputs, batch, inputs);
        gradient.pull(count);
        if (pull > 0) {
            addPull(weights.values(), gradient.values(), pull);
        }
        weightUpdate.apply(weights.values(), gradient.values(), rate);
        weights.push(count);
        sumErrors(errors.values(), batch);
        biasUpdate.apply(biases, biasGradient, rate);
    }

    private static void addPull(float[] weights, float[] gradient, float pull) {
        for (int i = 0; i < weights.length; i++) {
            gradient[i] += pull * weights[i];
        }
    }

    private void sumErrors(float[] errors, int batch) {
        for (int output = 0; output < outputs; output++) {
            float sum = 0;
            int at = (from + output) * batch;
            for (int i = at; i < at + batch; i++) {
                sum += errors[i];
            }
            biasGradient[output] = sum;
        }
    }
}
