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
    private static final int TEXT_CHARACTERS = 60;

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
                TextTable table = new TextTable("when", "event", "live then", "by", "reason", "outcome");
                history.forEach(change -> table.row(row(change)));
                table.lines().forEach(output::line);
            }
            return ExitCode.OK;
        }
    }

    private static Object[] row(Change change) {
        Deployment event = change.event();
        return new Object[] {
            event.getCreatedAt()
                    .map(at -> at.toString().substring(0, 19).replace('T', ' '))
                    .orElse("-"),
            event.getAction().toString().toLowerCase(Locale.ROOT)
                    + wanted(change)
                    + (event.getAutomatic() ? ", automatic" : ""),
            liveAfter(change).map(String::valueOf).orElse("-"),
            text(event.getBy()),
            text(event.getReason()),
            change.lost().map(why -> "lost: " + why).orElse("applied")
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

    private static String text(String given) {
        return given.isBlank() ? "-" : PredictionText.oneLine(given, TEXT_CHARACTERS);
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
