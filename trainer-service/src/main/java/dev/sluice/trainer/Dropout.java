package dev.sluice.trainer;

import java.util.SplittableRandom;

/**
 * Leaves a share of numbers out, others each step, and makes the rest larger, so that on average nothing changes and answers
 * need no correction (Keras' and everybody's way: Srivastava et al., Dropout, 2014). One for a network.
 */
final class Dropout {
    private static final int BITS = 24;

    private final int threshold;
    private final float scale;
    private final SplittableRandom random;

    /** @param share that is left out, 0 to below 1 */
    Dropout(double share, long seed) {
        threshold = (int) Math.round(share * (1 << BITS));
        scale = (float) (1 / (1 - share));
        random = new SplittableRandom(seed);
    }

    boolean leavesOut() {
        return threshold > 0;
    }

    /** Draws what each number is multiplied by: 0 or the scale. */
    void draw(float[] factors, int count) {
        for (int i = 0; i < count; i++) {
            factors[i] = random.nextInt() >>> (Integer.SIZE - BITS) < threshold ? 0f : scale;
        }
    }

    /** Makes the numbers that were not left out what they were before. */
    void undo(float[] numbers, int count) {
        float kept = 1 / scale;
        for (int i = 0; i < count; i++) {
            numbers[i] *= kept;
        }
    }
}
