package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.RefusedReplayException;
import dev.sluice.classifier.Replay;
import dev.sluice.runtime.Settings;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Topics;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Has embedded posts answered again: the classifier's own code does it, in this process, by the settings of the services. */
@Command(
        name = "replay",
        description = "Classify embedded posts again, from a time on; each prediction carries the replay's name.")
final class ReplayCommand implements Callable<Integer> {
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "Posts embedded since then: 2026-11-22T09:00:00Z, 2026-11-22, or 2h or 3d ago.")
    private Optional<String> from = Optional.empty();

    @Option(
            names = "--status",
            paramLabel = "STATUS",
            description = "Only posts whose newest prediction has it: NO_MODEL, OTHER_EMBEDDING_SPACE, ABSTAINED.")
    private Optional<String> status =
            Optional.empty(); // as text: the enum's class would start the log before it is set up

    @Option(names = "--version", paramLabel = "VERSION", description = "The version that answers (the live one).")
    private Optional<Integer> version = Optional.empty();

    @Option(names = "--resume", paramLabel = "RUN", description = "Go on with a replay that was stopped.")
    private Optional<String> resumed = Optional.empty();

    @Option(
            names = "--max-rate",
            paramLabel = "N",
            defaultValue = "0",
            description = "Predictions a second at most. Without it: as fast as it goes.")
    private double maxRate;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "The classifier's properties; SLUICE_ variables go before them, as for the classifier itself.")
    private Optional<Path> config = Optional.empty();

    @Override
    public Integer call() {
        if (maxRate < 0 || !Double.isFinite(maxRate)) {
            throw usage("--max-rate is 0 or more predictions a second, not " + maxRate);
        }
        if (resumed.isPresent() && (from.isPresent() || status.isPresent() || version.isPresent())) {
            throw usage("--resume goes on as the replay was begun: without --from, --status and --version");
        }
        Optional<PredictionStatus> wanted = status.map(this::statusOf);
        Clock clock = Clock.systemUTC();
        Optional<Instant> since = from.map(text -> Moments.ofOption(spec, "--from", text, clock));
        if (resumed.isEmpty() && since.isEmpty()) {
            throw usage("--from TIME is missing, or --resume RUN");
        }
        Map<String, String> settings = connectionOptions.over(
                LocalPlatform.ofClassifier(config.map(Settings::ofFile).orElseGet(HashMap::new), System.getenv()));
        ClassifierConfig classifier = new ClassifierConfig(settings);
        Topics topics = classifier.topics();
        try (Connection connection = Connection.open(connectionOptions.clientSettings(settings), topics)) {
            connection.require(topics.embeddedPosts(), topics.predictions(), topics.models(), topics.deployments());
        }
        Pace pace = new Pace(maxRate, System::nanoTime);
        try (Replay replay = open(classifier, since, wanted, pace, clock);
                Stop stop = Stop.onExit()) {
            return run(replay, pace, stop);
        } catch (RefusedReplayException e) {
            throw new CommandException(e.getMessage(), e);
        }
    }

    private Replay open(
            ClassifierConfig settings,
            Optional<Instant> since,
            Optional<PredictionStatus> wanted,
            Pace pace,
            Clock clock) {
        if (resumed.isPresent()) {
            return Replay.resume(settings, resumed.get(), pace.atOnce(), clock);
        }
        String name = NAME.format(clock.instant()) + "-"
                + UUID.randomUUID().toString().substring(0, 4);
        return Replay.begin(
                settings, new Replay.Request(name, since.orElseThrow(), wanted, version), pace.atOnce(), clock);
    }

    private int run(Replay replay, Pace pace, Stop stop) {
        output.note("replay " + replay.run() + " by version " + replay.version() + ": "
                + Figures.count(replay.progress().total()) + " posts to look at. 'sluice replay --resume "
                + replay.run()
                + "' goes on if it is stopped");
        ProgressLine line =
                ProgressLine.of(spec, "replay", "posts", replay.progress().total());
        boolean more = true;
        while (more && !stop.wanted()) {
            more = replay.step();
            line.at(replay.progress().passed());
            pace.await(replay.progress().predictions(), stop::wanted);
        }
        line.clear();
        report(replay, more, pace.seconds());
        return ExitCode.OK;
    }

    private void report(Replay replay, boolean more, double seconds) {
        Replay.Progress progress = replay.progress();
        if (output.json()) {
            output.line(json(replay, progress, more, seconds));
            return;
        }
        Map<PredictionStatus, Long> answered = progress.answered();
        output.line("version " + replay.version() + " answered " + Figures.count(progress.predictions()) + " posts"
                + (answered.isEmpty()
                        ? ""
                        : answered.entrySet().stream()
                                .map(each -> Figures.count(each.getValue()) + " " + each.getKey())
                                .sorted()
                                .collect(Collectors.joining(", ", " (", ")")))
                + String.format(" in %.1f s", seconds)
                + (progress.unreadable() == 0
                        ? ""
                        : "; " + Figures.count(progress.unreadable()) + " can never be classified")
                + (more ? "; stopped before the end" : ""));
    }

    private ObjectNode json(Replay replay, Replay.Progress progress, boolean more, double seconds) {
        ObjectNode json = OutputOptions.object()
                .put("run", replay.run())
                .put("version", replay.version())
                .put("finished", !more)
                .put("posts", progress.passed())
                .put("predictions", progress.predictions());
        ObjectNode byStatus = json.putObject("byStatus");
        progress.answered().forEach((each, count) -> byStatus.put(each.name(), count));
        return json.put("unreadable", progress.unreadable()).put("seconds", Math.round(seconds * 1000) / 1000.0);
    }

    private PredictionStatus statusOf(String typed) {
        return Arrays.stream(PredictionStatus.values())
                .filter(each -> each != PredictionStatus.UNKNOWN && each.name().equals(typed.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() ->
                        usage("--status is CLASSIFIED, ABSTAINED, NO_MODEL or OTHER_EMBEDDING_SPACE, not " + typed));
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
