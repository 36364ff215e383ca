package dev.sluice.trainer;

import dev.sluice.schemas.Split;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who is fitted on what. TRAIN is fitted; VALIDATION steers the fit and is reported; TEST is reported only. A part carved
 * from TRAIN is chosen by the text, not by the id, so that two posts of one text never stand on both sides; but what few
 * examples a label has are all left to be fitted.
 *
 * @param task what is learned from them; labels are those of TRAIN, before anything is carved from it
 * @param training to be fitted
 * @param validation the split VALIDATION, or what was carved for it; may be empty
 * @param test the split TEST; may be empty
 * @param watched which of the last two the figures val_* are of
 */
record Splits(LearningTask task, List<Example> training, List<Example> validation, List<Example> test, Split watched) {
    /** Examples of a label that carving leaves, if it has as many. */
    private static final int LEAST_LEFT = 2;

    Splits {
        training = List.copyOf(training);
        validation = List.copyOf(validation);
        test = List.copyOf(test);
    }

    /** @param examples of one space, in a fixed order */
    static Splits of(List<Example> examples, Hyperparameters parameters) {
        return of(examples, List.of(), parameters);
    }

    /** @param labels in the order of the answers, if it is known which there are; else those of TRAIN count */
    static Splits of(List<Example> examples, List<String> labels, Hyperparameters parameters) {
        LearningTask task = LearningTask.of(examples, labels, parameters);
        List<Example> told = only(examples, task::concerns);
        List<Example> train = of(told, Split.TRAIN);
        List<Example> validation = of(told, Split.VALIDATION);
        if (parameters.validationData() == ValidationData.HOLDOUT && validation.isEmpty()) {
            Set<Long> carved = carved(train, parameters.validationFraction());
            validation = only(train, example -> carved.contains(example.textHash()));
            train = only(train, example -> !carved.contains(example.textHash()));
        }
        Split watched = parameters.validationData() == ValidationData.TEST ? Split.TEST : Split.VALIDATION;
        boolean watching = parameters.validationData() != ValidationData.NONE;
        return new Splits(
                task.scaledBy(train), train, validation, of(told, Split.TEST), watching ? watched : Split.UNKNOWN);
    }

    /** The texts held out, by their hash. */
    private static Set<Long> carved(List<Example> train, double fraction) {
        Set<Long> carved = train.stream()
                .filter(example -> example.isAmongFirst(fraction))
                .map(Example::textHash)
                .collect(Collectors.toSet());
        Map<String, Long> left = countsOf(only(train, example -> !carved.contains(example.textHash())));
        train.stream()
                .filter(example -> example.label().isPresent()
                        && left.getOrDefault(example.label().get(), 0L) < LEAST_LEFT)
                .forEach(example -> carved.remove(example.textHash()));
        return carved;
    }

    private static List<Example> of(List<Example> examples, Split split) {
        return only(examples, example -> example.split() == split);
    }

    private static List<Example> only(List<Example> examples, Predicate<Example> wanted) {
        return examples.stream().filter(wanted).toList();
    }

    /** The examples that val_* are measured on; may be empty. */
    List<Example> watchedExamples() {
        return switch (watched) {
            case VALIDATION -> validation;
            case TEST -> test;
            default -> List.of();
        };
    }

    /** Examples of TRAIN, before anything was carved from it. */
    long trainingAndCarved() {
        return training.size() + carved().count();
    }

    private Stream<Example> carved() {
        return validation.stream().filter(example -> example.split() == Split.TRAIN);
    }

    /** Examples that are fitted, per label; none for REGRESSION. */
    Map<String, Long> trainingCounts() {
        return task.labels().isEmpty() ? Map.of() : countsOf(training);
    }

    /** Examples of TRAIN, per label, before anything was carved from it; none for REGRESSION. */
    Map<String, Long> trainingAndCarvedCounts() {
        return task.labels().isEmpty()
                ? Map.of()
                : countsOf(Stream.concat(training.stream(), carved()).toList());
    }

    /** Examples held out to steer the fit, per label; none for REGRESSION. */
    Map<String, Long> validationCounts() {
        return task.labels().isEmpty() ? Map.of() : countsOf(validation);
    }

    private static Map<String, Long> countsOf(List<Example> examples) {
        return examples.stream()
                .flatMap(example -> example.label().stream())
                .collect(Collectors.groupingBy(label -> label, TreeMap::new, Collectors.counting()));
    }
}
