package dev.sluice.cli;

import dev.sluice.cli.Stopwatch.Stage;
import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.Task;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The demo as a person sees it: a paragraph a stage, and a moving line only while something takes long. */
final class DemoScreen implements FitWatch.Screen {
    private static final String INDENT = "  ";

    private final PrintWriter out;
    private final PrintWriter moving;
    private final Display display;
    private final LongSupplier nanoTime;
    private boolean showsEpochs = true;
    private boolean roundsBegun;
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
        data.note().ifPresent(note -> {
            out.println(note);
            out.println();
        });
        paragraph("Posts of " + data.name(), data.numeric() ? NumberTables.posts(data) : DemoTables.posts(data));
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
        showsEpochs = false;
    }

    @Override
    public void fitStarted(int trainingExamples, int validationExamples) {
        if (showsEpochs) {
            out.println("Training on " + Figures.count(trainingExamples, "post")
                    + (validationExamples == 0
                            ? "."
                            : "; val_ is measured on " + Figures.count(validationExamples, "other post")
                                    + ", which it never learns from."));
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
            StringBuilder line = new StringBuilder(INDENT + epochHead(epoch.getEpoch(), epochs));
            add(line, "loss", Optional.of(epoch.getLoss()));
            if (epoch.getMeanAbsoluteError().isEmpty()) {
                add(line, "accuracy", Optional.of(epoch.getAccuracy()));
            }
            add(line, "auc", epoch.getAuc());
            add(line, "mae", epoch.getMeanAbsoluteError());
            add(line, "val_loss", epoch.getValLoss());
            if (epoch.getMeanAbsoluteError().isEmpty()) {
                add(line, "val_accuracy", epoch.getValAccuracy());
            }
            add(line, "val_auc", epoch.getValAuc());
            add(line, "val_mae", epoch.getValMeanAbsoluteError());
            out.println(line);
        }
    }

    private static void add(StringBuilder line, String name, Optional<Double> value) {
        value.ifPresent(number -> line.append(" - ").append(name).append(": ").append(Figures.score(number)));
    }

    private static String epochHead(int epoch, int epochs) {
        int width = Integer.toString(epochs).length();
        return String.format(Locale.ROOT, "Epoch %" + width + "d/%d", epoch, epochs);
    }

    void result(RoundResult result) {
        List<Measure> measures = Measure.of(result.version());
        int width = measures.stream()
                .mapToInt(measure -> measure.heading(result.version()).length())
                .max()
                .orElse(0);
        List<String> lines = new ArrayList<>();
        for (Measure measure : measures) {
            String name = measure.heading(result.version());
            result.measured(measure)
                    .ifPresent(value -> lines.add(name + " ".repeat(width - name.length()) + "  " + measure.text(value)
                            + (lines.isEmpty() ? ", the same as the trainer counted" : "")));
        }
        out.println();
        paragraph(
                "Version " + result.version().getVersion() + " is deployed. The "
                        + Figures.count(result.evaluation().getExamples(), "test post")
                        + ", sent through Kafka once more:",
                lines);
        if (result.version().getTask() == Task.REGRESSION) {
            paragraph(
                    "Some of the answers; those furthest off first",
                    NumberTables.samples(result.answers(), display.width() - INDENT.length()));
        } else {
            paragraph("Confusion matrix", result.matrix().lines(display.width() - INDENT.length()));
            samples(result.answers());
        }
    }

    private void samples(List<Prediction> answers) {
        long wrong =
                answers.stream().filter(answer -> !DemoTables.isRight(answer)).count();
        paragraph(
                wrong == 0 ? "Some of the answers" : "Some of the answers; wrong ones (✗), the surest first",
                DemoTables.samples(answers, display.width() - INDENT.length()));
    }

    /** A line of the table of rounds; above the first its head, since only now it is known what is measured. */
    void round(RoundResult result) {
        fitLine.clear();
        List<String> head = new ArrayList<>();
        List<String> cells = new ArrayList<>();
        head.add(result.round().fold().isPresent() ? "fold" : "seed");
        cells.add(result.round()
                .fold()
                .map(String::valueOf)
                .orElse(Long.toString(result.round().seed())));
        for (Measure measure : Measure.of(result.version())) {
            head.add(measure.heading(result.version()));
            cells.add(result.measured(measure).map(measure::text).orElse("-"));
        }
        head.add("epochs");
        cells.add(Integer.toString(result.epochs()));
        if (!roundsBegun) {
            out.println(columns(head, head));
            roundsBegun = true;
        }
        out.println(columns(cells, head));
    }

    private static String columns(List<String> cells, List<String> head) {
        return IntStream.range(0, cells.size())
                .mapToObj(i ->
                        String.format(Locale.ROOT, "%" + Math.max(6, head.get(i).length()) + "s", cells.get(i)))
                .collect(Collectors.joining("  "));
    }

    /** Mean and deviation of all that was measured, over the rounds. */
    void spread(List<RoundResult> results) {
        RoundResult first = results.get(0);
        String figures = Measure.of(first.version()).stream()
                .flatMap(measure -> DemoReport.spread(measure, results).stream()
                        .map(spread -> measure.heading(first.version()) + " " + measure.text(spread.mean()) + " ± "
                                + measure.text(spread.deviation())))
                .collect(Collectors.joining(", "));
        out.println();
        out.println(figures.substring(0, 1).toUpperCase(Locale.ROOT) + figures.substring(1)
                + " (mean and standard deviation of " + results.size()
                + (first.round().fold().isPresent() ? " folds)." : " seeds)."));
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
