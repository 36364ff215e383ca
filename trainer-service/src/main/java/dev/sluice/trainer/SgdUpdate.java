package dev.sluice.trainer;

/** Velocity = momentum x velocity - rate x gradient, as Keras has it; without momentum none is kept. */
final class SgdUpdate implements Update {
    private final float momentum;
    private final float[] velocities;

    SgdUpdate(double momentum, int parameters) {
        this.momentum = (float) momentum;
        velocities = new float[momentum == 0 ? 0 : parameters];
    }

    @Override
    public void apply(float[] parameters, float[] gradient, float rate) {
        if (velocities.length == 0) {
            for (int i = 0; i < parameters.length; i++) {
                parameters[i] -= rate * gradient[i];
            }
        } else {
            move(parameters, velocities, gradient, momentum, rate);
        }
    }

    private static void move(float[] parameters, float[] velocities, float[] gradient, float momentum, float rate) {
        for (int i = 0; i < parameters.length; i++) {
            float velocity = momentum * velocities[i] - rate * gradient[i];
            velocities[i] = velocity;
            parameters[i] += velocity;
        }
    }
}
