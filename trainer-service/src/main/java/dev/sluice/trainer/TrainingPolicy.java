package dev.sluice.trainer;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * When to fit by oneself, and which examples are enough to fit at all.
 *
 * @param minimum training examples that any fit needs, 1 or more
 * @param retrainAfter new training examples after which to fit again, 1 or more
 */
record TrainingPolicy(Trigger trigger, int minimum, int retrainAfter) {
    private static final int LEAST_LABELS = 2;
    private static final int LEAST_OF_A_LABEL = 2;

    enum Trigger {
        AUTO,
        REQUEST;

        String setting() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The first fit waits for the minimum. Then {@code retrainAfter} new examples are a reason to fit again, or as many as
     * there were before: the first few examples make a poor model, and twice as many a much better one.
     *
     * @param fittedBefore whether these examples were fitted before, in part
     * @param examples training examples now
     * @param fresh those of them that have come, or changed, since the last fit
     */
    boolean isDue(boolean fittedBefore, long examples, long fresh) {
        boolean doubled = fresh > 0 && 2 * fresh >= examples;
        return trigger == Trigger.AUTO && examples >= minimum && (!fittedBefore || fresh >= retrainAfter || doubled);
    }

    /**
     * Why these examples cannot be fitted; empty if they can.
     *
     * @param examples training examples, before a part is held out
     * @param fitted examples per label that are left to fit
     */
    Optional<String> refusal(long examples, Map<String, Long> fitted) {
        if (examples < minimum) {
            return Optional.of("there are " + examples + " training examples, " + TrainerConfig.TRAINING_MIN_EXAMPLES
                    + " asks for " + minimum);
        }
        long usable = fitted.values().stream()
                .filter(count -> count >= LEAST_OF_A_LABEL)
                .count();
        if (usable < LEAST_LABELS) {
            return Optional.of("a classifier needs " + LEAST_LABELS + " labels with " + LEAST_OF_A_LABEL
                    + " training examples each; there are " + new TreeMap<>(fitted));
        }
        return Optional.empty();
    }
}
