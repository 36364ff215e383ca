package dev.sluice.trainer;

import dev.sluice.schemas.Activation;

/**
 * The loss of a network in the plainest way, in 64 bits, one example after the other: only sums, no gradient. Differences of
 * it are the gradient that a step has to find.
 */
final class DoubleNetwork {
    private final NetworkPlan plan;
    private final float[][] vectors;
    private final float[] truths;
    private final float[] weights;
    private final float[][] beside;

    /** Of each hidden layer, what its values are multiplied by, [unit][example]; drawn as the first step draws it. */
    private final float[][] factors;

    DoubleNetwork(NetworkPlan plan, float[][] vectors, float[] truths, float[] weights, float[][] beside) {
        this.plan = plan;
        this.vectors = vectors;
        this.truths = truths;
        this.weights = weights;
        this.beside = beside;
        factors = new float[plan.layers() - 1][];
        Dropout dropout = new Dropout(plan.dropout(), plan.seed());
        for (int layer = 0; layer < factors.length; layer++) {
            factors[layer] = new float[plan.outputs(layer) * vectors.length];
            dropout.draw(factors[layer], factors[layer].length);
        }
    }

    /** @param penalised whether L2 counts */
    double loss(double[] parameters, boolean penalised) {
        double loss = 0;
        for (int row = 0; row < vectors.length; row++) {
            loss += weights[row] * lossOf(row, parameters) / vectors.length;
        }
        return penalised ? loss + plan.l2() * squares(parameters) : loss;
    }

    private double squares(double[] parameters) {
        double sum = 0;
        int at = 0;
        for (int layer = 0; layer < plan.layers(); layer++) {
            for (int i = at; i < at + plan.inputs(layer) * plan.outputs(layer); i++) {
                sum += parameters[i] * parameters[i];
            }
            at += (int) plan.parameters(layer);
        }
        return sum;
    }

    private double lossOf(int row, double[] parameters) {
        double[] values = new double[vectors[row].length];
        for (int i = 0; i < values.length; i++) {
            values[i] = vectors[row][i];
        }
        int at = 0;
        for (int layer = 0; layer < plan.layers(); layer++) {
            double[] sums = new double[plan.outputs(layer)];
            for (int i = 0; i < sums.length; i++) {
                sums[i] = parameters[at + sums.length * values.length + i];
                for (int j = 0; j < values.length; j++) {
                    sums[i] += parameters[at + i * values.length + j] * values[j];
                }
                if (layer < factors.length) {
                    sums[i] = value(plan.activation(layer), sums[i]) * factors[layer][i * vectors.length + row];
                } else if (beside.length > 0) {
                    sums[i] += beside[row][i];
                }
            }
            at += (int) plan.parameters(layer);
            values = sums;
        }
        return cost(values, truths[row]);
    }

    private static double value(Activation activation, double sum) {
        return switch (activation) {
            case RELU -> Math.max(sum, 0);
            case TANH -> Math.tanh(sum);
            case SIGMOID -> 1 / (1 + Math.exp(-sum));
            default -> sum;
        };
    }

    private double cost(double[] sums, float truth) {
        return switch (plan.task()) {
            case REGRESSION -> (sums[0] - truth) * (sums[0] - truth);
            case BINARY -> Math.log1p(Math.exp(truth > 0 ? -sums[0] : sums[0]));
            default -> {
                double powers = 0;
                for (double sum : sums) {
                    powers += Math.exp(sum - sums[(int) truth]);
                }
                yield Math.log(powers);
            }
        };
    }
}
