package dev.sluice.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How often posts of one class were taken for another: the diagonal is right.
 *
 * @param labels in the order of the model
 * @param counts [true label][predicted label]
 */
record ConfusionMatrix(List<String> labels, List<List<Long>> counts) {
    private static final int LONGEST_NAME = 24;
    private static final int SHORTEST_NAME = 4;
    private static final String CORNER = "true \\ predicted";

    /** More columns than these stand one space apart, not two. */
    private static final int FEW = 8;

    /** @throws IllegalArgumentException if it is not square */
    ConfusionMatrix {
        labels = List.copyOf(labels);
        counts = counts.stream().map(List::copyOf).toList();
        int size = labels.size();
        if (counts.size() != size || counts.stream().anyMatch(row -> row.size() != size)) {
            throw new IllegalArgumentException("a confusion matrix of " + size + " labels is square");
        }
    }

    /**
     * A table of at most so many columns, where that is possible: a row for each true label with the share of it that is
     * right, a column for each answer. Where the labels are too long to head the columns, letters stand for them.
     */
    List<String> lines(int width) {
        List<String> spelled = table(labels, labels);
        if (fits(spelled, width)) {
            return spelled;
        }
        List<String> letters = IntStream.range(0, labels.size())
                .mapToObj(ConfusionMatrix::letter)
                .toList();
        for (int room = LONGEST_NAME; ; room--) {
            List<String> lettered = table(named(letters, room), letters);
            if (room == SHORTEST_NAME || fits(lettered, width)) {
                return lettered;
            }
        }
    }

    private static boolean fits(List<String> lines, int width) {
        return lines.stream().allMatch(line -> line.length() <= width);
    }

    private List<String> named(List<String> letters, int room) {
        return IntStream.range(0, labels.size())
                .mapToObj(i -> letters.get(i) + " " + PredictionText.oneLine(labels.get(i), room))
                .toList();
    }

    /** a to z, then aa, ab ... */
    private static String letter(int index) {
        String last = String.valueOf((char) ('a' + index % 26));
        return index < 26 ? last : letter(index / 26 - 1) + last;
    }

    private List<String> table(List<String> names, List<String> heads) {
        List<List<String>> columns = new ArrayList<>();
        columns.add(leftBound(Stream.concat(Stream.of(names == heads ? CORNER : ""), names.stream())));
        for (int i = 0; i < labels.size(); i++) {
            int answer = i;
            columns.add(rightBound(Stream.concat(
                    Stream.of(heads.get(i)),
                    counts.stream().map(row -> row.get(answer) == 0 ? "·" : Figures.count(row.get(answer))))));
        }
        columns.add(rightBound(Stream.concat(
                Stream.of("right"), IntStream.range(0, labels.size()).mapToObj(this::shareRight))));
        return IntStream.rangeClosed(0, labels.size())
                .mapToObj(line -> String.join(
                                labels.size() <= FEW ? "  " : " ",
                                columns.stream().map(column -> column.get(line)).toList())
                        .stripTrailing())
                .toList();
    }

    private String shareRight(int row) {
        long all = counts.get(row).stream().mapToLong(Long::longValue).sum();
        return all == 0 ? "" : Math.round(100.0 * counts.get(row).get(row) / all) + "%";
    }

    private static List<String> leftBound(Stream<String> cells) {
        List<String> all = cells.toList();
        return all.stream().map(cell -> cell + padding(cell, all)).toList();
    }

    private static List<String> rightBound(Stream<String> cells) {
        List<String> all = cells.toList();
        return all.stream().map(cell -> padding(cell, all) + cell).toList();
    }

    private static String padding(String cell, List<String> all) {
        return " ".repeat(Collections.max(all.stream().map(String::length).toList()) - cell.length());
    }
}
