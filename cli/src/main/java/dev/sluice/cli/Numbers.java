package dev.sluice.cli;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Numbers as they stand in data: with a point, or an exponent; no grouping, no NaN, nothing infinite. */
final class Numbers {
    private static final Pattern NUMBER = Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");

    private Numbers() {}

    /** Nothing, if it is no finite number. */
    static Optional<Double> of(String text) {
        String stripped = text.strip();
        return NUMBER.matcher(stripped).matches()
                ? Optional.of(Double.valueOf(stripped)).filter(Double::isFinite)
                : Optional.empty();
    }

    /** The shortest way to write it: {@code 3}, {@code 0.35}. */
    static String text(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e15
                ? String.format(Locale.ROOT, "%.0f", number)
                : Double.toString(number);
    }
}
