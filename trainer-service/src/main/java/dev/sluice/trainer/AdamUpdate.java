package dev.sluice.trainer;

/** Adam, and AdamW with a decay above 0. The correction for the first steps is part of the rate, as in Keras and DL4J. */
final class AdamUpdate implements Update {
    private static final float B1 = (float) Optimizer.FIRST_MOMENT;
    private static final float B2 = (float) Optimizer.SECOND_MOMENT;
    private static final float C1 = (float) (1 - Optimizer.FIRST_MOMENT);
    private static final float C2 = (float) (1 - Optimizer.SECOND_MOMENT);
    private static final float EPSILON = (float) Optimizer.EPSILON;

    private final float kept;
    private final float[] first;
    private final float[] second;

    /** @param decay by which share every parameter shrinks a step, 0 or more */
    AdamUpdate(double decay, int parameters) {
        kept = (float) (1 - decay);
        first = new float[parameters];
        second = new float[parameters];
    }

    @Override
    public void apply(float[] parameters, float[] gradient, float rate) {
        move(parameters, first, second, gradient, kept, rate);
    }

    /** All in arguments: the compiler need not ask whether a field has changed, and makes vectors of the loop. */
    private static void move(
            float[] parameters, float[] first, float[] second, float[] gradient, float kept, float rate) {
        for (int i = 0; i < parameters.length; i++) {
            float g = gradient[i];
            float m = B1 * first[i] + C1 * g;
            float v = B2 * second[i] + C2 * g * g;
            first[i] = m;
            second[i] = v;
            parameters[i] = kept * parameters[i] - rate * m / ((float) Math.sqrt(v) + EPSILON);
        }
    }
}
