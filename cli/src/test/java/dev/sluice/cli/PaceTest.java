package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PaceTest {
    private final AtomicLong now = new AtomicLong(-5);

    @Test
    void shouldHoldBackWhatIsAheadOfItsTurnWhenThereIsARate() {
        Pace pace = new Pace(10, now::get);

        now.addAndGet(1_000_000_000);

        assertThat(pace.ahead(9)).isNegative();
        assertThat(pace.ahead(10)).isZero();
        assertThat(pace.ahead(11)).isEqualTo(100_000_000);
        assertThat(pace.seconds()).isEqualTo(1);
    }

    @Test
    void shouldMakeUpForASecondAtMostWhenThereWasALongWait() {
        Pace pace = new Pace(10, now::get);

        now.addAndGet(1_000_000_001);
        assertThat(pace.ahead(0)).isEqualTo(-1_000_000_000);
        now.addAndGet(3_600_000_000_000L);
        assertThat(pace.ahead(0)).isEqualTo(-1_000_000_000);
        assertThat(pace.ahead(10)).isZero();
        assertThat(pace.ahead(11)).isEqualTo(100_000_000);
        assertThat(pace.seconds()).isEqualTo(3601.000000001);
    }

    @Test
    void shouldHoldNothingBackWhenThereIsNoRate() {
        assertThat(new Pace(0, now::get).ahead(1_000_000)).isZero();
    }

    @Test
    void shouldWaitNoLongerWhenItIsToStop() {
        new Pace(1e-6, now::get).await(1, () -> true);
    }

    @ParameterizedTest
    @CsvSource({"0, 1000", "0.1, 1", "1, 1", "2, 1", "4, 2", "1999, 999", "2000, 1000", "1e9, 1000"})
    void shouldDoSoManyAtOnceThatTheRateIsKeptWithinASecondWhenAsked(double perSecond, int posts) {
        assertThat(new Pace(perSecond, now::get).atOnce()).isEqualTo(posts);
    }
}
