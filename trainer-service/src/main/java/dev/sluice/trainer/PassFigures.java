package dev.sluice.trainer;

import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Task;
import java.util.OptionalDouble;

/**
 * The figures of one pass over examples, taken from a network's outputs as they come: what Keras prints for an epoch. Cheap
 * enough to be kept beside every batch. Not thread-safe.
 */
final class PassFigures {
    private final LearningTask task;
    private final RocCurve roc = new RocCurve();
    private long examples;
    private long right;
    private double losses;
    private double distances;

    PassFigures(LearningTask task) {
        this.task = task;
    }

    /**
     * @param outputs of the network, after the activation: one row an example
     * @param truths of {@link LearningTask#truthOf}, one an example
     */
    void add(float[][] outputs, float[] truths) {
        for (int i = 0; i < outputs.length; i++) {
            add(outputs[i], truths[i]);
        }
    }

    private void add(float[] output, float truth) {
        examples++;
        switch (task.task()) {
            case REGRESSION -> {
                double error = (double) output[0] - truth;
                losses += error * error;
                distances += Math.abs(error);
            }
            case BINARY -> {
                losses -= logarithm(truth == LearningTask.UNKNOWN ? 0 : truth == 1 ? output[0] : 1 - output[0]);
                if (truth != LearningTask.UNKNOWN) {
                    roc.add(output[0], truth == 1);
                    right += output[0] >= ThresholdPolicy.HALF == (truth == 1) ? 1 : 0;
                }
            }
            default -> {
                losses -= logarithm(truth == LearningTask.UNKNOWN ? 0 : output[(int) truth]);
                right += Predictor.argMax(output) == (int) truth ? 1 : 0;
            }
        }
    }

    private static double logarithm(double probability) {
        return Math.log(Math.max(probability, LabelScores.LEAST_PROBABILITY));
    }

    /** Mean loss: cross-entropy in nats, or the squared error in the targets' unit squared. */
    double loss() {
        return losses / examples * task.lossUnit();
    }

    /** Share answered right, 0 to 1; of two labels from a probability of 0.5 on; 0 for REGRESSION. */
    double accuracy() {
        return (double) right / examples;
    }

    /** Of BINARY, if both labels occur. */
    OptionalDouble auc() {
        return roc.auc();
    }

    /** Of REGRESSION, in the targets' unit. */
    OptionalDouble meanAbsoluteError() {
        return task.task() == Task.REGRESSION
                ? OptionalDouble.of(distances / examples * task.deviation())
                : OptionalDouble.empty();
    }
}
