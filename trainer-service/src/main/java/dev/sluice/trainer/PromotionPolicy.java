package dev.sluice.trainer;

import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.LabelScore;
import java.util.Locale;
import java.util.Optional;

/**
 * When a new version is good enough to be deployed by itself. It need not be better than the one that serves: it has
 * learned from newer posts, and what was held out is a small sample. So it may be a little worse, and no more.
 *
 * @param maxAccuracyDrop how much worse its accuracy, or R2, may be, 0 to 1
 * @param minClassRecall what share of each label's posts it must find, 0 to 1; 0 asks nothing
 */
record PromotionPolicy(Mode mode, double maxAccuracyDrop, double minClassRecall) {
    /** Accuracies are shares of a few thousand at most; what is smaller than this is rounding. */
    private static final double ROUNDING = 1e-9;

    enum Mode {
        AUTO,
        MANUAL;

        String setting() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Why the version must not be deployed by itself, whatever it is compared with; empty if it may be. */
    Optional<String> weakness(Evaluation challenger) {
        return challenger.getPerLabel().stream()
                .filter(label -> label.getSupport() > 0 && label.getRecall() < minClassRecall - ROUNDING)
                .findFirst()
                .map(this::weakness);
    }

    private String weakness(LabelScore label) {
        return String.format(
                Locale.ROOT,
                "it finds %.4f of the %d validation examples labelled %s, below %s=%s",
                label.getRecall(),
                label.getSupport(),
                label.getLabel(),
                TrainerConfig.PROMOTION_MIN_CLASS_RECALL,
                minClassRecall);
    }

    /**
     * One answer is never too many, however few the examples are: a holdout tells nothing finer than that.
     *
     * @param challenger its accuracy, 0 to 1
     * @param champion that of the version that serves, on the same examples
     * @param examples how many, 1 or more
     */
    boolean allows(double challenger, double champion, int examples) {
        return champion - challenger <= Math.max(maxAccuracyDrop, 1.0 / examples) + ROUNDING;
    }

    /** The same of shares of the targets' variance, at most 1, with no lowest value: a drop of 1 lets all through. */
    boolean allowsRSquared(double challenger, double champion) {
        return maxAccuracyDrop >= 1 || champion - challenger <= maxAccuracyDrop + ROUNDING;
    }
}
