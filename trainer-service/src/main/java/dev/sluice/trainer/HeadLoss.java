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
     * Makes answers of sums, in place: [example][output], row by row.
     *
     * @param temperature what the sums are divided by first; 1 changes nothing
     */
    void answer(float[] sums, int rows, int columns, double temperature) {
        switch (task) {
            case REGRESSION -> {
                for (int i = 0; i < rows * columns; i++) {
                    sums[i] = (float) (sums[i] / temperature);
                }
            }
            case BINARY -> {
                for (int i = 0; i < rows * columns; i++) {
                    sums[i] = (float) (1 / (1 + Math.exp(-sums[i] / temperature)));
                }
            }
            default -> {
                for (int row = 0; row < rows; row++) {
                    softmax(sums, row * columns, columns, temperature);
                }
            }
        }
    }

    private static void softmax(float[] sums, int from, int columns, double temperature) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = from; i < from + columns; i++) {
            largest = Math.max(largest, sums[i]);
        }
        double total = 0;
        for (int i = from; i < from + columns; i++) {
            double power = Math.exp((sums[i] - largest) / temperature);
            total += power;
            sums[i] = (float) power;
        }
        for (int i = from; i < from + columns; i++) {
            sums[i] = (float) (sums[i] / total);
        }
    }

    /**
     * @param answers as {@link #answer} leaves them
     * @param truths an example: the label's index, 0 or 1, or the value
     * @param weights of the examples; they do not enter the number that the mean is taken over
     * @param errors what the mean loss changes by with each sum: written
     * @return the mean loss
     */
    double compare(float[] answers, int columns, float[] truths, float[] weights, float[] errors) {
        int rows = truths.length;
        double loss = 0;
        for (int row = 0; row < rows; row++) {
            int from = row * columns;
            float share = weights[row] / rows;
            for (int i = from; i < from + columns; i++) {
                errors[i] = answers[i] * share;
            }
            switch (task) {
                case REGRESSION -> {
                    double error = answers[from] - truths[row];
                    errors[from] = (float) (2 * error * share);
                    loss += weights[row] * error * error;
                }
                case BINARY -> {
                    errors[from] = (answers[from] - truths[row]) * share;
                    double right = truths[row] > 0 ? answers[from] : 1.0 - answers[from];
                    loss -= weights[row] * Math.log(Math.max(right, LEAST_OF_TWO));
                }
                default -> {
                    int truth = from + (int) truths[row];
                    errors[truth] -= share;
                    loss -= weights[row] * Math.log(Math.max(answers[truth], LEAST_OF_MANY));
                }
            }
        }
        return loss / rows;
    }
}
