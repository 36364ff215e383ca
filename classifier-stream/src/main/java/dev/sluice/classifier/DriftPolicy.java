package dev.sluice.classifier;

import dev.sluice.schemas.Drift;
import java.util.Locale;
import java.util.Optional;

/**
 * When drift is worth a warning: when the stability index is large, and larger than chance makes it. With few examples it
 * is large by itself: without any drift its mean is about (labels - 1)(1/n + 1/m), for n answers now and m on the holdout,
 * 0.3 with 20 labels, 200 answers and 90 examples. Divided by (1/n + 1/m) it is about chi-squared, so it must lie above
 * that distribution's 99.9 % point too.
 *
 * <p>Source: Yurdakul, "Statistical properties of population stability index", 2018.
 *
 * @param warningIndex warns above it, 0 or more; never at 0
 * @param minPredictions answers in the window that it takes, 1 or more
 */
record DriftPolicy(double warningIndex, long minPredictions) {
    /** Of the standard normal distribution, 0.1 % lies above. */
    private static final double CHANCE = 3.0902;

    DriftPolicy {
        if (!(warningIndex >= 0) || minPredictions < 1) {
            throw new IllegalArgumentException("a warning needs an index of 0 or more and 1 answer or more, not "
                    + warningIndex + " and " + minPredictions);
        }
    }

    /**
     * What somebody should look at, if anything.
     *
     * @param holdoutExamples answers on the holdout, 1 or more
     * @param labels of the version; the record may name fewer
     */
    Optional<String> warning(Drift drift, long holdoutExamples, int labels) {
        return hasDrifted(drift, holdoutExamples, labels)
                ? Optional.of(String.format(
                        Locale.ROOT,
                        "the answers have drifted: the stability index of %d answers beside the holdout is %.3f, above"
                                + " %s; %s",
                        drift.getPredictions(),
                        drift.getStabilityIndex(),
                        warningIndex,
                        largestChange(drift)))
                : Optional.empty();
    }

    /**
     * What is said once when there is nothing to warn of any more.
     *
     * @param now nothing if the window holds no answers
     */
    String over(Optional<Drift> now) {
        long predictions = now.map(Drift::getPredictions).orElse(0L);
        if (now.isEmpty() || predictions < minPredictions) {
            return "too few answers to say whether they still drift: " + predictions;
        }
        Drift drift = now.get();
        return String.format(
                Locale.ROOT,
                "the answers have drifted no more: the stability index of %d answers is %.3f",
                drift.getPredictions(),
                drift.getStabilityIndex());
    }

    private boolean hasDrifted(Drift drift, long holdoutExamples, int labels) {
        if (warningIndex == 0 || drift.getPredictions() < minPredictions || drift.getStabilityIndex() <= warningIndex) {
            return false;
        }
        int freedom = Math.max(1, labels - 1);
        double byChance = 1.0 / drift.getPredictions() + 1.0 / holdoutExamples;
        return drift.getStabilityIndex() > byChance * Significance.chiSquared(freedom, CHANCE);
    }

    private static String largestChange(Drift drift) {
        return drift.getShares().stream()
                .max((a, b) -> Double.compare(
                        Math.abs(a.getShare() - a.getHoldoutShare()), Math.abs(b.getShare() - b.getHoldoutShare())))
                .map(share -> String.format(
                        Locale.ROOT,
                        "%s is %.1f %% of them, %.1f %% on the holdout",
                        share.getLabel(),
                        100 * share.getShare(),
                        100 * share.getHoldoutShare()))
                .orElse("");
    }
}
