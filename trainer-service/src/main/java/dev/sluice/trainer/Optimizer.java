package dev.sluice.trainer;

/**
 * How a gradient moves the weights, as Keras means it. What it remembers of earlier steps is an {@link Update}'s.
 *
 * <p>Sources: Kingma and Ba, Adam (2015), with the small number outside of the corrected root as in its section 2; Loshchilov
 * and Hutter, Decoupled Weight Decay Regularization (2019).
 */
sealed interface Optimizer {
    /** Keras' defaults. */
    double FIRST_MOMENT = 0.9;

    double SECOND_MOMENT = 0.999;
    double EPSILON = 1e-7;

    /** Above 0. */
    double learningRate();

    /**
     * What a step is multiplied by: for Adam the learning rate with the correction for moments that begin at 0.
     *
     * @param step counted from 1
     */
    default double rate(int step) {
        return learningRate() * Math.sqrt(1 - Math.pow(SECOND_MOMENT, step)) / (1 - Math.pow(FIRST_MOMENT, step));
    }

    /** Steps of about the learning rate, whatever the gradient's size. */
    record Adam(double learningRate) implements Optimizer {
        public Adam {
            checkRate(learningRate);
        }
    }

    /**
     * Adam, while every weight and bias shrinks by a share of the learning rate each step.
     *
     * @param weightDecay 0 or more; Keras' default is 0.004
     */
    record AdamW(double learningRate, double weightDecay) implements Optimizer {
        public AdamW {
            checkRate(learningRate);
            check(weightDecay >= 0 && Double.isFinite(weightDecay), "weight decay", weightDecay);
        }
    }

    /**
     * Plain descent.
     *
     * @param momentum the share of the last step that is taken again, 0 to below 1
     */
    record Sgd(double learningRate, double momentum) implements Optimizer {
        public Sgd {
            checkRate(learningRate);
            check(momentum >= 0 && momentum < 1, "momentum", momentum);
        }

        @Override
        public double rate(int step) {
            return learningRate;
        }
    }

    private static void checkRate(double learningRate) {
        check(learningRate > 0 && Double.isFinite(learningRate), "learning rate", learningRate);
    }

    private static void check(boolean holds, String what, double value) {
        if (!holds) {
            throw new IllegalArgumentException("not a " + what + ": " + value);
        }
    }
}
