package dev.sluice.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BucketsTest {
    private static final long HOUR = 3_600_000;

    private final Buckets day = new Buckets(Duration.ofDays(1));

    @ParameterizedTest
    @CsvSource({"3599999, 0", "3600000, 3600000", "3600001, 3600000", "-1, -3600000"})
    void shouldBeginPiecesAtWholeHoursWhenTheWindowIsADay(long time, long start) {
        assertThat(day.startOf(time)).isEqualTo(start);
    }

    @ParameterizedTest
    @CsvSource({"0, 77", "3599999, 77", "3600000, 78"})
    void shouldHoldThePieceBeingFilledAndThe23Before(long after, long hours) {
        assertThat(day.windowStart(100 * HOUR + after)).isEqualTo(hours * HOUR);
    }

    @Test
    void shouldTakeAMinuteOrMore() {
        assertThat(new Buckets(Duration.ofMinutes(1)).windowStart(60_000)).isEqualTo(2_500);
        assertThat(new Buckets(Duration.ofMillis(60_001)).window()).hasMillis(60_001);
        assertThatThrownBy(() -> new Buckets(Duration.ofMillis(59_999))).isInstanceOf(IllegalArgumentException.class);
    }
}
