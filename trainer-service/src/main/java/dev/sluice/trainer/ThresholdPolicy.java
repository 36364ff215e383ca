package dev.sluice.trainer;

import java.util.Locale;
import org.apache.kafka.common.config.ConfigException;

/**
 * From which probability on the second of two labels is the answer: a number that somebody gives, or one that is chosen on
 * the examples held out, where they have both labels.
 *
 * @param value of FIXED the threshold, of PRECISION the share of its answers that must be right, 0 to 1; 0 for BEST_F1
 */
record ThresholdPolicy(Kind kind, double value) {
    static final double HALF = 0.5;
    static final String ALLOWED = "a number from 0 to 1, best_f1, or precision: and a number from 0 to 1";

    private static final String BEST_F1 = "best_f1";
    private static final String PRECISION = "precision:";

    enum Kind {
        FIXED,
        BEST_F1,
        PRECISION
    }

    /** @throws ConfigException if it is none of {@link #ALLOWED} */
    static ThresholdPolicy of(String setting) {
        String text = setting.trim().toLowerCase(Locale.ROOT);
        if (text.equals(BEST_F1)) {
            return new ThresholdPolicy(Kind.BEST_F1, 0);
        }
        return text.startsWith(PRECISION)
                ? new ThresholdPolicy(Kind.PRECISION, share(setting, text.substring(PRECISION.length())))
                : new ThresholdPolicy(Kind.FIXED, share(setting, text));
    }

    private static double share(String setting, String number) {
        try {
            double share = Double.parseDouble(number);
            if (share >= 0 && share <= 1) {
                return share;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new ConfigException(HyperparameterSettings.THRESHOLD, setting, "must be " + ALLOWED);
    }

    /** As {@link #of} reads it. */
    String setting() {
        return switch (kind) {
            case FIXED -> Double.toString(value);
            case BEST_F1 -> BEST_F1;
            case PRECISION -> PRECISION + value;
        };
    }

    /** Whether it looks at examples. */
    boolean isChosen() {
        return kind != Kind.FIXED;
    }

    /** @param heldOut answers to the examples held out, at the probabilities that are served */
    double choose(RocCurve heldOut) {
        if (kind == Kind.FIXED) {
            return value;
        }
        if (!heldOut.hasBoth()) {
            return HALF;
        }
        return kind == Kind.BEST_F1 ? heldOut.bestF1() : heldOut.atPrecision(value);
    }
}
