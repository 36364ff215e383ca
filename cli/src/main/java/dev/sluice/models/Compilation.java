package dev.sluice.models;

import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.Task;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What {@code compile} says, in the trainer's words. The loss is the task here: there is one for each kind of head, and "auto"
 * is the one that fits the classes.
 *
 * @param metrics shown beside the loss, macro_f1 and r2_score not epoch by epoch; none for all that the task has
 */
record Compilation(Optional<Optimizer> optimizer, Task task, List<String> metrics) {
    static final String AUTO = "auto";
    static final String LOSS = "loss";
    static final String ACCURACY = "accuracy";
    static final String AUC = "auc";
    static final String MACRO_F1 = "macro_f1";
    static final String MEAN_ABSOLUTE_ERROR = "mean_absolute_error";
    static final String R2 = "r2_score";

    /** Measured once, not in each epoch. */
    static final Set<String> EVALUATED_ONLY = Set.of(MACRO_F1, R2);

    private static final Map<String, Task> LOSSES = Map.of(
            AUTO,
            Task.UNKNOWN,
            "sparse_categorical_crossentropy",
            Task.MULTICLASS,
            "categorical_crossentropy",
            Task.MULTICLASS,
            "binary_crossentropy",
            Task.BINARY,
            "mean_squared_error",
            Task.REGRESSION,
            "mse",
            Task.REGRESSION);

    /** Keras' names, and ours. */
    private static final Map<String, String> METRICS = Map.of(
            ACCURACY,
            ACCURACY,
            "acc",
            ACCURACY,
            "sparse_categorical_accuracy",
            ACCURACY,
            "binary_accuracy",
            ACCURACY,
            AUC,
            AUC,
            MACRO_F1,
            MACRO_F1,
            MEAN_ABSOLUTE_ERROR,
            MEAN_ABSOLUTE_ERROR,
            "mae",
            MEAN_ABSOLUTE_ERROR,
            R2,
            R2);

    static final Compilation DEFAULT = new Compilation(Optional.empty(), Task.UNKNOWN, List.of());

    /**
     * @param classes 1 for a regression
     * @throws IllegalArgumentException if a name is unknown, or the loss does not fit the classes
     */
    static Compilation of(Optional<Optimizer> optimizer, String loss, List<String> metrics, int classes) {
        Task task = Optional.ofNullable(LOSSES.get(lower(loss)))
                .orElseThrow(() -> new IllegalArgumentException("there is no loss " + loss + ": choose of "
                        + String.join(", ", new TreeSet<>(LOSSES.keySet()))));
        boolean fits =
                switch (task) {
                    case MULTICLASS -> classes >= 2;
                    case BINARY -> classes == 2;
                    case REGRESSION -> classes == 1;
                    default -> true;
                };
        if (!fits) {
            throw new IllegalArgumentException("the loss " + loss + " does not fit a head with numClasses " + classes
                    + ": binary_crossentropy is for 2, mean_squared_error for 1 (a regression), "
                    + "sparse_categorical_crossentropy for 2 or more");
        }
        List<String> known = metrics.stream()
                .filter(metric -> !lower(metric).equals(AUTO))
                .map(metric -> Optional.ofNullable(METRICS.get(lower(metric)))
                        .orElseThrow(() -> new IllegalArgumentException("there is no metric " + metric + ": choose of "
                                + String.join(", ", new TreeSet<>(METRICS.keySet())))))
                .toList();
        return new Compilation(optimizer, task, known);
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /** Settings of a fit. */
    Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>();
        optimizer.ifPresent(it -> settings.putAll(it.all()));
        if (task != Task.UNKNOWN) {
            settings.put("task", lower(task.name()));
        }
        return settings;
    }

    boolean shows(String figure) {
        return figure.equals(LOSS) || metrics.isEmpty() || metrics.contains(figure);
    }

    /** An evaluation's figures by name. */
    Map<String, Double> figures(Evaluation evaluation, Task of) {
        Map<String, Double> all = new LinkedHashMap<>();
        all.put(LOSS, evaluation.getLoss());
        if (of != Task.REGRESSION) {
            all.put(ACCURACY, evaluation.getAccuracy());
            all.put(MACRO_F1, evaluation.getMacroF1());
        }
        evaluation.getAuc().ifPresent(value -> all.put(AUC, value));
        evaluation.getMeanAbsoluteError().ifPresent(value -> all.put(MEAN_ABSOLUTE_ERROR, value));
        evaluation.getRSquared().ifPresent(value -> all.put(R2, value));
        all.keySet().removeIf(name -> !shows(name));
        return all;
    }
}
