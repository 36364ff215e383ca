package dev.sluice.trainer;

import dev.sluice.schemas.Task;

/**
 * The end of a network: what makes answers of the last layer's sums, what they cost, and how the cost changes with the sums.
 * For all three tasks that change is simply answer minus truth (twice that for the squared error), since each activation
 * is the one that belongs to its loss. Pure.
 */
record HeadLoss(Task task) {
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
            case BINARY -> -Math.log(Math.max(truth > 0 ? answers[0] : 1.0 - answers[0], LEAST_OF_TWO));
            default -> -Math.log(Math.max(answers[(int) truth], LEAST_OF_MANY));
        };
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
                case BINARY -> share * (answers[i] - truth);
                default -> share * (answers[i] - (i == (int) truth ? 1 : 0));
            };
        }
        return errors;
    }
}
