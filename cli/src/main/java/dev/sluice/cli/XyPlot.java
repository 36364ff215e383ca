package dev.sluice.cli;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A picture with two axes that is drawn upon in the numbers of these axes. Drawn by hand, not by XChart: its pictures come from AWT,
 * so they have one theme, need fonts on the machine and cannot write two numbers in a cell; and they bring sixteen jars.
 */
final class XyPlot {
    private static final double LEFT = 54;
    private static final double RIGHT = 14;
    private static final double WITH_LEGEND = 38;
    private static final double PLAIN = 12;
    private static final double BOTTOM = 44;
    private static final double LETTER = 6.6;

    private final Scale x;
    private final Scale y;
    private final double width;
    private final double height;
    private final double top;
    private final Markup svg = Markup.of("svg");
    private double legendEnd = LEFT;

    /** @param label what a person who cannot see it should be told */
    static XyPlot withLegend(double width, double height, Scale x, Scale y, String label) {
        return new XyPlot(width, height, WITH_LEGEND, x, y, label);
    }

    /** As {@link #withLegend}, as high as wide and without room for a legend. */
    static XyPlot square(double side, Scale x, Scale y, String label) {
        return new XyPlot(side, side, PLAIN, x, y, label);
    }

    private XyPlot(double width, double height, double top, Scale x, Scale y, String label) {
        this.width = width;
        this.height = height;
        this.top = top;
        this.x = x;
        this.y = y;
        svg.is("plot")
                .with("viewBox", "0 0 " + (long) width + " " + (long) height)
                .with("width", (long) width)
                .with("height", (long) height)
                .with("role", "img")
                .with("aria-label", label);
    }

    /** Draws the grid and the axes, with their names. */
    XyPlot axes(String xName, String yName) {
        for (double mark : y.marks()) {
            double at = down(mark);
            svg.add(line("grid", LEFT, at, width - RIGHT, at), label("mark end", LEFT - 7, at + 4, y.text(mark)));
        }
        for (double mark : x.marks()) {
            double at = across(mark);
            svg.add(
                    line("axis", at, height - BOTTOM, at, height - BOTTOM + 4),
                    label("mark middle", at, height - BOTTOM + 17, x.text(mark)));
        }
        svg.add(
                line("axis", LEFT, height - BOTTOM, width - RIGHT, height - BOTTOM),
                label("name middle", (LEFT + width - RIGHT) / 2, height - 8, xName),
                label("name middle", 0, 0, yName)
                        .with("transform", "translate(13 " + (long) ((top + height - BOTTOM) / 2) + ") rotate(-90)"));
        return this;
    }

    /** A line through these points, {@code {x, y}} each; a single point is a dot. */
    XyPlot curve(String kind, List<double[]> points) {
        if (points.size() == 1) {
            svg.add(circle("dot " + kind, points.get(0)[0], points.get(0)[1], 4));
        } else if (!points.isEmpty()) {
            svg.add(Markup.of("polyline")
                    .is("curve " + kind)
                    .with(
                            "points",
                            points.stream()
                                    .map(point -> round(across(point[0])) + "," + round(down(point[1])))
                                    .collect(Collectors.joining(" "))));
        }
        return this;
    }

    /** A straight line between two points. */
    XyPlot straight(String kind, double x1, double y1, double x2, double y2) {
        svg.add(line(kind, across(x1), down(y1), across(x2), down(y2)));
        return this;
    }

    /** A dot that says more when it is pointed at. */
    XyPlot dot(String kind, double atX, double atY, double radius, String hint) {
        svg.add(circle("dot " + kind, atX, atY, radius).add(Markup.of("title", hint)));
        return this;
    }

    /** An upright line through the whole height, with a word over it. */
    XyPlot upright(String kind, double atX, String text) {
        double at = across(atX);
        double half = text.length() * LETTER / 2;
        svg.add(
                line(kind, at, top, at, height - BOTTOM),
                label("mark middle", Math.min(width - half - 2, Math.max(LEFT + half, at)), top - 6, text));
        return this;
    }

    /** A word beside a point, to its right or, near the right edge, to its left. */
    XyPlot note(double atX, double atY, String text) {
        boolean fits = across(atX) + 8 + text.length() * LETTER < width - RIGHT;
        svg.add(label(fits ? "note" : "note end", across(atX) + (fits ? 8 : -8), down(atY) + 4, text));
        return this;
    }

    /** Says over the picture what a kind of line means. */
    XyPlot legend(String kind, String text) {
        svg.add(line("curve " + kind, legendEnd, 13, legendEnd + 20, 13), label("name", legendEnd + 26, 17, text));
        legendEnd += 42 + text.length() * LETTER;
        return this;
    }

    Plot plot(String name, String title, String caption) {
        return new Plot(name, title, caption, width, svg);
    }

    private Markup circle(String kind, double atX, double atY, double radius) {
        return Markup.of("circle")
                .is(kind)
                .with("cx", across(atX))
                .with("cy", down(atY))
                .with("r", radius);
    }

    private double across(double value) {
        return LEFT + x.at(value) * (width - LEFT - RIGHT);
    }

    private double down(double value) {
        return height - BOTTOM - y.at(value) * (height - top - BOTTOM);
    }

    private static double round(double value) {
        return Math.round(value * 100) / 100.0;
    }

    static Markup line(String kind, double x1, double y1, double x2, double y2) {
        return Markup.of("line")
                .is(kind)
                .with("x1", x1)
                .with("y1", y1)
                .with("x2", x2)
                .with("y2", y2);
    }

    static Markup label(String kind, double x, double y, String text) {
        return Markup.of("text", text).is(kind).with("x", x).with("y", y);
    }
}
