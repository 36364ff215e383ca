package dev.sluice.cli;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** Moments of the past as people type them: ISO 8601 ({@code 2026-11-22T09:00:00Z}, {@code 2026-11-22}), or how long ago ({@code 3d}). */
final class Moments {
    private Moments() {}

    /** @throws TypeConversionException if it is none, or has not come yet */
    static Instant parse(String text, Clock clock) {
        Instant now = clock.instant();
        Instant moment = Stream.<Function<String, Instant>>of(
                        typed -> OffsetDateTime.parse(typed).toInstant(),
                        typed -> LocalDate.parse(typed)
                                .atStartOfDay(ZoneOffset.UTC)
                                .toInstant(),
                        typed -> now.minus(span(typed)))
                .flatMap(reading -> read(reading, text.strip()).stream())
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + text
                        + "' is no time; write for instance 2026-11-22T09:00:00Z, 2026-11-22, 2h or 3d (ago)"));
        if (moment.isAfter(now)) {
            throw new TypeConversionException("'" + text + "' has not come yet");
        }
        return moment;
    }

    /**
     * As {@link #parse}, of an option.
     *
     * @throws ParameterException naming the option
     */
    static Instant ofOption(CommandSpec command, String option, String text, Clock clock) {
        try {
            return parse(text, clock);
        } catch (TypeConversionException e) {
            throw new ParameterException(command.commandLine(), option + ": " + e.getMessage(), e);
        }
    }

    private static Duration span(String typed) {
        if (typed.matches("\\d+")) {
            throw new TypeConversionException("seconds, or a year?");
        }
        return Durations.parse(typed);
    }

    private static Optional<Instant> read(Function<String, Instant> reading, String text) {
        try {
            return Optional.of(reading.apply(text));
        } catch (DateTimeException | TypeConversionException e) {
            return Optional.empty();
        }
    }
}
