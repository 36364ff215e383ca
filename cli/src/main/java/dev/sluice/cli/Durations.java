package dev.sluice.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** Spans of time as people type them: {@code 500ms}, {@code 5s}, {@code 2m}, {@code 1h}, {@code 3d}; a bare number means seconds. */
final class Durations {
    private static final Pattern TYPED = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)?");

    private Durations() {}

    /** @throws TypeConversionException if it is no span of time */
    static Duration parse(String text) {
        Matcher typed = TYPED.matcher(text.strip());
        if (!typed.matches()) {
            throw new TypeConversionException("'" + text + "' is no span of time; write for instance 500ms, 5s or 2m");
        }
        long number = Long.parseLong(typed.group(1));
        String unit = typed.group(2) == null ? "s" : typed.group(2);
        return switch (unit) {
            case "ms" -> Duration.ofMillis(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            default -> Duration.ofSeconds(number);
        };
    }

    /** As people type it, in the largest unit that fits: {@code 5s}. */
    static String text(Duration span) {
        long millis = span.toMillis();
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        return millis % 60_000 != 0 || millis == 0 ? millis / 1000 + "s" : millis / 60_000 + "m";
    }
}
