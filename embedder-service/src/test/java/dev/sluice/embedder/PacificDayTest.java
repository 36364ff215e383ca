package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PacificDayTest {
    @ParameterizedTest
    @CsvSource({
        // winter: eight hours behind UTC
        "2026-11-22T07:59:59.999Z, 2026-11-22T08:00:00Z",
        "2026-11-22T08:00:00Z, 2026-11-23T08:00:00Z",
        "2026-11-22T08:00:00.001Z, 2026-11-23T08:00:00Z",
        // clocks go forward: a day of 23 hours
        "2026-03-08T08:00:00Z, 2026-03-09T07:00:00Z",
        // clocks go back: a day of 25 hours
        "2026-11-01T07:00:00Z, 2026-11-02T08:00:00Z",
        "2026-11-02T07:59:59Z, 2026-11-02T08:00:00Z",
    })
    void shouldEndAtMidnightWhenTheDayIsOfAnyLength(Instant moment, Instant midnight) {
        assertThat(PacificDay.midnightAfter(moment)).isEqualTo(midnight);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-22T20:00:00Z, 2026-11-23T08:00:10Z",
        "2026-11-23T07:59:49.999Z, 2026-11-23T08:00:10Z",
        "2026-11-23T07:59:50Z, 2026-11-24T08:00:10Z", // there it may be tomorrow
        "2026-11-23T08:00:00Z, 2026-11-24T08:00:10Z",
    })
    void shouldCountOnBothDaysWhenACallIsNearMidnight(Instant answered, Instant end) {
        assertThat(PacificDay.endOf(answered.toEpochMilli())).isEqualTo(end.toEpochMilli());
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-22T20:00:00Z, 2026-11-23T08:00:00Z",
        "2026-11-22T08:05:00Z, 2026-11-23T08:00:00Z",
        "2026-11-22T08:04:59Z, 2026-11-22T08:09:59Z", // the provider's clock is behind ours
        "2026-11-22T08:00:00Z, 2026-11-22T08:05:00Z",
    })
    void shouldWaitForMidnightWhenTheDayIsUsedUpUnlessItHasJustBegun(Instant moment, Instant returns) {
        assertThat(PacificDay.returns(moment)).isEqualTo(returns);
    }
}
