package dev.sluice.trainer;

/** Adam, and AdamW with a decay above 0. The correction for the first steps is part of the rate, as in Keras and DL4J. */
final class AdamUpdate implements Update {
    private final double learningRate;
    private final float kept;
    private final float[] first;
    private final float[] second;
    private double steps;
    private float rate;

    /** @param decay share of the learning rate by which every parameter shrinks a step, 0 or more */
    AdamUpdate(double learningRate, double decay, int parameters) {
        this.learningRate = learningRate;
        kept = (float) (1 - learningRate * decay);
        first = new float[parameters];
        second = new float[parameters];
    }

    @Override
    public void nextStep() {
        steps++;
        rate = (float) (learningRate
                * Math.sqrt(1 - Math.pow(Optimizer.SECOND_MOMENT, steps))
                / (1 - Math.pow(Optimizer.FIRST_MOMENT, steps)));
    }

    @Override
    public void apply(float[] parameters, int from, float[] gradient, int count) {
        move(parameters, first, second, from, gradient, count, kept, rate);
    }

    /** All in arguments: the compiler need not ask whether a field has changed, and makes vectors of the loop. */
    private static void move(
            float[] parameters,
            float[] first,
            float[] second,
            int from,
            float[] gradient,
            int count,
            float kept,
            float rate) {
        float b1 = (float) Optimizer.FIRST_MOMENT;
        float b2 = (float) Optimizer.SECOND_MOMENT;
        float c1 = (float) (1 - Optimizer.FIRST_MOMENT);
        float c2 = (float) (1 - Optimizer.SECOND_MOMENT);
        float epsilon = (float) Optimizer.EPSILON;
        for (int i = 0; i < count; i++) {
            float g = gradient[i];
            float m = b1 * first[from + i] + c1 * g;
            float v = b2 * second[from + i] + c2 * g * g;
            first[from + i] = m;
            second[from + i] = v;
            parameters[from + i] = kept * parameters[from + i] - rate * m / ((float) Math.sqrt(v) + epsilon);
        }
    }
}
