package dev.sluice.cli;

import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Training;
import java.util.ArrayList;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/** How the figures of a fit went, epoch by epoch: on the training examples, and on those that were held out, if there were any. */
final class CurvePlots {
    static final double WIDTH = 440;
    static final double HEIGHT = 300;

    private final Training training;
    private final List<Plot> plots = new ArrayList<>();

    private CurvePlots(Training training) {
        this.training = training;
    }

    /** None, if nothing is known of the epochs. */
    static List<Plot> of(Task task, Training training) {
        CurvePlots curves = new CurvePlots(training);
        curves.draw(
                "loss",
                task == Task.REGRESSION ? "Loss: squared error" : "Loss: cross-entropy",
                each -> Optional.of(each.getLoss()),
                Epoch::getValLoss,
                false);
        if (task == Task.REGRESSION) {
            curves.draw(
                    "mean-absolute-error",
                    "Mean absolute error",
                    Epoch::getMeanAbsoluteError,
                    Epoch::getValMeanAbsoluteError,
                    false);
        } else {
            curves.draw("accuracy", "Accuracy", each -> Optional.of(each.getAccuracy()), Epoch::getValAccuracy, true);
        }
        curves.draw("auc", "Area under the ROC curve", Epoch::getAuc, Epoch::getValAuc, true);
        return List.copyOf(curves.plots);
    }

    private void draw(
            String figure,
            String title,
            Function<Epoch, Optional<Double>> training,
            Function<Epoch, Optional<Double>> heldOut,
            boolean share) {
        List<double[]> trained = points(training);
        List<double[]> held = points(heldOut);
        if (trained.isEmpty()) {
            return;
        }
        Scale y = scale(trained, held, share);
        IntSummaryStatistics epochs =
                this.training.getHistory().stream().mapToInt(Epoch::getEpoch).summaryStatistics();
        Scale x = Scale.ofWhole(epochs.getMin(), epochs.getMax());
        XyPlot plot =
                XyPlot.withLegend(WIDTH, HEIGHT, x, y, title + " by epoch").axes("epoch", "");
        this.training
                .getBestEpoch()
                .filter(best -> best >= epochs.getMin() && best <= epochs.getMax())
                .ifPresent(best -> plot.upright("kept", best, "kept: " + best));
        plot.curve("first", trained).legend("first", "training");
        if (!held.isEmpty()) {
            plot.curve("second", held).legend("second", heldOutName());
        }
        plots.add(plot.plot("curve-" + figure, title, caption(held.isEmpty())));
    }

    private String heldOutName() {
        return training.getValidationSplit() == Split.TEST ? "test (shown only)" : "validation";
    }

    private String caption(boolean alone) {
        return "On the training examples during each epoch"
                + (alone ? "." : ", and on the " + heldOutName() + " examples after it.")
                + training.getBestEpoch()
                        .map(best -> " The weights after epoch " + best + " were kept.")
                        .orElse("");
    }

    private List<double[]> points(Function<Epoch, Optional<Double>> figure) {
        return training.getHistory().stream()
                .flatMap(epoch -> figure.apply(epoch).filter(Scale::shows).stream()
                        .map(value -> new double[] {epoch.getEpoch(), value}))
                .toList();
    }

    private static Scale scale(List<double[]> trained, List<double[]> held, boolean share) {
        double[] values = DoubleStream.concat(
                        trained.stream().mapToDouble(point -> point[1]),
                        held.stream().mapToDouble(point -> point[1]))
                .toArray();
        double least = DoubleStream.of(values).min().orElse(0);
        double most = DoubleStream.of(values).max().orElse(1);
        return share ? Scale.ofShares(least, most) : Scale.around(Math.min(0, least), most);
    }
}
