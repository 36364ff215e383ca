package dev.sluice.trainer;

/**
 * An optimizer's work on some parameters, and what it remembers of them: each number is read and written once a step, in one
 * loop that the compiler turns into vector instructions. Not thread-safe.
 */
interface Update {
    /**
     * Moves the parameters.
     *
     * @param gradient as many numbers, or more
     * @param rate of this step, from {@link Optimizer#rate}
     */
    void apply(float[] parameters, float[] gradient, float rate);

    static Update of(Optimizer optimizer, int parameters) {
        if (optimizer instanceof Optimizer.Sgd sgd) {
            return new SgdUpdate(sgd.momentum(), parameters);
        }
        double decay = optimizer instanceof Optimizer.AdamW adamW ? adamW.weightDecay() : 0;
        return new AdamUpdate(optimizer.learningRate() * decay, parameters);
    }
}
