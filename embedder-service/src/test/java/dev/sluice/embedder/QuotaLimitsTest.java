package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuotaLimitsTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @ParameterizedTest
    @CsvSource({"0,0,0,false", "1,0,0,true", "0,1,0,true", "0,0,1,true"})
    void shouldBeLimitedWhenAnyQuotaIsSet(int requests, int tokens, int day, boolean limited) {
        assertThat(new QuotaLimits(requests, tokens, day, true, MINUTE, 4).isLimited())
                .isEqualTo(limited);
    }

    @Test
    void shouldRefuseWhenAQuotaIsNegative() {
        assertThatThrownBy(() -> new QuotaLimits(-1, 0, 0, true, MINUTE, 4))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new QuotaLimits(0, -1, 0, true, MINUTE, 4))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new QuotaLimits(0, 0, -1, true, MINUTE, 4))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseWhenTheWindowIsBelowItsLeast() {
        new QuotaLimits(1, 1, 1, true, Duration.ofMillis(60), 4);

        assertThatThrownBy(() -> new QuotaLimits(1, 1, 1, true, Duration.ofMillis(59), 4))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void shouldRefuseWhenTokensHaveNoLength(double characters) {
        assertThatThrownBy(() -> new QuotaLimits(1, 1, 1, true, MINUTE, characters))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseANegativeDelayWhenTheQuotaIsExceeded() {
        assertThat(new QuotaExceededException("busy", false, Optional.of(Duration.ZERO), null).retryDelay())
                .contains(Duration.ZERO);
        assertThatThrownBy(() -> new QuotaExceededException("busy", false, Optional.of(Duration.ofNanos(-1)), null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"29999, 30000", "30000, 30000", "30001, 30001"})
    void shouldExpectACallToTakeHalfAWindowWhenItMayNotTakeLonger(long millis, long expected) {
        assertThat(new QuotaLimits(1, 1, 1, true, MINUTE, 4, "", Duration.ofMillis(millis)).longestCall())
                .isEqualTo(Duration.ofMillis(expected));
    }
}
