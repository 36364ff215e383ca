package dev.sluice.cli;

import dev.sluice.cli.Stopwatch.Stage;
import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.Prediction;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** The demo as a person sees it: a paragraph a stage, and a moving line only while something takes long. */
final class DemoScreen implements FitWatch.Screen {
    private static final String INDENT = "  ";

    private final PrintWriter out;
    private final PrintWriter moving;
    private final Display display;
    private final LongSupplier nanoTime;
    private boolean showsEpochs = true;
    private volatile ProgressLine fitLine; // drawn by the trainer, cleared by who waits for it

    /**
     * @param out for what stays
     * @param moving for progress; may be drawn over
     * @param nanoTime as {@link System#nanoTime}
     */
    DemoScreen(PrintWriter out, PrintWriter moving, Display display, LongSupplier nanoTime) {
        this.out = out;
        this.moving = moving;
        this.display = display;
        this.nanoTime = nanoTime;
        this.fitLine = progress("", "", 1);
    }

    /** For a job of so many steps, that is told how many are done. */
    ProgressLine progress(String task, String unit, long total) {
        return new ProgressLine(moving, display, nanoTime, task, unit, total);
    }

    void posts(DataSet data) {
        paragraph("Posts of " + data.name(), DemoTables.posts(data));
    }

    /** What takes a moment, for a screen only: it is gone with the next call. */
    void meanwhile(String text) {
        if (display.moving()) {
            moving.print("\r" + text + (text.isEmpty() ? "" : " …") + "\u001b[K");
            moving.flush();
        }
    }

    void say(String line) {
        out.println(line);
    }

    void embedded(PostVectors vectors, Stopwatch stopwatch) {
        double seconds = Math.max(1e-3, stopwatch.of(Stage.EMBED).toMillis() / 1000.0);
        out.printf(
                Locale.ROOT,
                "%s embedded in %s, %.0f a second.%n",
                Figures.count(vectors.embedded().size(), "post"),
                Figures.time(stopwatch.of(Stage.EMBED)),
                vectors.embedded().size() / seconds);
        if (!vectors.rejections().isEmpty()) {
            out.println(Figures.count(vectors.rejections().size(), "post") + " could not be embedded: "
                    + vectors.rejections().get(0));
        }
        out.println();
    }

    /** From now on fits are shown as rounds of a table: a moving line while one lasts, and its result. */
    void rounds() {
        out.println(INDENT + "seed  accuracy    loss  macro F1  epochs");
        showsEpochs = false;
    }

    @Override
    public void fitStarted(int trainingExamples, int validationExamples) {
        if (showsEpochs) {
            out.println("Training on " + Figures.count(trainingExamples, "post") + "; val_ is measured on "
                    + Figures.count(validationExamples, "test post") + ", which it never learns from.");
        }
    }

    @Override
    public void batchEnded(int epoch, int epochs, int batch, int batches) {
        if (showsEpochs) {
            if (batch == 1) {
                fitLine = progress(INDENT + epochHead(epoch, epochs), "batches", batches);
            }
            fitLine.at(batch);
        } else {
            if (epoch == 1 && batch == 1) {
                fitLine = progress(INDENT + "Training", "batches", (long) epochs * batches);
            }
            fitLine.at((epoch - 1L) * batches + batch);
        }
    }

    @Override
    public void epochEnded(Epoch epoch, int epochs) {
        if (showsEpochs) {
            fitLine.clear();
            out.println(INDENT + epochHead(epoch.getEpoch(), epochs) + " - loss: " + Figures.score(epoch.getLoss())
                    + " - accuracy: " + Figures.score(epoch.getAccuracy())
                    + epoch.getValLoss()
                            .map(loss -> " - val_loss: " + Figures.score(loss))
                            .orElse("")
                    + epoch.getValAccuracy()
                            .map(accuracy -> " - val_accuracy: " + Figures.score(accuracy))
                            .orElse(""));
        }
    }

    private static String epochHead(int epoch, int epochs) {
        int width = Integer.toString(epochs).length();
        return String.format(Locale.ROOT, "Epoch %" + width + "d/%d", epoch, epochs);
    }

    void result(RoundResult result) {
        var evaluation = result.evaluation();
        out.println();
        paragraph(
                "Version " + result.version().getVersion() + " is deployed. The "
                        + Figures.count(evaluation.getExamples(), "test post") + ", sent through Kafka once more:",
                List.of(
                        "accuracy  " + PredictionText.percent(evaluation.getAccuracy())
                                + ", the same as the trainer counted",
                        "loss      " + Figures.score(evaluation.getLoss()),
                        "macro F1  " + Figures.score(evaluation.getMacroF1())));
        paragraph("Confusion matrix", result.matrix().lines(display.width() - INDENT.length()));
        samples(result.answers());
    }

    private void samples(List<Prediction> answers) {
        long wrong =
                answers.stream().filter(answer -> !DemoTables.isRight(answer)).count();
        paragraph(
                wrong == 0 ? "Some of the answers" : "Some of the answers; wrong ones (✗), the surest first",
                DemoTables.samples(answers, display.width() - INDENT.length()));
    }

    void round(RoundResult result) {
        fitLine.clear();
        out.printf(
                Locale.ROOT,
                "%6d  %8s  %6s  %8s  %6d%n",
                result.seed(),
                PredictionText.percent(result.evaluation().getAccuracy()),
                Figures.score(result.evaluation().getLoss()),
                Figures.score(result.evaluation().getMacroF1()),
                result.epochs());
    }

    void spread(Spread accuracy, int seeds) {
        out.println();
        out.println("Accuracy " + PredictionText.percent(accuracy.mean()) + " ± "
                + PredictionText.percent(accuracy.deviation()) + " (mean and standard deviation of " + seeds
                + " seeds).");
        out.println();
    }

    void times(Stopwatch stopwatch) {
        out.println("Time: "
                + Arrays.stream(Stage.values())
                        .map(stage -> stage.name().toLowerCase(Locale.ROOT) + " " + Figures.time(stopwatch.of(stage)))
                        .collect(Collectors.joining(", "))
                + "; in all " + Figures.time(stopwatch.total()) + ".");
    }

    void classified(String text, Prediction prediction) {
        out.println();
        out.println("“" + PredictionText.oneLine(text, display.width() - 2) + "”");
        PredictionText.byClass(prediction).forEach(out::println);
    }

    private void paragraph(String head, List<String> lines) {
        out.println(head);
        lines.forEach(line -> out.println(INDENT + line));
        out.println();
    }
}
