package dev.sluice.cli;

import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Task;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The figures that a model is judged by: others for labels, for two labels, and for numbers. */
enum Measure {
    ACCURACY("accuracy", "accuracy"),
    LOSS("loss", "loss"),
    MACRO_F1("macro F1", "macroF1"),
    AUC("AUC", "auc"),
    POSITIVE_F1("F1", "positiveF1"),
    THRESHOLD("threshold", "threshold"),
    MEAN_ABSOLUTE_ERROR("MAE", "meanAbsoluteError"),
    R_SQUARED("R²", "rSquared");

    private static final int LONGEST_LABEL = 16;

    private final String heading;
    private final String field;

    Measure(String heading, String field) {
        this.heading = heading;
        this.field = field;
    }

    /** Those that suit the version, the most telling first. */
    static List<Measure> of(ModelVersion version) {
        return switch (version.getTask()) {
            case REGRESSION -> List.of(MEAN_ABSOLUTE_ERROR, R_SQUARED, LOSS);
            case BINARY -> List.of(ACCURACY, LOSS, MACRO_F1, AUC, POSITIVE_F1, THRESHOLD);
            default -> List.of(ACCURACY, LOSS, MACRO_F1);
        };
    }

    /** The two that are shown where there is room for no more. */
    static List<Measure> shortOf(ModelVersion version) {
        return switch (version.getTask()) {
            case REGRESSION -> List.of(MEAN_ABSOLUTE_ERROR, R_SQUARED);
            case BINARY -> List.of(ACCURACY, AUC);
            default -> List.of(ACCURACY, MACRO_F1);
        };
    }

    /** {@code accuracy 93.50%, AUC 0.9812 on 7532 TEST posts}. */
    static String sentence(ModelVersion version, Evaluation evaluation) {
        return shortOf(version).stream()
                        .filter(measure -> measure != MACRO_F1)
                        .flatMap(measure -> measure.in(version, evaluation).stream()
                                .map(value -> measure.heading(version) + " " + measure.text(value)))
                        .collect(Collectors.joining(", "))
                + " on " + evaluation.getExamples() + " " + evaluation.getSplit() + " posts";
    }

    /** The name in JSON. */
    String field() {
        return field;
    }

    /** The name for people, which may tell the label that it is of. */
    String heading(ModelVersion version) {
        return this == POSITIVE_F1
                ? heading + " of "
                        + PredictionText.oneLine(positiveLabel(version).orElse("?"), LONGEST_LABEL)
                : heading;
    }

    String text(double value) {
        return this == ACCURACY ? PredictionText.percent(value) : Figures.score(value);
    }

    /** Nothing, if the evaluation does not tell. */
    Optional<Double> in(ModelVersion version, Evaluation evaluation) {
        return switch (this) {
            case ACCURACY -> Optional.of(evaluation.getAccuracy());
            case LOSS -> Optional.of(evaluation.getLoss());
            case MACRO_F1 -> Optional.of(evaluation.getMacroF1());
            case AUC -> evaluation.getAuc();
            case POSITIVE_F1 ->
                positiveLabel(version).flatMap(label -> evaluation.getPerLabel().stream()
                        .filter(score -> score.getLabel().equals(label))
                        .findFirst()
                        .map(score -> score.getF1()));
            case THRESHOLD -> Optional.of(version.getThreshold().orElse(0.5));
            case MEAN_ABSOLUTE_ERROR -> evaluation.getMeanAbsoluteError();
            case R_SQUARED -> evaluation.getRSquared();
        };
    }

    /** The label that a model of two looks for: the second. */
    static Optional<String> positiveLabel(ModelVersion version) {
        return version.getTask() == Task.BINARY && version.getLabels().size() == 2
                ? Optional.of(version.getLabels().get(1))
                : Optional.empty();
    }
}
