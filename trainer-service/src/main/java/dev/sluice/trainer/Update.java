package dev.sluice.trainer;

/**
 * One optimizer at work on all parameters of a network: each number is read and written once a step, in one loop that the
 * compiler turns into vector instructions. Not thread-safe.
 */
interface Update {
    /** To be called before the first {@link #apply} of each step. */
    void nextStep();

    /**
     * Moves {@code count} parameters from {@code from} on.
     *
     * @param gradient of those parameters, from index 0 on; may be overwritten
     */
    void apply(float[] parameters, int from, float[] gradient, int count);

    static Update of(Optimizer optimizer, int parameters) {
        if (optimizer instanceof Optimizer.Sgd sgd) {
            return new SgdUpdate(sgd, parameters);
        }
        double decay = optimizer instanceof Optimizer.AdamW adamW ? adamW.weightDecay() : 0;
        return new AdamUpdate(optimizer.learningRate(), decay, parameters);
    }
}
