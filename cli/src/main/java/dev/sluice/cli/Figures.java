package dev.sluice.cli;

import java.time.Duration;
import java.util.Locale;

/** How numbers are written for people: the same everywhere, whatever the locale. */
final class Figures {
    private Figures() {}

    /** {@code 18,846} */
    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code 1 post}, {@code 18,846 posts} */
    static String count(long number, String thing) {
        return count(number) + " " + thing + (number == 1 ? "" : "s");
    }

    /** Four digits behind the point, as Keras prints losses. */
    static String score(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    /** A number of any size, with at most four digits behind the point: {@code 3.5}, {@code 0.0312}, {@code 1.2e-07}. */
    static String value(double value) {
        double size = Math.abs(value);
        if (size != 0 && (size < 1e-3 || size >= 1e9)) {
            return String.format(Locale.ROOT, "%.3g", value);
        }
        String digits = String.format(Locale.ROOT, "%,.4f", value);
        return digits.replaceAll("\\.?0+$", "");
    }

    /** A figure of any unit: four digits behind the point where it is small, four in all where it is large. */
    static String figure(double value) {
        return Math.abs(value) < 1000 ? score(value) : value(Math.rint(value * 10) / 10);
    }

    /** {@code 0.4 s}, {@code 59.9 s}, {@code 4 min 05 s}, {@code 2 h 03 min} */
    static String time(Duration time) {
        if (time.toMillis() < 59_950) {
            return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
        }
        long seconds = Math.round(time.toMillis() / 1000.0);
        return seconds < 3600
                ? String.format(Locale.ROOT, "%d min %02d s", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%d h %02d min", seconds / 3600, seconds % 3600 / 60);
    }
}
