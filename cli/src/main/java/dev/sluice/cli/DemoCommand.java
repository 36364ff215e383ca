package dev.sluice.cli;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows the whole of Sluice on one machine, and ends by itself. */
@Command(
        name = "demo",
        description =
                "Train on posts with known classes, deploy the model, and classify test posts: all by way of Kafka.")
final class DemoCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private DataOptions dataOptions;

    @Mixin
    private OutputOptions output;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "1",
            description = "Train N times, with the seed and those that follow it; posts are embedded once (1).")
    private int seeds;

    @Option(
            names = "--folds",
            paramLabel = "K",
            description =
                    "Cross-validation instead of the data's own split: K rounds, in each of which another K-th of the"
                            + " posts is the test; posts are embedded once.")
    private Optional<Integer> folds = Optional.empty();

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description = "A setting of the services, as hidden.layers=64. May be repeated.")
    private Map<String, String> settings = new TreeMap<>();

    @Option(names = "--text", paramLabel = "TEXT", description = "Classify this at the end, and ask for nothing.")
    private Optional<String> text = Optional.empty();

    @Option(names = "--keep", description = "Keep the broker's folder, for 'sluice up --data-dir'.")
    private boolean keep;

    @Option(
            names = "--export",
            paramLabel = "FILE",
            description = "Write the vectors of each round as JSON lines: seed, fold, id, split, label or target, text,"
                    + " embedding.")
    private Optional<Path> exportFile = Optional.empty();

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description =
                    "Write the version's figures, plots and mistakes as an HTML page; of several, the last one's.")
    private Optional<Path> reportFile = Optional.empty();

    @Override
    public Integer call() {
        if (seeds < 1) {
            throw new ParameterException(spec.commandLine(), "--seeds is 1 or more, not " + seeds);
        }
        if (folds.isPresent() && seeds > 1) {
            throw new ParameterException(spec.commandLine(), "either --folds or --seeds, not both");
        }
        if (settings.containsKey("seed")) {
            throw new ParameterException(spec.commandLine(), "the seed is given by --seed, not by --set");
        }
        reportFile
                .map(file -> file.toAbsolutePath().getParent())
                .filter(parent -> !Files.isDirectory(parent))
                .ifPresent(parent -> {
                    throw new CommandException("there is no folder " + parent + ": choose another file with --report");
                });
        Draws draws = folds.map(number -> Draws.ofFolds(dataOptions.data(), dataOptions.sampling(), number))
                .orElseGet(() -> Draws.of(dataOptions.data(), dataOptions.sampling(), seeds));
        Stopwatch stopwatch = new Stopwatch(System::nanoTime);
        DemoScreen screen = screen();
        try (Resources resources = Resources.closedOnExit(taken -> screen.meanwhile(""))) {
            try {
                Optional<VectorExport> export = exportFile.map(VectorExport::to).map(resources::add);
                screen.posts(draws.shown());
                screen.meanwhile("Starting a broker");
                DemoSite site = stopwatch.time(
                        Stopwatch.Stage.START,
                        () -> DemoSite.open(connectionOptions, serviceSettings(), keep, resources));
                DemoReport report = new Demo(site, screen, stopwatch, export, reportFile, questions()).run(draws);
                if (output.json()) {
                    output.line(report.json(stopwatch));
                }
                site.folder().filter(path -> keep).ifPresent(this::tellKept);
            } catch (RuntimeException e) {
                if (!resources.closed()) { // else it was cut short by Ctrl-C, and what then fails says nothing
                    throw e;
                }
            }
        }
        return ExitCode.OK;
    }

    /** Those that are set, and the task that is named. */
    private Map<String, String> serviceSettings() {
        Map<String, String> all = new TreeMap<>(settings);
        if (dataOptions.task() != TaskChoice.AUTO) {
            all.putIfAbsent("task", dataOptions.task().text());
        }
        return all;
    }

    private void tellKept(Path folder) {
        output.note("The topics are kept. To go on with them: sluice up --data-dir " + folder);
    }

    private DemoScreen screen() {
        return new DemoScreen(forPeople(), spec.commandLine().getErr(), Display.ofProcess(), System::nanoTime);
    }

    /** Scripts are to read nothing but the report. */
    private PrintWriter forPeople() {
        return output.json() ? new PrintWriter(PrintWriter.nullWriter()) : output.out();
    }

    private Iterator<String> questions() {
        if (text.isPresent() || output.json() || !Terminal.in()) {
            return Questions.of(text.orElse(Questions.OWN));
        }
        return Questions.asking(
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)), output.out());
    }
}
