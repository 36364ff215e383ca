package dev.sluice.cli;

import dev.sluice.schemas.CalibrationBin;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.TargetPoint;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;

/** What an evaluation shows beyond its figures: the choice of thresholds, how far confidence can be believed, how far numbers are off. */
final class JudgementPlots {
    private static final double SIDE = 400;

    /** Of a normal distribution, 95 % lie within so many deviations. */
    private static final double Z = 1.96;

    private JudgementPlots() {}

    /** Only of two labels. The dot is where the version's threshold stands, by the confusion matrix. */
    static Optional<Plot> roc(ModelVersion version, Evaluation evaluation) {
        if (evaluation.getRoc().isEmpty() || version.getLabels().size() != 2) {
            return Optional.empty();
        }
        String positive = version.getLabels().get(1);
        XyPlot plot = XyPlot.square(SIDE, Scale.ofShares(), Scale.ofShares(), "ROC curve of " + positive)
                .axes(
                        "share of " + shortened(version.getLabels().get(0)) + " wrongly taken for it",
                        "share of it found")
                .straight("diagonal", 0, 0, 1, 1)
                .curve(
                        "first",
                        evaluation.getRoc().stream()
                                .filter(point ->
                                        isShare(point.getFalsePositiveRate()) && isShare(point.getTruePositiveRate()))
                                .map(point -> new double[] {point.getFalsePositiveRate(), point.getTruePositiveRate()})
                                .toList());
        List<List<Long>> counts = evaluation.getConfusion();
        if (counts.stream().map(List::size).toList().equals(List.of(2, 2))
                && sum(counts.get(0)) > 0
                && sum(counts.get(1)) > 0) {
            double taken = (double) counts.get(0).get(1) / sum(counts.get(0));
            double found = (double) counts.get(1).get(1) / sum(counts.get(1));
            String threshold = "threshold " + threshold(version);
            plot.dot("second", taken, found, 5, threshold).note(taken, found - 0.05, threshold);
        }
        String auc = evaluation
                .getAuc()
                .map(area -> " The area under it is " + Figures.score(area) + ".")
                .orElse("");
        return Optional.of(plot.plot(
                "roc",
                "ROC curve",
                "What each threshold would give: how much of '" + positive + "' is found, and how much of '"
                        + version.getLabels().get(0) + "' is taken for it." + auc + " The dashed line is chance."));
    }

    static String threshold(ModelVersion version) {
        return Figures.value(version.getThreshold().orElse(0.5));
    }

    /** Bars are 95 % intervals (Wilson 1927): few answers say little. */
    static Optional<Plot> calibration(Evaluation evaluation) {
        List<CalibrationBin> bins = evaluation.getReliability().stream()
                .filter(bin -> bin.getExamples() > 0 && isShare(bin.getConfidence()) && isShare(bin.getAccuracy()))
                .toList();
        if (bins.isEmpty()) {
            return Optional.empty();
        }
        XyPlot plot = XyPlot.square(SIDE, Scale.ofShares(), Scale.ofShares(), "accuracy by confidence")
                .axes("mean confidence", "share that is right")
                .straight("diagonal", 0, 0, 1, 1);
        long most = bins.stream().mapToLong(CalibrationBin::getExamples).max().orElse(1);
        for (CalibrationBin bin : bins) {
            double[] interval = wilson(bin.getAccuracy(), bin.getExamples());
            plot.straight("interval", bin.getConfidence(), interval[0], bin.getConfidence(), interval[1]);
        }
        for (CalibrationBin bin : bins) {
            plot.dot(
                    "first",
                    bin.getConfidence(),
                    bin.getAccuracy(),
                    3 + 7 * Math.sqrt((double) bin.getExamples() / most),
                    Figures.count(bin.getExamples(), "answer") + " of confidence "
                            + PredictionText.percent(bin.getConfidence()) + ": "
                            + PredictionText.percent(bin.getAccuracy()) + " right");
        }
        String error = evaluation
                .getCalibrationError()
                .map(value -> " The mean distance (expected calibration error) is " + Figures.score(value) + ".")
                .orElse("");
        return Optional.of(plot.plot(
                "calibration",
                "Calibration",
                "Answers of about the same confidence, and how many of them are right; on the dashed line, confidence means what"
                        + " it says. Larger dots are more answers, bars are 95 % intervals." + error));
    }

    /** The interval that holds the true share in 95 of 100 cases: {@code {least, most}}. */
    static double[] wilson(double share, long count) {
        double z2 = Z * Z / count;
        double middle = share + z2 / 2;
        double reach = Z * Math.sqrt(share * (1 - share) / count + z2 / (4.0 * count));
        return new double[] {Math.max(0, (middle - reach) / (1 + z2)), Math.min(1, (middle + reach) / (1 + z2))};
    }

    /** Only of numbers. */
    static Optional<Plot> targets(Evaluation evaluation) {
        List<TargetPoint> points = evaluation.getTargets().stream()
                .filter(point -> Scale.shows(point.getTarget()) && Scale.shows(point.getValue()))
                .toList();
        if (points.isEmpty()) {
            return Optional.empty();
        }
        double[] all = points.stream()
                .flatMapToDouble(point -> DoubleStream.of(point.getTarget(), point.getValue()))
                .toArray();
        Scale scale = Scale.around(
                DoubleStream.of(all).min().orElse(0), DoubleStream.of(all).max().orElse(1));
        XyPlot plot = XyPlot.square(SIDE, scale, scale, "answers by true numbers")
                .axes("true number", "answer")
                .straight("diagonal", scale.low(), scale.low(), scale.high(), scale.high());
        for (TargetPoint point : points) {
            plot.dot(
                    "first many",
                    point.getTarget(),
                    point.getValue(),
                    3.5,
                    "true " + Figures.value(point.getTarget()) + ", answered " + Figures.value(point.getValue()));
        }
        boolean some = points.size() < evaluation.getExamples();
        return Optional.of(plot.plot(
                "targets",
                "Answers and true numbers",
                (some
                                ? Figures.count(points.size()) + " of "
                                        + Figures.count(evaluation.getExamples(), "example")
                                : Figures.count(points.size(), "example"))
                        + ", a dot each; on the dashed line, the answer is right."));
    }

    private static String shortened(String label) {
        return PredictionText.oneLine(label, 24);
    }

    private static boolean isShare(double value) {
        return value >= 0 && value <= 1;
    }

    private static long sum(List<Long> counts) {
        return counts.stream().mapToLong(Long::longValue).sum();
    }
}
