package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeminiQuotaTest {
    private final SteppedClock clock = new SteppedClock();

    /** Noon in California. */
    private static final class SteppedClock extends Clock {
        private Instant now = Instant.parse("2026-11-22T20:00:00Z");

        void pass(long millis) {
            now = now.plusMillis(millis);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private GeminiQuota quota(String... namesAndValues) {
        return new GeminiQuota(GeminiSettings.of(namesAndValues), clock);
    }

    @ParameterizedTest
    @CsvSource({"9, true", "10, true", "11, false"})
    void shouldTakeAsManyRequestsAsTheLimitWhenTheyComeInOneWindow(int requests, boolean taken) {
        GeminiQuota quota = quota("rpm", "10");

        for (int i = 1; i < requests; i++) {
            assertThat(quota.charge(1, 5)).isEmpty();
        }

        assertThat(quota.charge(1, 5).isEmpty()).isEqualTo(taken);
    }

    @ParameterizedTest
    @CsvSource({"59999, false", "60000, false", "60001, true"})
    void shouldForgetAChargeWhenItIsOlderThanTheWindow(long age, boolean forgotten) {
        GeminiQuota quota = quota("rpm", "10");
        quota.charge(10, 5);
        clock.pass(age);

        assertThat(quota.charge(1, 5).isEmpty()).isEqualTo(forgotten);
    }

    @Test
    void shouldRefuseASecondBurstWhenItComesInAnotherMinuteOfTheClock() {
        GeminiQuota quota = quota("rpm", "60");
        clock.pass(59_000);
        quota.charge(60, 60);
        clock.pass(2_000); // a limiter of fixed cycles would begin anew

        assertThat(quota.charge(60, 60)).hasValueSatisfying(refusal -> {
            assertThat(refusal.violations()).containsExactly(GeminiQuota.Kind.REQUESTS_PER_MINUTE);
            assertThat(refusal.retryAfter()).isEqualTo(Duration.ofMillis(58_001));
        });
    }

    @Test
    void shouldTellWhenThisCallWouldPassWhenTheWindowIsFull() {
        GeminiQuota quota = quota("rpm", "10", "window-ms", "1000");
        quota.charge(4, 1);
        clock.pass(300);
        quota.charge(6, 1);
        clock.pass(100);

        Duration few = quota.charge(4, 1).orElseThrow().retryAfter();
        Duration more = quota.charge(5, 1).orElseThrow().retryAfter();

        assertThat(few).isEqualTo(Duration.ofMillis(601));
        assertThat(more).isEqualTo(Duration.ofMillis(901));
        clock.pass(600);
        assertThat(quota.charge(4, 1)).isPresent();
        clock.pass(1);
        assertThat(quota.charge(4, 1)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"99, true", "100, true", "101, false"})
    void shouldCountTokensWhenTheyAreLimited(long tokens, boolean taken) {
        GeminiQuota quota = quota("tpm", "100");

        assertThat(quota.charge(50, tokens).isEmpty()).isEqualTo(taken);
    }

    @Test
    void shouldBeginAnewWhenItIsMidnightInCalifornia() {
        GeminiQuota quota = quota("rpd", "10");
        quota.charge(10, 1);
        clock.pass(Duration.ofHours(12).toMillis() - 1);
        assertThat(quota.charge(1, 1).orElseThrow().violations()).containsExactly(GeminiQuota.Kind.REQUESTS_PER_DAY);
        clock.pass(1);

        assertThat(quota.charge(10, 1)).isEmpty();
        assertThat(quota.today()).isEqualTo(10);
    }

    @Test
    void shouldNameEachLimitWhenSeveralAreExceeded() {
        GeminiQuota quota = quota("rpm", "1", "tpm", "1", "rpd", "1");

        assertThat(quota.charge(2, 2).orElseThrow().violations()).isEqualTo(Set.of(GeminiQuota.Kind.values()));
    }

    @Test
    void shouldReportWhatWasUsedWhenAsked() {
        GeminiQuota quota = quota("window-ms", "1000");
        quota.charge(3, 30);
        clock.pass(900);
        quota.charge(4, 40);
        clock.pass(200);
        quota.charge(5, 50);

        assertThat(quota.mostRequests()).isEqualTo(9); // the last two
        assertThat(quota.mostTokens()).isEqualTo(90);
        assertThat(quota.today()).isEqualTo(12);
        assertThat(quota.windows())
                .containsExactly(new GeminiQuota.Window(0, 2, 7, 70, 0), new GeminiQuota.Window(1, 1, 5, 50, 0));
    }

    @Test
    void shouldNotChargeWhatItRefuses() {
        GeminiQuota quota = quota("rpm", "10");
        quota.charge(8, 1);
        quota.charge(3, 1);

        assertThat(quota.charge(2, 1)).isEmpty();
        assertThat(quota.windows()).containsExactly(new GeminiQuota.Window(0, 2, 10, 2, 1));
    }
}
