package dev.sluice.cli;

import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/**
 * An axis of a plot: which numbers it spans, and where it is marked. Marks stand at 1, 2 or 5 times a power of ten, the
 * numbers that people count in (Heckbert, Nice Numbers for Graph Labels, Graphics Gems 1990).
 *
 * @param low the number at its beginning
 * @param high the number at its end, above low
 * @param step between two marks
 */
record Scale(double low, double high, double step) {
    private static final int MARKS = 5;

    /** Of shares: a curve that hardly moves is not to look as if it did. */
    private static final double LEAST_SHARE = 0.1;

    /** Whoever makes a version may write any figure into it. */
    private static final double MOST = 1e100;

    Scale {
        if (!(low < high) || !(step > 0) || !Double.isFinite(high - low)) {
            throw new IllegalArgumentException("no scale from " + low + " to " + high + " by " + step);
        }
    }

    /** Spans these numbers and a little more, from mark to mark. Numbers that are (almost) equal get some room around them. */
    static Scale around(double least, double most) {
        double room = Math.max(Math.abs(least), Math.abs(most));
        boolean apart = most - least > Math.max(1e-9 * room, 1 / MOST);
        double around = room < 1 / MOST ? 1 : room / 10;
        double from = apart ? least : least - around;
        double to = apart ? most : most + around;
        double step = stepOf((to - from) / MARKS);
        return new Scale(Math.floor(from / step + 1e-9) * step, Math.ceil(to / step - 1e-9) * step, step);
    }

    /** As {@link #around}, but of a tenth at least, and never beyond what a share can be. */
    static Scale ofShares(double least, double most) {
        double from = Math.max(0, Math.min(least, most - LEAST_SHARE));
        Scale scale = around(from, Math.max(most, from + LEAST_SHARE));
        return new Scale(Math.max(0, scale.low), Math.min(1, scale.high), scale.step);
    }

    /** From 0 to 1. */
    static Scale ofShares() {
        return new Scale(0, 1, 0.2);
    }

    /** Whether a number can be drawn: no NaN, nothing infinite or nearly so. */
    static boolean shows(double value) {
        return Math.abs(value) <= MOST;
    }

    /** Exactly from one whole number to another, marked at whole numbers. */
    static Scale ofWhole(int first, int last) {
        return first == last
                ? new Scale(first - 0.5, last + 0.5, 1)
                : new Scale(first, last, Math.max(1, stepOf(((double) last - first) / MARKS)));
    }

    private static double stepOf(double rough) {
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double lead = rough / power;
        return power * (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10);
    }

    /** Where a number lies: 0 at the beginning, 1 at the end. */
    double at(double value) {
        return (value - low) / (high - low);
    }

    /** The numbers that are marked, rising. */
    List<Double> marks() {
        long first = (long) Math.ceil(low / step - 1e-9);
        long last = (long) Math.floor(high / step + 1e-9);
        return LongStream.rangeClosed(first, last).mapToObj(i -> i * step).toList();
    }

    /** With as many digits as tell the marks apart. */
    String text(double mark) {
        int digits = Math.max(0, (int) -Math.floor(Math.log10(step) + 1e-9));
        return digits > 6 || Math.abs(mark) >= 1e7
                ? String.format(Locale.ROOT, "%.3g", mark)
                : String.format(Locale.ROOT, "%,." + digits + "f", mark == 0 ? 0.0 : mark);
    }
}
