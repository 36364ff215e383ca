package dev.sluice.cli;

import static dev.sluice.cli.XyPlot.label;

import java.util.List;

/**
 * Which label was taken for which: a row a true label, a column an answer. A cell's shade is its share of the row, blue where it is
 * right and orange where it is wrong, so that labels with few examples are seen as well as those with many. Only one colour of
 * letters stands on all shades, so no shade is darker than that bears.
 */
final class ConfusionPlot {
    private static final double LETTER = 6.7;
    private static final int LONGEST = 26;
    private static final double SLANT = Math.sqrt(0.5);
    private static final double DARKEST = 0.75;

    /** Cells narrower than these hold no share, or nothing at all; what they say is told when they are pointed at. */
    private static final double WITH_SHARE = 32;

    private static final double WITH_COUNT = 24;

    /** Of more labels only cells that hold something are drawn: a million squares would fill the memory. */
    private static final int WITH_EMPTY_CELLS = 100;

    private final ConfusionMatrix matrix;
    private final int size;
    private final double cell;
    private final double left;
    private final double top;
    private final boolean level;

    private ConfusionPlot(ConfusionMatrix matrix) {
        this.matrix = matrix;
        size = matrix.labels().size();
        cell = size <= 4 ? 84 : size <= 8 ? 60 : size <= 20 ? 34 : size <= 40 ? 26 : 14;
        double longest = matrix.labels().stream()
                .mapToDouble(name -> length(shortened(name)))
                .max()
                .orElse(0);
        left = 34 + Math.max(longest, 30);
        level = longest < cell - 6;
        top = 34 + Math.max(longest * SLANT, 12);
    }

    static Plot of(ConfusionMatrix matrix, String examples) {
        return new ConfusionPlot(matrix).plot(examples);
    }

    private Plot plot(String examples) {
        double width = width();
        double height = top + size * cell + 12;
        Markup svg = Markup.of("svg")
                .is("plot heat")
                .with("viewBox", "0 0 " + (long) width + " " + (long) height)
                .with("width", (long) width)
                .with("height", (long) height)
                .with("role", "img")
                .with("aria-label", "confusion matrix of " + size + " labels");
        svg.add(
                label("name middle", left + size * cell / 2, 14, "answer"),
                label("name middle", 0, 0, "true label")
                        .with("transform", "translate(14 " + (long) (top + size * cell / 2) + ") rotate(-90)"));
        if (size > WITH_EMPTY_CELLS) {
            svg.add(Markup.of("rect")
                    .is("cell")
                    .with("x", left)
                    .with("y", top)
                    .with("width", size * cell)
                    .with("height", size * cell));
        }
        for (int i = 0; i < size; i++) {
            svg.add(row(i), head(i));
            List<Long> counts = matrix.counts().get(i);
            long all = counts.stream().mapToLong(Long::longValue).sum();
            for (int j = 0; j < size; j++) {
                if (size <= WITH_EMPTY_CELLS || counts.get(j) != 0) {
                    svg.add(cell(i, j, counts.get(j), all));
                }
            }
        }
        return new Plot(
                "confusion",
                "Confusion matrix",
                "A row a true label, a column an answer, on " + examples
                        + ". Blue is right, orange is wrong; the shade, "
                        + (cell >= WITH_SHARE
                                ? "and the percentage, is the share of the row."
                                : "is the share of the row."),
                width,
                svg);
    }

    private Markup row(int row) {
        String name = matrix.labels().get(row);
        return label("mark end", left - 8, top + row * cell + cell / 2 + 4, shortened(name))
                .add(Markup.of("title", name));
    }

    private Markup head(int column) {
        String name = matrix.labels().get(column);
        double middle = left + column * cell + cell / 2;
        Markup head = level
                ? label("mark middle", middle, top - 8, shortened(name))
                : label(cell < WITH_COUNT ? "mark tiny" : "mark", 0, 0, shortened(name))
                        .with(
                                "transform",
                                "translate(" + (long) (middle + 2) + " " + (long) (top - 7) + ") rotate(-45)");
        return head.add(Markup.of("title", name));
    }

    private Markup cell(int row, int column, long count, long all) {
        double share = all == 0 ? 0 : (double) count / all;
        double x = left + column * cell;
        double y = top + row * cell;
        Markup square = Markup.of("rect")
                .is(row == column ? "right" : "wrong")
                .with("x", x + 1)
                .with("y", y + 1)
                .with("width", cell - 2)
                .with("height", cell - 2)
                .with("rx", 2.0)
                .with("fill-opacity", count == 0 ? 0.0 : shade(row == column, share));
        Markup group = Markup.of("g")
                .with("data-cell", row + "," + column)
                .add(Markup.of("rect")
                        .is("cell")
                        .with("x", x + 1)
                        .with("y", y + 1)
                        .with("width", cell - 2)
                        .with("height", cell - 2)
                        .with("rx", 2.0))
                .add(square);
        if (count > 0 && cell >= WITH_COUNT) {
            boolean both = cell >= WITH_SHARE;
            group.add(label(
                    "count middle" + (cell > 50 ? " large" : count > 999 ? " small" : ""),
                    x + cell / 2,
                    y + cell / 2 + (both ? 0 : 4),
                    Figures.count(count)));
            if (both) {
                group.add(label("share middle", x + cell / 2, y + cell / 2 + (cell > 50 ? 18 : 13), percent(share)));
            }
        }
        return group.add(Markup.of(
                "title",
                matrix.labels().get(row) + " answered as " + matrix.labels().get(column) + ": " + Figures.count(count)
                        + " of " + Figures.count(all)));
    }

    /** Few mistakes are to be seen as well as many; what is right differs little, so there the shade is the share itself. */
    private static double shade(boolean right, double share) {
        return DARKEST * Math.max(0.08, right ? share : Math.sqrt(share));
    }

    /** The slanted names reach beyond the last cell. */
    private double width() {
        double end = left + size * cell;
        for (int i = 0; i < size; i++) {
            end = Math.max(
                    end,
                    left
                            + (i + 0.5) * cell
                            + SLANT * length(shortened(matrix.labels().get(i))));
        }
        return end + 12;
    }

    /** Whole percents; a little is not nothing, and not quite all is not all. */
    private static String percent(double share) {
        long whole = Math.round(100 * share);
        return whole == 0 && share > 0 ? "<1%" : whole == 100 && share < 1 ? ">99%" : whole + "%";
    }

    /** The middle is cut out: names often begin alike. */
    private static String shortened(String name) {
        List<Integer> letters = name.codePoints().boxed().toList();
        if (letters.size() <= LONGEST) {
            return name;
        }
        return text(letters.subList(0, LONGEST / 2)) + "…"
                + text(letters.subList(letters.size() - LONGEST / 2 + 1, letters.size()));
    }

    private static String text(List<Integer> letters) {
        StringBuilder text = new StringBuilder();
        letters.forEach(text::appendCodePoint);
        return text.toString();
    }

    /** About, without asking for a font: Asian letters are twice as wide. */
    private static double length(String name) {
        return LETTER
                * name.codePoints()
                        .mapToDouble(letter -> letter >= 0x1100 ? 2 : 1)
                        .sum();
    }
}
