package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({"500ms, 500", "5s, 5000", "5, 5000", "2m, 120000", "1h, 3600000", "3d, 259200000", "0s, 0"})
    void shouldReadWhatPeopleTypeWhenItIsASpanOfTime(String text, long millis) {
        assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "-1s", "5 s", "5w", "1.5s", "12345678901s"})
    void shouldRefuseWhatIsNoSpanOfTimeWhenTyped(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("500ms, 5s or 2m");
    }

    @ParameterizedTest
    @CsvSource({"999, 999ms", "1000, 1s", "1001, 1001ms", "59000, 59s", "60000, 1m", "61000, 61s", "0, 0s"})
    void shouldWriteTheLargestUnitThatFitsWhenShown(long millis, String text) {
        assertThat(Durations.text(Duration.ofMillis(millis))).isEqualTo(text);
    }
}
