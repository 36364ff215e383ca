package dev.sluice.schemas;

/**
 * Which numbers can be learned. Networks count in float32, whose largest number is 3.4e38: one target beyond it would stop
 * all fits, so the limit leaves room for answers that lie above the targets.
 */
public final class Targets {
    /** The largest absolute value of a target. */
    public static final double LARGEST = 1e30;

    private Targets() {}

    /** Whether the number is finite, and its absolute value at most {@link #LARGEST}. */
    public static boolean canBeLearned(double target) {
        return Math.abs(target) <= LARGEST;
    }
}
