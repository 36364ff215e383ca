package dev.sluice.schemas;

/**
 * What the last layer's numbers mean: a probability for each label; one for the second of two labels; or a value, on the scale
 * that the targets had when they were fitted.
 */
record Head(Task task, double threshold, double mean, double deviation) {
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

    /** What an answer's error is measured in: 1 for probabilities; for a value, about its size. */
    float unit() {
        return task == Task.REGRESSION ? (float) Math.max(deviation, Math.abs(mean)) : 1f;
    }
}
