package dev.sluice.trainer;

import dev.sluice.schemas.Task;

/**
 * The end of a network: what makes answers of the last layer's sums, what they cost, and how the cost changes with the sums.
 * For all three tasks that change is simply answer minus truth (twice that for the squared error), since each activation
 * is the one that belongs to its loss. Pure.
 *
 * <p>Source of the smoothing: Szegedy et al., Rethinking the Inception Architecture for Computer Vision (2016), section 7.
 *
 * @param smoothing the share of each truth that is spread evenly over all labels, 0 to below 1, as in Keras; nothing to a
 *     regression
 */
record HeadLoss(Task task, double smoothing) {
    /** Where DL4J cuts a probability off before the logarithm, of several labels and of two. */
    private static final double LEAST_OF_MANY = 1e-10;

    private static final double LEAST_OF_TWO = 1e-7;

    /**
     * Makes an example's answers of its sums, in place: one an output.
     */
    void answer(float[] sums) {
        switch (task) {
            case REGRESSION -> {
                // the sum is the value
            }
            case BINARY -> sums[0] = (float) (1 / (1 + Math.exp(-sums[0])));
            default -> softmax(sums);
        }
    }

    private static void softmax(float[] sums) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float sum : sums) {
            largest = Math.max(largest, sum);
        }
        double total = 0;
        for (int i = 0; i < sums.length; i++) {
            double power = Math.exp(sums[i] - largest);
            total += power;
            sums[i] = (float) power;
        }
        for (int i = 0; i < sums.length; i++) {
            sums[i] = (float) (sums[i] / total);
        }
    }

    /**
     * What an example's answers cost.
     *
     * @param truth the label's index, 0 or 1, or the value
     */
    double loss(float[] answers, float truth) {
        return switch (task) {
            case REGRESSION -> ((double) answers[0] - truth) * ((double) answers[0] - truth);
            case BINARY -> {
                double wanted = wanted(0, 2, truth);
                yield cost(wanted, answers[0], LEAST_OF_TWO) + cost(1 - wanted, 1.0 - answers[0], LEAST_OF_TWO);
            }
            default -> {
                double loss = 0;
                for (int i = 0; i < answers.length; i++) {
                    loss += cost(wanted(i, answers.length, truth), answers[i], LEAST_OF_MANY);
                }
                yield loss;
            }
        };
    }

    /** What an output is to be, with its share of what is spread. */
    private double wanted(int output, int labels, float truth) {
        double plain = task == Task.MULTICLASS ? (output == (int) truth ? 1 : 0) : truth;
        return plain * (1 - smoothing) + smoothing / labels;
    }

    /** Nothing times any logarithm is nothing. */
    private static double cost(double wanted, double answer, double least) {
        return wanted == 0 ? 0 : -wanted * Math.log(Math.max(answer, least));
    }

    /**
     * What the loss changes by with each of an example's sums.
     *
     * @param share what it is multiplied by
     */
    float[] errors(float[] answers, float truth, float share) {
        float[] errors = new float[answers.length];
        for (int i = 0; i < errors.length; i++) {
            errors[i] = switch (task) {
                case REGRESSION -> 2 * share * (answers[i] - truth);
                case BINARY -> share * (answers[i] - (float) wanted(i, 2, truth));
                default -> share * (answers[i] - (float) wanted(i, answers.length, truth));
            };
        }
        return errors;
    }
}
