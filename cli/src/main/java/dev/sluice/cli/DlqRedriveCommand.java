package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Sends dead letters back to where they came from, once the cause is mended. */
@Command(
        name = "redrive",
        description = "Send dead letters again, each once: to the topic and partition they came from, as they were.")
final class DlqRedriveCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Option(names = "--topic", paramLabel = "TOPIC", description = "Only those of this topic, as posts.")
    private Optional<String> topic = Optional.empty();

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description = "Only those whose reason or exception holds this, in any case.")
    private Optional<String> reason = Optional.empty();

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Only those since then: 2026-11-22T09:00:00Z, 2026-11-22, or 2h or 3d ago.")
    private Optional<String> since = Optional.empty();

    @Option(names = "--dry-run", description = "Say what would be sent, and send nothing.")
    private boolean dryRun;

    @Option(
            names = "--again",
            description = "Also those that were sent again already, have come back often, or have a successor.")
    private boolean again;

    @Override
    public Integer call() {
        LetterFilter filter =
                new LetterFilter(reason, since.map(text -> Moments.ofOption(spec, "--since", text, Clock.systemUTC())));
        try (Connection connection = Connection.open(connectionOptions)) {
            Set<String> topics = LetterTopics.chosen(connection, topic);
            try (Redrive redrive = new Redrive(connection, topics, filter, again, dryRun);
                    Stop stop = Stop.onExit()) {
                ProgressLine progress = ProgressLine.of(spec, "redrive", "letters", redrive.total());
                Map<String, Redrive.Result> results = redrive.run(progress::at, stop::wanted);
                progress.clear();
                report(results);
            }
            return ExitCode.OK;
        }
    }

    private void report(Map<String, Redrive.Result> results) {
        if (output.json()) {
            results.forEach((letters, result) -> output.line(json(letters, result)));
            return;
        }
        if (results.isEmpty()) {
            output.note("no such dead letters");
        }
        results.forEach((letters, result) -> {
            output.line(letters + ": " + Figures.count(result.sent()) + (dryRun ? " would be sent" : " sent again"));
            result.stay().forEach((why, count) -> output.line("  " + Figures.count(count) + " " + why.words()));
        });
    }

    private ObjectNode json(String letters, Redrive.Result result) {
        ObjectNode json = OutputOptions.object()
                .put("topic", letters)
                .put("dryRun", dryRun)
                .put("sent", result.sent());
        ObjectNode stay = json.putObject("stay");
        result.stay().forEach((why, count) -> stay.put(why.name(), count));
        return json;
    }
}
