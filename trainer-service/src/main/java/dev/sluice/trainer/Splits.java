package dev.sluice.trainer;

import dev.sluice.schemas.Split;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Who is fitted on what. TRAIN is fitted; VALIDATION steers the fit and is reported; TEST is reported only. A part carved
 * from TRAIN is chosen by the text, not by the id, so that two posts of one text never stand on both sides.
 *
 * @param labels of TRAIN, sorted, before anything is carved from it
 * @param training to be fitted
 * @param validation the split VALIDATION, or what was carved for it; may be empty
 * @param test the split TEST; may be empty
 * @param watched which of the last two the figures val_* are of
 */
record Splits(
        List<String> labels, List<Example> training, List<Example> validation, List<Example> test, Split watched) {

    Splits {
        labels = List.copyOf(labels);
        training = List.copyOf(training);
        validation = List.copyOf(validation);
        test = List.copyOf(test);
    }

    /** @param examples of one space, in a fixed order */
    static Splits of(List<Example> examples, Hyperparameters parameters) {
        List<Example> train = only(examples, Split.TRAIN);
        List<Example> validation = only(examples, Split.VALIDATION);
        List<String> labels =
                train.stream().map(Example::label).distinct().sorted().toList();
        if (parameters.validationData() == ValidationData.HOLDOUT && validation.isEmpty()) {
            double fraction = parameters.validationFraction();
            validation = train.stream()
                    .filter(example -> example.isAmongFirst(fraction))
                    .toList();
            train = train.stream()
                    .filter(example -> !example.isAmongFirst(fraction))
                    .toList();
        }
        Split watched = parameters.validationData() == ValidationData.TEST ? Split.TEST : Split.VALIDATION;
        boolean watching = parameters.validationData() != ValidationData.NONE;
        return new Splits(labels, train, validation, only(examples, Split.TEST), watching ? watched : Split.UNKNOWN);
    }

    private static List<Example> only(List<Example> examples, Split split) {
        return examples.stream().filter(example -> example.split() == split).toList();
    }

    /** The examples that val_* are measured on; may be empty. */
    List<Example> watchedExamples() {
        return switch (watched) {
            case VALIDATION -> validation;
            case TEST -> test;
            default -> List.of();
        };
    }

    /** Examples that are fitted, per label. */
    Map<String, Long> trainingCounts() {
        return training.stream().collect(Collectors.groupingBy(Example::label, TreeMap::new, Collectors.counting()));
    }
}
