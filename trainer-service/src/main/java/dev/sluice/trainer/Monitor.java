package dev.sluice.trainer;

import dev.sluice.schemas.Epoch;
import java.util.Locale;
import java.util.OptionalDouble;

/** The figure of an epoch that early stopping looks at, by its name in Keras. */
enum Monitor {
    ACCURACY,
    LOSS,
    VAL_ACCURACY,
    VAL_LOSS,
    NONE;

    String setting() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Monitor of(String setting) {
        return valueOf(setting.toUpperCase(Locale.ROOT));
    }

    boolean needsValidation() {
        return this == VAL_ACCURACY || this == VAL_LOSS;
    }

    /** The figure, turned so that more is better; empty if the epoch has none. */
    OptionalDouble goodness(Epoch epoch) {
        return switch (this) {
            case ACCURACY -> OptionalDouble.of(epoch.getAccuracy());
            case LOSS -> OptionalDouble.of(-epoch.getLoss());
            case VAL_ACCURACY -> epoch.getValAccuracy().map(OptionalDouble::of).orElse(OptionalDouble.empty());
            case VAL_LOSS ->
                epoch.getValLoss().map(loss -> OptionalDouble.of(-loss)).orElse(OptionalDouble.empty());
            case NONE -> OptionalDouble.empty();
        };
    }
}
