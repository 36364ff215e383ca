package dev.sluice.cli;

import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Task;
import java.util.ArrayList;
import java.util.List;

/**
 * The figures of an evaluation that matter for what the version answers, the first ones first.
 *
 * @param name short, for a tile
 * @param key for scripts and tests
 * @param value as it is read
 */
record Headline(String key, String name, String value) {
    static List<Headline> of(ModelVersion version, Evaluation evaluation) {
        List<Headline> all = new ArrayList<>();
        if (version.getTask() == Task.REGRESSION) {
            evaluation
                    .getMeanAbsoluteError()
                    .ifPresent(mean ->
                            all.add(new Headline("mean-absolute-error", "mean absolute error", Figures.figure(mean))));
            evaluation.getRSquared().ifPresent(share -> all.add(new Headline("r-squared", "R²", Figures.score(share))));
            all.add(new Headline(
                    "root-mean-squared-error",
                    "root mean squared error",
                    Figures.figure(Math.sqrt(evaluation.getLoss()))));
        } else {
            all.add(new Headline("accuracy", "accuracy", PredictionText.percent(evaluation.getAccuracy())));
            evaluation.getAuc().ifPresent(area -> all.add(new Headline("auc", "area under ROC", Figures.score(area))));
            if (version.getTask() == Task.BINARY) {
                evaluation.getPerLabel().stream()
                        .skip(1)
                        .findFirst()
                        .ifPresent(score ->
                                all.add(new Headline("f1", "F1 of " + score.getLabel(), Figures.score(score.getF1()))));
                all.add(new Headline("threshold", "threshold", JudgementPlots.threshold(version)));
            } else {
                all.add(new Headline("macro-f1", "macro F1", Figures.score(evaluation.getMacroF1())));
            }
            all.add(new Headline("loss", "loss", Figures.figure(evaluation.getLoss())));
            evaluation
                    .getCalibrationError()
                    .ifPresent(error ->
                            all.add(new Headline("calibration-error", "calibration error", Figures.score(error))));
        }
        all.add(new Headline(
                "examples", "examples of " + evaluation.getSplit(), Figures.count(evaluation.getExamples())));
        return List.copyOf(all);
    }

    Markup tile() {
        return Markup.of("div")
                .is("tile")
                .with("data-figure", key)
                .add(Markup.of("b", value), Markup.of("span", name).is("faint"));
    }
}
