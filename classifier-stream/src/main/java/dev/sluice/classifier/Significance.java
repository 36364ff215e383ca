package dev.sluice.classifier;

/**
 * How likely chance alone is to have brought what was seen. One-sided throughout: small values speak for the difference
 * asked about, and none against the opposite. Written out here, because a library of statistics for three formulas would
 * be the largest part of the service.
 *
 * <p>Sources: McNemar 1947 (its exact form is the sign test); the pooled two-proportion z-test; Wilson and Hilferty 1931
 * for the chi-squared quantile.
 */
final class Significance {
    /** Above it the binomial's terms leave the range of a double, and its normal approximation is good to three digits. */
    static final long EXACT_UP_TO = 1000;

    private static final double SERIES_UP_TO = 3;
    private static final int TERMS = 80;

    private Significance() {}

    /**
     * McNemar's test on pairs: how likely so many of those on which two versions differ are gains, if both were equally
     * good.
     *
     * @param gains pairs that only the first has right, 0 or more
     * @param losses pairs that only the second has right, 0 or more
     * @return above 0, at most 1; 1 if there are no such pairs
     */
    static double ofPairs(long gains, long losses) {
        long pairs = gains + losses;
        if (gains <= 0) {
            return 1;
        }
        if (pairs > EXACT_UP_TO) {
            return upperTail((gains - 0.5 - pairs / 2.0) / Math.sqrt(pairs / 4.0));
        }
        double term = Math.pow(0.5, (double) pairs);
        double tail = 0;
        for (long k = pairs; k >= gains; k--) {
            tail += term;
            term *= (double) k / (pairs - k + 1);
        }
        return Math.min(1, tail);
    }

    /**
     * The two-proportion test: how likely the first share is so far above the second, if both were drawn from one.
     *
     * @param right of the first, at most {@code examples}
     * @param otherRight of the second, at most {@code otherExamples}
     * @return 0 to 1; 0.5 if nothing can be said, since one is empty, or all are right, or all wrong
     */
    static double ofShares(long right, long examples, long otherRight, long otherExamples) {
        if (examples <= 0 || otherExamples <= 0) {
            return 0.5;
        }
        double pooled = (double) (right + otherRight) / (examples + otherExamples);
        double variance = pooled * (1 - pooled) * (1.0 / examples + 1.0 / otherExamples);
        if (!(variance > 0)) {
            return 0.5;
        }
        double difference = (double) right / examples - (double) otherRight / otherExamples;
        return upperTail(difference / Math.sqrt(variance));
    }

    /** The part of the standard normal distribution above z: 0 to 1, to 12 digits. */
    static double upperTail(double z) {
        if (z < 0) {
            return 1 - upperTail(-z);
        }
        double density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
        return z < SERIES_UP_TO ? 0.5 - density * series(z) : density / continuedFraction(z);
    }

    /** z + z^3/3 + z^5/(3*5) + ... */
    private static double series(double z) {
        double term = z;
        double sum = z;
        for (int odd = 3; odd < 2 * TERMS; odd += 2) {
            term *= z * z / odd;
            sum += term;
        }
        return sum;
    }

    /** z + 1/(z + 2/(z + 3/(z + ...))) */
    private static double continuedFraction(double z) {
        double below = z;
        for (int k = TERMS; k >= 1; k--) {
            below = z + k / below;
        }
        return below;
    }

    /**
     * The value that a chi-squared variable stays below but for the normal tail above z; within 4 % of it.
     *
     * @param freedom degrees of freedom, 1 or more
     */
    static double chiSquared(int freedom, double z) {
        double spread = 2.0 / (9 * freedom);
        return freedom * Math.pow(1 - spread + z * Math.sqrt(spread), 3);
    }
}
