package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class MomentsTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-22T12:00:00Z"), ZoneOffset.UTC);

    @ParameterizedTest
    @CsvSource({
        "2026-11-20T09:00:00Z, 2026-11-20T09:00:00Z",
        "2026-11-20T09:00+02:00, 2026-11-20T07:00:00Z",
        "2026-11-20, 2026-11-20T00:00:00Z",
        "2h, 2026-11-22T10:00:00Z",
        "3d, 2026-11-19T12:00:00Z",
        "2026-11-22T11:59:59Z, 2026-11-22T11:59:59Z",
        "2026-11-22T12:00:00Z, 2026-11-22T12:00:00Z",
        "0s, 2026-11-22T12:00:00Z"
    })
    void shouldReadWhatPeopleTypeWhenItIsAMomentOfThePast(String text, Instant moment) {
        assertThat(Moments.parse(text, CLOCK)).isEqualTo(moment);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "yesterday", "3", "2026", "-2h", "2026-11-20T09:00", "2026-13-01"})
    void shouldShowHowToWriteItWhenItIsNoMoment(String text) {
        assertThatThrownBy(() -> Moments.parse(text, CLOCK))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("2h or 3d");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-11-22T12:00:01Z", "2026-11-23"})
    void shouldRefuseAMomentWhenItHasNotComeYet(String text) {
        assertThatThrownBy(() -> Moments.parse(text, CLOCK)).hasMessageContaining("has not come yet");
    }
}
