package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.cli.NumberComparison.Difference;
import dev.sluice.cli.NumberComparison.Tally;
import java.util.List;
import java.util.Locale;

/** How a comparison of numbers is shown, to people and to scripts. */
final class NumberCompareOutput {
    private NumberCompareOutput() {}

    static void print(NumberComparison comparison, int limit, OutputOptions output) {
        List<Tally> both = comparison.both();
        int one = both.get(0).version();
        int other = both.get(1).version();
        if (both.get(0).posts() == 0) {
            output.note("no post was answered by both, so that these figures are of different posts"
                    + " ('sluice deploy " + other + " --shadow' lets it answer them all)");
            table(comparison.each()).forEach(output::line);
            return;
        }
        output.line(String.format(
                Locale.ROOT,
                "%,d posts were answered by both, on the mean %s apart",
                both.get(0).posts(),
                Figures.score(comparison.meanAbsoluteDifference())));
        table(both).forEach(output::line);
        if (both.get(0).known() > 0) {
            output.line(String.format(
                    Locale.ROOT,
                    "nearer: version %d on %,d, version %d on %,d",
                    one,
                    comparison.nearer(one),
                    other,
                    comparison.nearer(other)));
        }
        List<Difference> differences = comparison.differences(limit);
        if (!differences.isEmpty()) {
            TextTable table = new TextTable("post", "version " + one, "version " + other, "number", "text");
            differences.forEach(each -> table.row(
                    PredictionText.oneLine(each.postId(), 24),
                    Figures.score(each.one()),
                    Figures.score(each.other()),
                    each.target().map(Numbers::text).orElse("-"),
                    each.text()));
            output.line("");
            table.lines().forEach(output::line);
        }
    }

    private static List<String> table(List<Tally> tallies) {
        TextTable table = new TextTable("version", "posts", "numbers known", "mean absolute error");
        tallies.forEach(each -> table.row(
                each.version(),
                each.posts(),
                each.known(),
                each.meanAbsoluteError().map(Figures::score).orElse("-")));
        return table.lines();
    }

    static ObjectNode json(NumberComparison comparison, int limit) {
        ObjectNode json = OutputOptions.object()
                .put("posts", comparison.both().get(0).posts())
                .put("meanAbsoluteDifference", comparison.meanAbsoluteDifference());
        var both = json.putArray("both");
        comparison.both().forEach(tally -> both.add(json(tally).put("nearer", comparison.nearer(tally.version()))));
        var each = json.putArray("each");
        comparison.each().forEach(tally -> each.add(json(tally)));
        var differences = json.putArray("differences");
        comparison.differences(limit).forEach(difference -> {
            ObjectNode node = OutputOptions.object().put("postId", difference.postId());
            node.putArray("said").add(difference.one()).add(difference.other());
            difference.target().ifPresent(target -> node.put("target", target));
            differences.add(node.put("text", difference.text()));
        });
        return json;
    }

    private static ObjectNode json(Tally tally) {
        ObjectNode json = OutputOptions.object()
                .put("version", tally.version())
                .put("posts", tally.posts())
                .put("known", tally.known());
        tally.meanAbsoluteError().ifPresent(error -> json.put("meanAbsoluteError", error));
        return json;
    }
}
