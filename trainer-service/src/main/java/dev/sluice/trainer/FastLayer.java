package dev.sluice.trainer;

import java.util.ArrayList;
import java.util.List;

/** A dense layer, as blocks of its outputs. Numbers of a batch stand [unit][example], so that a block's are together. */
final class FastLayer {
    /** Products of a weight and a number that OpenBLAS multiplies without copying them first: its own limit. */
    private static final int MULTIPLIED_IN_ONE_GO = 1_000_000;

    private static final int USUAL_BATCH = 32;

    /** Outputs that OpenBLAS works on at a time. */
    private static final int OUTPUTS_AT_A_TIME = 16;

    private final int inputs;
    private final int outputs;
    private final List<OutputBlock> blocks = new ArrayList<>();
    private final SharedNumbers gradient;

    FastLayer(int inputs, int outputs, Optimizer optimizer) {
        this.inputs = inputs;
        this.outputs = outputs;
        int fitting = MULTIPLIED_IN_ONE_GO / USUAL_BATCH / inputs / OUTPUTS_AT_A_TIME * OUTPUTS_AT_A_TIME;
        int size = Math.min(Math.max(fitting, OUTPUTS_AT_A_TIME), outputs);
        for (int from = 0; from < outputs; from += size) {
            blocks.add(new OutputBlock(inputs, Math.min(size, outputs - from), from, optimizer));
        }
        gradient = new SharedNumbers(size * inputs);
    }

    int inputs() {
        return inputs;
    }

    int outputs() {
        return outputs;
    }

    /**
     * From one array of all parameters: a layer's weights, row by row of [output][input], then its biases.
     *
     * @param at where this layer's begin
     */
    void read(float[] parameters, int at) {
        blocks.forEach(block -> block.read(parameters, at, at + inputs * outputs));
    }

    /** To one array of all parameters, likewise. */
    void write(float[] parameters, int at) {
        blocks.forEach(block -> block.write(parameters, at, at + inputs * outputs));
    }

    /**
     * @param read [input][example], in native memory
     * @param sums [output][example]: written, for Java to see
     */
    void sum(SharedNumbers read, SharedNumbers sums, int batch) {
        for (OutputBlock block : blocks) {
            block.multiply(read, sums, batch);
        }
        sums.pull(outputs * batch);
        for (OutputBlock block : blocks) {
            block.addBiases(sums.values(), batch);
        }
    }

    /**
     * @param errors what the loss changes by with each sum: [output][example], in native memory
     * @param inputErrors the same with each input: [input][example], written, for Java to see
     */
    void passBack(SharedNumbers errors, SharedNumbers inputErrors, int batch) {
        for (OutputBlock block : blocks) {
            block.passBack(errors, inputErrors, batch);
        }
        inputErrors.pull(inputs * batch);
    }

    /**
     * Moves its parameters.
     *
     * @param read [example][input], unlike elsewhere, in native memory
     * @param errors [output][example], in both memories
     * @param pull what a weight adds to its gradient for each unit that it is away from 0
     */
    void update(SharedNumbers read, SharedNumbers errors, int batch, float pull, float rate) {
        for (OutputBlock block : blocks) {
            block.update(read, errors, gradient, batch, pull, rate);
        }
    }
}
