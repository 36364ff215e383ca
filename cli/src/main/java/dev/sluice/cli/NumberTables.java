package dev.sluice.cli;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.Split;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The demo's tables of posts with numbers, as lines. */
final class NumberTables {
    private static final int SAMPLES = 10;
    private static final int FAR_OFF = 4;

    private NumberTables() {}

    /** How many posts each split has, and which numbers. */
    static List<String> posts(DataSet data) {
        TextTable table = new TextTable("numbers", "posts", "lowest", "mean", "highest", "deviation");
        for (Split split : Split.values()) {
            List<Double> targets = data.of(split).stream()
                    .flatMap(post -> post.getTarget().stream())
                    .toList();
            if (!targets.isEmpty()) {
                table.row(row(split.toString().toLowerCase(Locale.ROOT), targets));
            }
        }
        table.row(row(
                "all",
                data.posts().stream()
                        .map(Post::getTarget)
                        .flatMap(each -> each.stream())
                        .toList()));
        return table.lines();
    }

    private static Object[] row(String name, List<Double> targets) {
        DoubleSummaryStatistics statistics =
                targets.stream().mapToDouble(Double::doubleValue).summaryStatistics();
        return new Object[] {
            name,
            Figures.count(targets.size()),
            Numbers.text(statistics.getMin()),
            Figures.score(statistics.getAverage()),
            Numbers.text(statistics.getMax()),
            Figures.score(Spread.of(targets).deviation())
        };
    }

    /** The answers furthest off, then others from the lowest number to the highest. */
    static List<String> samples(List<Prediction> answers, int width) {
        List<Prediction> byError = answers.stream()
                .sorted(Comparator.comparingDouble((Prediction answer) -> Math.abs(AnswerFigures.error(answer)))
                        .reversed())
                .toList();
        List<Prediction> shown = new ArrayList<>(byError.subList(0, Math.min(FAR_OFF, byError.size())));
        List<Prediction> others = byError.subList(shown.size(), byError.size()).stream()
                .sorted(Comparator.comparing(
                        (Prediction answer) -> answer.getPostTarget().orElseThrow()))
                .toList();
        int more = Math.min(SAMPLES - shown.size(), others.size());
        IntStream.range(0, more)
                .mapToObj(i -> others.get((int) ((long) i * (others.size() - 1) / Math.max(1, more - 1))))
                .forEach(shown::add);
        int room =
                width - table(shown, 0).stream().mapToInt(String::length).max().orElse(0) - 2;
        return table(shown, room);
    }

    private static List<String> table(List<Prediction> answers, int room) {
        TextTable table = new TextTable("is", "predicted", "off by", "text");
        answers.forEach(answer -> table.row(
                Numbers.text(answer.getPostTarget().orElseThrow()),
                Figures.score(answer.getValue().orElseThrow()),
                String.format(Locale.ROOT, "%+.4f", AnswerFigures.error(answer)),
                room <= 0 ? "" : PredictionText.oneLine(answer.getTextStart(), room)));
        return table.lines();
    }
}
