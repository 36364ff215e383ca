package dev.sluice.trainer;

import dev.sluice.schemas.Activation;
import dev.sluice.schemas.Task;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A dense network and how it is fitted. The task decides the end of it: softmax and cross-entropy over the labels; one
 * sigmoid unit and binary cross-entropy; or one linear unit and squared error.
 *
 * @param widths of the input, each hidden layer and the output: two or more, each 1 or more; the last is 1 unless the task
 *     is MULTICLASS
 * @param activation of the hidden layers: RELU, TANH, SIGMOID or IDENTITY
 * @param dropout share of each hidden layer's outputs that a step leaves out, 0 to below 1
 * @param l2 what the sum of all squared weights (not biases) counts in the loss that is minimised, 0 or more
 * @param seed of the first weights and of what is left out
 */
record NetworkPlan(
        List<Integer> widths,
        Task task,
        Activation activation,
        double dropout,
        double l2,
        Optimizer optimizer,
        long seed) {

    private static final Set<Activation> HIDDEN =
            EnumSet.of(Activation.RELU, Activation.TANH, Activation.SIGMOID, Activation.IDENTITY);

    NetworkPlan {
        widths = List.copyOf(widths);
        check(widths.size() >= 2 && widths.stream().allMatch(width -> width > 0), "widths", widths);
        check(task != Task.UNKNOWN, "a task", task);
        check(task == Task.MULTICLASS || widths.get(widths.size() - 1) == 1, "widths that end in 1", widths);
        check(HIDDEN.contains(activation), "a hidden layer's activation", activation);
        check(dropout >= 0 && dropout < 1, "a dropout", dropout);
        check(l2 >= 0 && Double.isFinite(l2), "an l2", l2);
    }

    private static void check(boolean holds, String what, Object value) {
        if (!holds) {
            throw new IllegalArgumentException("not " + what + ": " + value);
        }
    }

    /** Layers with weights: the hidden ones and the last. */
    int layers() {
        return widths.size() - 1;
    }

    int inputs(int layer) {
        return widths.get(layer);
    }

    int outputs(int layer) {
        return widths.get(layer + 1);
    }

    /** Weights and biases of one layer. */
    long parameters(int layer) {
        return (inputs(layer) + 1L) * outputs(layer);
    }

    /** All weights and biases. */
    long parameters() {
        long sum = 0;
        for (int layer = 0; layer < layers(); layer++) {
            sum += parameters(layer);
        }
        return sum;
    }

    Activation activation(int layer) {
        if (layer < layers() - 1) {
            return activation;
        }
        return switch (task) {
            case BINARY -> Activation.SIGMOID;
            case REGRESSION -> Activation.IDENTITY;
            default -> Activation.SOFTMAX;
        };
    }
}
