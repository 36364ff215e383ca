package dev.sluice.embedder;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;

/**
 * The day of Gemini's daily quota: from midnight to midnight in California, 23 to 25 hours. The provider's clock is not
 * ours, so a call near midnight counts on both days.
 */
final class PacificDay {
    private static final ZoneId CALIFORNIA = ZoneId.of("America/Los_Angeles");

    /** How far the provider's clock may be from ours. */
    static final Duration CLOCK_DIFFERENCE = Duration.ofSeconds(10);

    /** A day's quota cannot be gone so early: the provider's day is not yet over. */
    private static final Duration TOO_EARLY = Duration.ofMinutes(5);

    private PacificDay() {}

    /** @return the midnight after this moment */
    static Instant midnightAfter(Instant moment) {
        return moment.atZone(CALIFORNIA)
                .toLocalDate()
                .plusDays(1)
                .atStartOfDay(CALIFORNIA)
                .toInstant();
    }

    /** @return the millisecond up to which a call counts that was answered at this one */
    static long endOf(long answered) {
        Instant latest = Instant.ofEpochMilli(answered).plus(CLOCK_DIFFERENCE);
        return midnightAfter(latest).plus(CLOCK_DIFFERENCE).toEpochMilli();
    }

    /** @return when to ask again a provider that says, at this moment, that the day's quota is gone */
    static Instant returns(Instant moment) {
        ZonedDateTime here = moment.atZone(CALIFORNIA);
        Instant begin = here.toLocalDate().atStartOfDay(CALIFORNIA).toInstant();
        return Duration.between(begin, moment).compareTo(TOO_EARLY) < 0
                ? moment.plus(TOO_EARLY)
                : midnightAfter(moment);
    }
}
