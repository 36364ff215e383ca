package dev.sluice.trainer;

import dev.sluice.schemas.Task;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * When to fit by oneself, and which examples are enough to fit at all.
 *
 * @param minimum training examples that any fit needs, 1 or more
 * @param minimumPerLabel training examples that each label needs, 1 or more
 * @param retrainAfter new training examples after which to fit again, 1 or more
 */
record TrainingPolicy(Trigger trigger, int minimum, int minimumPerLabel, int retrainAfter) {
    private static final int LEAST_LABELS = 2;
    private static final int NAMED = 10;

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
     * Why these examples cannot be fitted so; empty if they can.
     *
     * @param parameters that the splits were made by
     */
    Optional<String> refusal(Splits splits, Hyperparameters parameters) {
        return tooFew(splits)
                .or(() -> unfitTruths(splits, parameters))
                .or(() -> unfitParameters(splits, parameters))
                .map(reason -> reason + " (" + splits.task().reason() + ")");
    }

    private Optional<String> tooFew(Splits splits) {
        long examples = splits.trainingAndCarved();
        boolean regression = splits.task().task() == Task.REGRESSION;
        return when(
                examples < minimum || splits.training().isEmpty(),
                "there are " + examples + " training examples with a " + (regression ? "number" : "label") + ", "
                        + TrainerConfig.TRAINING_MIN_EXAMPLES + " asks for " + minimum);
    }

    private Optional<String> unfitTruths(Splits splits, Hyperparameters parameters) {
        return splits.task().task() == Task.REGRESSION ? unfitTargets(splits) : unfitLabels(splits, parameters);
    }

    private static Optional<String> unfitTargets(Splits splits) {
        List<Example> training = splits.training();
        return when(
                splits.task().scale().isEmpty(),
                "all " + training.size() + " training examples have the target "
                        + training.get(0).target().orElseThrow()
                        + ", or theirs are as good as equal or too large for a float: there is nothing to learn from"
                        + " them");
    }

    private Optional<String> unfitLabels(Splits splits, Hyperparameters parameters) {
        Map<String, Long> counts = splits.trainingAndCarvedCounts();
        List<String> labels = splits.task().labels();
        if (labels.size() < LEAST_LABELS || counts.size() < LEAST_LABELS) {
            return Optional.of("a classifier needs training examples of " + LEAST_LABELS
                    + " labels; there are only those of " + named(counts));
        }
        if (splits.task().task() == Task.BINARY && labels.size() != 2) {
            return Optional.of(HyperparameterSettings.TASK + "=binary needs 2 labels; there are " + labels.size() + ": "
                    + named(counts));
        }
        Map<String, Long> small = new TreeMap<>(counts);
        small.values().removeIf(count -> count >= minimumPerLabel);
        if (!small.isEmpty()) {
            return Optional.of("too few training examples of " + named(small) + ": "
                    + TrainerConfig.TRAINING_MIN_EXAMPLES_PER_LABEL + " asks for " + minimumPerLabel
                    + " of each label");
        }
        return parameters
                .positiveLabel()
                .filter(positive -> splits.task().task() == Task.BINARY && !labels.contains(positive))
                .map(positive -> HyperparameterSettings.POSITIVE_LABEL + "=" + positive + " is none of the labels "
                        + named(counts));
    }

    private static String named(Map<String, Long> counts) {
        return counts.entrySet().stream()
                        .limit(NAMED)
                        .map(count -> count.getKey() + " (" + count.getValue() + ")")
                        .collect(Collectors.joining(", "))
                + (counts.size() > NAMED ? " and " + (counts.size() - NAMED) + " more" : "");
    }

    private static Optional<String> unfitParameters(Splits splits, Hyperparameters parameters) {
        Task task = splits.task().task();
        String monitor =
                HyperparameterSettings.MONITOR + "=" + parameters.monitor().setting();
        Optional<String> otherTask = parameters
                .monitor()
                .onlyOf()
                .filter(only -> only != task)
                .map(only -> monitor + " is for the task " + only + ", this is " + task);
        return otherTask
                .or(() -> when(
                        parameters.readsWords()
                                && splits.training().stream()
                                        .anyMatch(example -> example.words().isEmpty()),
                        HyperparameterSettings.WORDS + "=" + HyperparameterSettings.AUTO
                                + " needs a trainer that keeps the words of its texts: set it in the trainer's"
                                + " configuration, by itself or by its " + HyperparameterSettings.PROFILE))
                .or(() -> when(
                        parameters.monitor().needsValidation()
                                && splits.validation().isEmpty(),
                        monitor + " needs validation examples, and there are none"))
                .or(() -> when(
                        parameters.monitor() == Monitor.VAL_AUC,
                        splits.task().labels().stream()
                                .filter(label -> splits.validationCounts().get(label) == null)
                                .findFirst()
                                .map(missing -> monitor + " needs validation examples of both labels, and of the "
                                        + splits.validation().size() + " none is " + missing)))
                .or(() -> when(
                        parameters.balancesClasses() && task == Task.REGRESSION,
                        HyperparameterSettings.CLASS_WEIGHTS + "=" + HyperparameterSettings.BALANCED
                                + " is for labels, this is a regression"));
    }

    private static Optional<String> when(boolean asked, Optional<String> refusal) {
        return asked ? refusal : Optional.empty();
    }

    private static Optional<String> when(boolean refused, String reason) {
        return refused ? Optional.of(reason) : Optional.empty();
    }
}
