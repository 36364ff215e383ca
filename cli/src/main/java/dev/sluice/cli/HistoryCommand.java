package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.Deployments.Change;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** What was live when, by whom, and why: the log of deployments, an event a line, oldest first. */
@Command(name = "history", description = "Show what was live when, by whom and why.")
final class HistoryCommand implements Callable<Integer> {
    private static final int WIDTH = 120;
    private static final int LONGEST_NAME = 16;
    private static final int LONGEST_EVENT = 30;
    private static final int LONGEST_OUTCOME = 30;
    private static final int SHORTEST_REASON = 8;

    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            List<Change> history = DeploymentLog.read(connection).history();
            if (output.json()) {
                history.forEach(change -> output.line(json(change)));
            } else if (history.isEmpty()) {
                output.note("nothing was ever deployed: 'sluice models' lists what could be");
            } else {
                lines(history).forEach(output::line);
            }
            return ExitCode.OK;
        }
    }

    /** Of {@link #WIDTH} columns at most: the reason takes what the others leave. */
    static List<String> lines(List<Change> history) {
        int others = table(history, 0).stream().mapToInt(String::length).max().orElse(0);
        return table(history, Math.max(SHORTEST_REASON, WIDTH - others + "reason".length()));
    }

    private static List<String> table(List<Change> history, int room) {
        TextTable table = new TextTable("when", "event", "live then", "by", "reason", "outcome");
        history.forEach(change -> table.row(row(change, room)));
        return table.lines();
    }

    private static Object[] row(Change change, int room) {
        Deployment event = change.event();
        return new Object[] {
            event.getCreatedAt()
                    .map(at -> at.toString().substring(0, 19).replace('T', ' '))
                    .orElse("-"),
            PredictionText.oneLine(
                    event.getAction().toString().toLowerCase(Locale.ROOT)
                            + wanted(change)
                            + (event.getAutomatic() ? ", automatic" : ""),
                    LONGEST_EVENT),
            liveAfter(change).map(String::valueOf).orElse("-"),
            text(event.getBy(), LONGEST_NAME),
            room == 0 ? "" : text(event.getReason(), room),
            change.lost()
                    .map(why -> PredictionText.oneLine("lost: " + why, LONGEST_OUTCOME))
                    .orElse("applied")
        };
    }

    private static String wanted(Change change) {
        Deployment event = change.event();
        return switch (event.getAction()) {
            case UNPIN -> "";
            case SHADOW -> " " + event.getVersion();
            case CANARY -> " " + event.getVersion() + " " + Share.text(event.getShare());
            case END -> event.getVersion() == 0 ? "" : " " + event.getVersion();
            default -> change.to().map(version -> " " + version).orElse("");
        };
    }

    private static Optional<Integer> liveAfter(Change change) {
        return change.applied() ? change.to() : change.from();
    }

    private static String text(String given, int characters) {
        return given.isBlank() ? "-" : PredictionText.oneLine(given, characters);
    }

    /** One event, as scripts read it. */
    static ObjectNode json(Change change) {
        Deployment event = change.event();
        ObjectNode json = OutputOptions.object()
                .put("offset", change.offset())
                .put("action", event.getAction().toString())
                .put("automatic", event.getAutomatic());
        event.getCreatedAt().ifPresent(at -> json.put("at", at.toString()));
        switch (event.getAction()) {
            case SHADOW -> json.put("version", event.getVersion());
            case CANARY -> json.put("version", event.getVersion()).put("share", event.getShare());
            case END -> {
                if (event.getVersion() != 0) {
                    json.put("version", event.getVersion());
                }
            }
            default -> change.to().ifPresent(version -> json.put("version", version));
        }
        change.from().ifPresent(version -> json.put("liveBefore", version));
        liveAfter(change).ifPresent(version -> json.put("liveAfter", version));
        return json.put("outcome", change.applied() ? "APPLIED" : "LOST")
                .put("why", change.lost().orElse(""))
                .put("by", event.getBy())
                .put("reason", event.getReason());
    }
}
