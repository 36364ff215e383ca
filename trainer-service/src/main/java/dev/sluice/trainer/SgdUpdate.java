package dev.sluice.trainer;

/** Velocity = momentum x velocity - rate x gradient, as Keras has it; without momentum none is kept. */
final class SgdUpdate implements Update {
    private final float rate;
    private final float momentum;
    private final float[] velocities;

    SgdUpdate(Optimizer.Sgd sgd, int parameters) {
        rate = (float) sgd.learningRate();
        momentum = (float) sgd.momentum();
        velocities = new float[momentum == 0 ? 0 : parameters];
    }

    @Override
    public void nextStep() {
        // every step is like the first
    }

    @Override
    public void apply(float[] parameters, int from, float[] gradient, int count) {
        if (momentum == 0) {
            for (int i = 0; i < count; i++) {
                parameters[from + i] -= rate * gradient[i];
            }
            return;
        }
        float[] moved = velocities;
        for (int i = 0; i < count; i++) {
            float velocity = momentum * moved[from + i] - rate * gradient[i];
            moved[from + i] = velocity;
            parameters[from + i] += velocity;
        }
    }
}
