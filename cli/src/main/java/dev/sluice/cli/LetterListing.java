package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists what could not be processed, by reason. */
abstract class LetterListing implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Option(names = "--topic", paramLabel = "TOPIC", description = "Only those of this topic, as posts.")
    private Optional<String> topic = Optional.empty();

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            Set<String> topics = LetterTopics.chosen(connection, topic);
            Collection<LetterGroups.Group> groups = read(connection, topics).groups();
            if (output.json()) {
                groups.forEach(group -> output.line(json(group)));
            } else if (groups.isEmpty()) {
                output.note("no dead letters");
            } else {
                TextTable table = new TextTable("topic", "letters", "sent again", "newest", "at", "reason");
                groups.forEach(group -> table.row(
                        group.topic(),
                        Figures.count(group.letters()),
                        Figures.count(group.settled()),
                        time(group.newest().at()),
                        group.newest().place(),
                        OneLine.of(group.newest().reason(), 100)));
                table.lines().forEach(output::line);
            }
            return ExitCode.OK;
        }
    }

    private LetterGroups read(Connection connection, Set<String> topics) {
        LetterGroups groups = new LetterGroups(SettledLetters.read(connection, connection.topics()));
        try (TopicScan scan = new TopicScan(connection, topics)) {
            ProgressLine progress = ProgressLine.of(spec, "reading", "letters", scan.total());
            scan.read(raw -> groups.add(DeadLetter.of(raw)), progress::at);
            progress.clear();
        }
        return groups;
    }

    private static String time(Instant at) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                at.truncatedTo(ChronoUnit.SECONDS).atZone(ZoneId.systemDefault()));
    }

    private static ObjectNode json(LetterGroups.Group group) {
        ObjectNode json = OutputOptions.object()
                .put("topic", group.topic())
                .put("letters", group.letters())
                .put("sentAgain", group.settled())
                .put("newest", group.newest().at().toString())
                .put("newestAt", group.newest().place())
                .put("reason", group.newest().reason());
        group.newest().exception().ifPresent(name -> json.put("exception", name));
        group.newest().service().ifPresent(name -> json.put("service", name));
        return json;
    }
}
