package dev.sluice.classifier;

/**
 * How likely chance alone is to have brought what was seen. One-sided throughout: small values speak for the difference
 * asked about, and none against the opposite. Written out here, because a library of statistics for three formulas would
 * be the largest part of the service.
 *
 * <p>Sources: McNemar 1947 (its exact form is the sign test); Fisher 1922 and Yates 1934 for shares; Wilson and Hilferty 1931
 * for the chi-squared quantile.
 */
final class Significance {
    /** Above it the binomial's terms leave the range of a double, and its normal approximation is good to three digits. */
    static final long EXACT_UP_TO = 1000;

    /** Examples on both sides together; summing up more takes longer than a look should. */
    static final long EXACT_SHARES_UP_TO = 10_000;

    private static final double SERIES_UP_TO = 3;
    private static final int TERMS = 80;

    private Significance() {}

    /**
     * McNemar's test on pairs: how likely so many of those on which two versions differ are gains, if both were equally
     * good.
     *
     * @param gains pairs that only the first has right; below 0 as 0, for where clocks differ more may be taken back than
     *     was counted
     * @param losses pairs that only the second has right; below 0 as 0
     * @return above 0, at most 1; 1 if there are no such pairs
     */
    static double ofPairs(long gains, long losses) {
        if (gains <= 0) {
            return 1;
        }
        long pairs = gains + Math.max(0, losses);
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
     * Fisher's exact test on two shares: how likely the first is so far above the second, if both were drawn from one.
     *
     * @param right of the first; as the other numbers, below 0 as 0
     * @param otherRight of the second
     * @return above 0, at most 1; 1 if one is empty
     */
    static double ofShares(long right, long examples, long otherRight, long otherExamples) {
        if (examples <= 0 || otherExamples <= 0) {
            return 1;
        }
        long first = Math.min(Math.max(0, right), examples);
        long all = first + Math.min(Math.max(0, otherRight), otherExamples);
        return examples + otherExamples > EXACT_SHARES_UP_TO
                ? normalOfShares(first, examples, all, otherExamples)
                : hypergeometricTail(first, examples, all, otherExamples);
    }

    /** How likely so many of the first, or more, are right, when it has its examples by lot, and so many are right in all. */
    private static double hypergeometricTail(long right, long examples, long allRight, long otherExamples) {
        long wrong = examples + otherExamples - allRight;
        double term = Math.exp(logChoose(allRight, right)
                + logChoose(wrong, examples - right)
                - logChoose(examples + otherExamples, examples));
        double tail = 0;
        for (long k = right; k <= Math.min(allRight, examples); k++) {
            tail += term;
            term *= (double) (allRight - k) * (examples - k) / ((k + 1.0) * (wrong - examples + k + 1));
        }
        return Math.min(1, tail);
    }

    private static double logChoose(long n, long k) {
        double sum = 0;
        for (long i = 1; i <= Math.min(k, n - k); i++) {
            sum += Math.log((double) (n - i + 1) / i);
        }
        return sum;
    }

    /** The pooled two-proportion test, with Yates' correction: without it, it finds differences too often. */
    private static double normalOfShares(long right, long examples, long allRight, long otherExamples) {
        double pooled = (double) allRight / (examples + otherExamples);
        double each = 1.0 / examples + 1.0 / otherExamples;
        double variance = pooled * (1 - pooled) * each;
        if (!(variance > 0)) {
            return 1;
        }
        double difference = (double) right / examples - (double) (allRight - right) / otherExamples;
        return upperTail((difference - each / 2) / Math.sqrt(variance));
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
