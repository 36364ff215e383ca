package dev.sluice.trainer;

import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.Task;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** The figure of an epoch that early stopping looks at, by its name in Keras. */
enum Monitor {
    ACCURACY,
    LOSS,
    VAL_ACCURACY,
    VAL_LOSS,
    AUC,
    VAL_AUC,
    MAE,
    VAL_MAE,
    NONE;

    String setting() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Monitor of(String setting) {
        return valueOf(setting.toUpperCase(Locale.ROOT));
    }

    boolean needsValidation() {
        return this == VAL_ACCURACY || this == VAL_LOSS || this == VAL_AUC || this == VAL_MAE;
    }

    /** The one task whose epochs have this figure; empty if all have it, or something that stands for it. */
    Optional<Task> onlyOf() {
        return switch (this) {
            case AUC, VAL_AUC -> Optional.of(Task.BINARY);
            case MAE, VAL_MAE -> Optional.of(Task.REGRESSION);
            default -> Optional.empty();
        };
    }

    /** What is looked at for this task: the answers of a regression are never quite right, so its accuracy is its loss. */
    Monitor of(Task task) {
        if (task != Task.REGRESSION) {
            return this;
        }
        return switch (this) {
            case ACCURACY -> LOSS;
            case VAL_ACCURACY -> VAL_LOSS;
            default -> this;
        };
    }

    /** The figure, turned so that more is better; empty if the epoch has none. */
    OptionalDouble goodness(Epoch epoch) {
        return switch (this) {
            case ACCURACY -> OptionalDouble.of(epoch.getAccuracy());
            case LOSS -> OptionalDouble.of(-epoch.getLoss());
            case VAL_ACCURACY -> more(epoch.getValAccuracy());
            case VAL_LOSS -> less(epoch.getValLoss());
            case AUC -> more(epoch.getAuc());
            case VAL_AUC -> more(epoch.getValAuc());
            case MAE -> less(epoch.getMeanAbsoluteError());
            case VAL_MAE -> less(epoch.getValMeanAbsoluteError());
            case NONE -> OptionalDouble.empty();
        };
    }

    private static OptionalDouble more(Optional<Double> figure) {
        return figure.map(OptionalDouble::of).orElseGet(OptionalDouble::empty);
    }

    private static OptionalDouble less(Optional<Double> figure) {
        return more(figure.map(value -> -value));
    }
}
