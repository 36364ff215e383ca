package dev.sluice.schemas;

/**
 * What the last layer's numbers mean: a probability for each label; one for the second of two labels; or a value, on the scale
 * that the targets had when they were fitted.
 */
record Head(Task task, double threshold, double mean, double deviation) {
    /** How far an answer may lie from the trainer's own: a probability absolutely, a value in deviations. */
    static final double SELF_TEST_TOLERANCE = 1e-5;

    private static final int ROUNDINGS = 4;

    /** Where nothing else was chosen: the likelier of two labels. */
    static final double HALF = 0.5;

    static Head of(ModelVersion version) {
        return new Head(
                version.getTask(),
                version.getThreshold().orElse(HALF),
                version.getTargetScale().map(TargetScale::getMean).orElse(0.0),
                version.getTargetScale().map(TargetScale::getDeviation).orElse(1.0));
    }

    float[] answer(float[] outputs) {
        return switch (task) {
            case BINARY -> new float[] {1 - outputs[0], outputs[0]};
            case REGRESSION -> new float[] {(float) (outputs[0] * deviation + mean)};
            default -> outputs;
        };
    }

    int choice(float[] probabilities) {
        return switch (task) {
            case BINARY -> probabilities[1] >= threshold ? 1 : 0;
            case REGRESSION -> throw new IllegalStateException("a regression has no labels to choose from");
            default -> Predictor.argMax(probabilities);
        };
    }

    /**
     * How far an answer may lie from this one to count as the same: for a value measured in deviations of the targets, and not
     * finer than float32 tells values of its size apart.
     */
    double tolerance(float answer) {
        if (task != Task.REGRESSION) {
            return SELF_TEST_TOLERANCE;
        }
        return SELF_TEST_TOLERANCE * Math.max(deviation, Math.abs(answer - mean)) + ROUNDINGS * Math.ulp(answer);
    }
}
