package dev.sluice.cli;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The demo's tables, as lines. */
final class DemoTables {
    private static final int SAMPLES = 10;
    private static final int WRONG_SAMPLES = 4;
    private static final int LONGEST_LABEL = 26;

    private DemoTables() {}

    /** Posts of each class in each split, and the sums. */
    static List<String> posts(DataSet data) {
        List<Split> splits = Arrays.stream(Split.values())
                .filter(split -> !data.of(split).isEmpty())
                .toList();
        TextTable table =
                new TextTable(cells("class", splits, split -> split.toString().toLowerCase(Locale.ROOT)));
        for (String label : data.classes()) {
            table.row((Object[]) cells(
                    label,
                    splits,
                    split ->
                            number(data.of(split), post -> DataSet.labelOf(post).equals(label))));
        }
        table.row((Object[])
                cells(data.classes().size() + " classes", splits, split -> number(data.of(split), post -> true)));
        return table.lines();
    }

    private static String number(List<Post> posts, Predicate<Post> which) {
        return Figures.count(posts.stream().filter(which).count());
    }

    private static String[] cells(String first, List<Split> splits, Function<Split, String> cell) {
        return Stream.concat(Stream.of(first), splits.stream().map(cell)).toArray(String[]::new);
    }

    /** Some of the wrong answers, the surest first, then right ones of each class in turn. */
    static List<String> samples(List<Prediction> answers, int width) {
        List<Prediction> wrong = answers.stream()
                .filter(answer -> !isRight(answer))
                .sorted(Comparator.comparing(DemoTables::confidence).reversed())
                .limit(WRONG_SAMPLES)
                .toList();
        List<Prediction> shown = new ArrayList<>(wrong);
        inTurn(answers.stream().filter(DemoTables::isRight).toList())
                .limit(SAMPLES - wrong.size())
                .forEach(shown::add);
        List<String> withoutText = table(shown, 0);
        int room = width - withoutText.stream().mapToInt(String::length).max().orElse(0) - 2;
        return table(shown, room);
    }

    /** The first of each label, then the second of each, and so on. */
    private static Stream<Prediction> inTurn(List<Prediction> answers) {
        Map<String, Integer> seen = new HashMap<>();
        Map<Integer, List<Prediction>> rounds = new TreeMap<>();
        for (Prediction answer : answers) {
            int round = seen.merge(answer.getLabel().orElse(""), 1, Integer::sum);
            rounds.computeIfAbsent(round, number -> new ArrayList<>()).add(answer);
        }
        return rounds.values().stream().flatMap(List::stream);
    }

    private static List<String> table(List<Prediction> answers, int room) {
        TextTable table = new TextTable("", "is", "predicted", "confidence", "text");
        answers.forEach(answer -> table.row(
                isRight(answer) ? " " : "✗",
                PredictionText.oneLine(answer.getPostLabel().orElse(""), LONGEST_LABEL),
                PredictionText.oneLine(answer.getLabel().orElse(""), LONGEST_LABEL),
                PredictionText.percent(confidence(answer)),
                room <= 0 ? "" : PredictionText.oneLine(answer.getTextStart(), room)));
        return table.lines();
    }

    private static float confidence(Prediction answer) {
        return answer.getConfidence().orElse(0f);
    }

    static boolean isRight(Prediction answer) {
        return answer.getLabel().equals(answer.getPostLabel());
    }
}
