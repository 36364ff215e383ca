package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.cli.Comparison.Difference;
import dev.sluice.cli.Comparison.Said;
import dev.sluice.cli.Comparison.Tally;
import dev.sluice.schemas.Label;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares two versions by what they said of the same posts: one of them live, the other beside it, as long as both are kept. */
@Command(name = "compare", description = "Compare what two versions said of the same posts.")
final class CompareCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description = "Show so many of the posts on which they differ, the newest (20).")
    private int limit;

    @Parameters(index = "0", paramLabel = "VERSION", description = "As 'sluice models' lists it.")
    private int one;

    @Parameters(index = "1", paramLabel = "OTHER", description = "The version to compare it with.")
    private int other;

    @Override
    public Integer call() {
        if (one == other) {
            throw new CommandException("version " + one + " is the same as itself: name two versions");
        }
        try (Connection connection = Connection.open(connectionOptions)) {
            Topics topics = connection.topics();
            connection.require(topics.predictions(), topics.shadowPredictions(), topics.labels());
            Comparison comparison = new Comparison(one, other);
            NumberComparison numbers = new NumberComparison(one, other);
            readLabels(connection, comparison, numbers);
            readAnswers(connection, topics.predictions(), comparison, numbers);
            readAnswers(connection, topics.shadowPredictions(), comparison, numbers);
            requireAnswers(comparison, numbers);
            if (numbers.each().get(0).posts() > 0) {
                if (output.json()) {
                    output.line(NumberCompareOutput.json(numbers, limit));
                } else {
                    NumberCompareOutput.print(numbers, limit, output);
                }
            } else if (output.json()) {
                output.line(json(comparison));
            } else {
                print(comparison);
            }
            return ExitCode.OK;
        }
    }

    private static void requireAnswers(Comparison labels, NumberComparison numbers) {
        List<Long> labelled = labels.each().stream().map(Tally::posts).toList();
        List<Long> numbered =
                numbers.each().stream().map(NumberComparison.Tally::posts).toList();
        for (int i = 0; i < 2; i++) {
            if (labelled.get(i) + numbered.get(i) == 0) {
                int version = labels.each().get(i).version();
                throw new CommandException("version " + version
                        + " has answered no post that is still kept: let it look on with 'sluice deploy " + version
                        + " --shadow'");
            }
        }
        if (numbered.get(0) > 0 != numbered.get(1) > 0) {
            throw new CommandException(
                    "one of the versions answers with labels, the other with numbers: they cannot be" + " compared");
        }
    }

    private static void readAnswers(
            Connection connection, Topic<Prediction> topic, Comparison comparison, NumberComparison numbers) {
        try (var reader = connection.readFromBeginning(topic)) {
            reader.readToEnd(read -> read.value().ifPresent(prediction -> {
                comparison.add(prediction);
                numbers.add(prediction);
            }));
        }
    }

    private static void readLabels(Connection connection, Comparison comparison, NumberComparison numbers) {
        try (var reader = connection.readFromBeginning(connection.topics().labels())) {
            reader.readToEnd(read -> {
                if (read.problem().isEmpty()) {
                    Instant at = Instant.ofEpochMilli(read.raw().timestamp());
                    read.value().flatMap(Label::getPostId).or(read::key).ifPresent(id -> {
                        comparison.addLabel(id, at, read.value().flatMap(Label::getLabel));
                        numbers.addTarget(id, at, read.value().flatMap(Label::getTarget));
                    });
                }
            });
        }
    }

    private void print(Comparison comparison) {
        List<Tally> both = comparison.both();
        long posts = both.get(0).posts();
        long labelled = both.get(0).labelled();
        if (posts == 0) {
            output.note("no post was answered by both, so that these figures are of different posts"
                    + " ('sluice deploy " + other + " --shadow' lets it answer them all)");
            print(comparison.each());
            return;
        }
        output.line(String.format(
                Locale.ROOT,
                "%,d posts were answered by both, %,d (%s) the same",
                posts,
                comparison.same(),
                PredictionText.percent((double) comparison.same() / posts)));
        print(both);
        if (labelled > 0) {
            output.line(String.format(
                    Locale.ROOT,
                    "right alone: version %d on %,d, version %d on %,d",
                    one,
                    comparison.onlyRight(one),
                    other,
                    comparison.onlyRight(other)));
        }
        List<Difference> differences = comparison.differences(limit);
        if (!differences.isEmpty()) {
            TextTable table = new TextTable("post", "version " + one, "version " + other, "label", "text");
            differences.forEach(each -> table.row(
                    PredictionText.oneLine(each.postId(), 24),
                    text(each.one()),
                    text(each.other()),
                    each.label().orElse("-"),
                    each.text()));
            output.line("");
            table.lines().forEach(output::line);
        }
    }

    private void print(List<Tally> tallies) {
        TextTable table = new TextTable("version", "posts", "abstained", "labelled", "right", "accuracy");
        tallies.forEach(each -> table.row(
                each.version(),
                each.posts(),
                each.abstained(),
                each.labelled(),
                each.right(),
                each.accuracy().map(PredictionText::percent).orElse("-")));
        table.lines().forEach(output::line);
    }

    private static String text(Said said) {
        return said.label() + " " + PredictionText.percent(said.confidence()) + (said.abstained() ? ", abstained" : "");
    }

    private ObjectNode json(Comparison comparison) {
        ObjectNode json = OutputOptions.object()
                .put("posts", comparison.both().get(0).posts())
                .put("same", comparison.same());
        var both = json.putArray("both");
        comparison.both().forEach(each -> both.add(json(each).put("rightAlone", comparison.onlyRight(each.version()))));
        var each = json.putArray("each");
        comparison.each().forEach(tally -> each.add(json(tally)));
        var differences = json.putArray("differences");
        comparison.differences(limit).forEach(difference -> {
            ObjectNode node = OutputOptions.object().put("postId", difference.postId());
            node.putArray("said").add(json(one, difference.one())).add(json(other, difference.other()));
            difference.label().ifPresent(label -> node.put("label", label));
            differences.add(node.put("text", difference.text())
                    .put("at", difference.at().toString()));
        });
        return json;
    }

    private static ObjectNode json(Tally tally) {
        ObjectNode json = OutputOptions.object()
                .put("version", tally.version())
                .put("posts", tally.posts())
                .put("abstained", tally.abstained())
                .put("labelled", tally.labelled())
                .put("right", tally.right());
        tally.accuracy().ifPresent(accuracy -> json.put("accuracy", accuracy));
        return json;
    }

    private static ObjectNode json(int version, Said said) {
        return OutputOptions.object()
                .put("version", version)
                .put("label", said.label())
                .put("confidence", said.confidence())
                .put("abstained", said.abstained());
    }
}
