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
