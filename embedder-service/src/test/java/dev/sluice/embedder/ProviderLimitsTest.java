package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.resilience4j.core.functions.Either;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderLimitsTest {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private static ProviderLimits perMinute(int calls) {
        return new ProviderLimits(calls, 5, Duration.ofMillis(1), Duration.ofMillis(10));
    }

    /** When a caller gets its permits who asks again as soon as it has one, beginning at a time within a cycle. */
    private static List<Long> timesOfPermits(RateLimiterConfig config, long begin, int count) {
        AtomicLong now = new AtomicLong();
        RateLimiter limiter = RateLimiter.of("test", config, now::get);
        now.set(begin);
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            now.addAndGet(limiter.reservePermission(1));
            times.add(now.get());
        }
        return times;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 59, 60, 61, 100, 1500})
    void shouldNeverExceedTheLimitWhenAnyMinuteIsLookedAt(int limit) {
        RateLimiterConfig config = perMinute(limit).rateLimit().orElseThrow();
        for (long begin : new long[] {0, 1, MINUTE / 3, MINUTE - 1, MINUTE, MINUTE + 1}) {
            List<Long> times = timesOfPermits(config, begin, 3 * limit + 3);

            for (int i = 0; i + limit < times.size(); i++) {
                assertThat(times.get(i + limit) - times.get(i))
                        .as("time of %d calls", limit + 1)
                        .isGreaterThanOrEqualTo(MINUTE);
            }
        }
    }

    @Test
    void shouldUseNearlyTheWholeLimitWhenCallersWait() {
        List<Long> times = timesOfPermits(perMinute(60).rateLimit().orElseThrow(), 0, 591);

        assertThat(times.get(590)).isLessThanOrEqualTo(10 * MINUTE + 1000);
    }

    @Test
    void shouldHaveNoLimiterWhenTheLimitIsZero() {
        assertThat(perMinute(0).rateLimit()).isEmpty();
        assertThatThrownBy(() -> perMinute(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldDoubleTheWaitUpToTheLongestWhenAttemptsFail() {
        RetryConfig config = new ProviderLimits(0, 9, Duration.ofMillis(100), Duration.ofMillis(1000)).retry();

        assertThat(waitAfter(1, config)).isBetween(75L, 125L);
        assertThat(waitAfter(2, config)).isBetween(150L, 250L);
        assertThat(waitAfter(8, config)).isBetween(750L, 1000L);
    }

    private static long waitAfter(int attempts, RetryConfig config) {
        return config.getIntervalBiFunction().apply(attempts, Either.left(new ProviderUnavailableException("away")));
    }

    @Test
    void shouldRefuseWhenTheLongestWaitIsBelowTheFirst() {
        assertThatThrownBy(() -> new ProviderLimits(0, 1, Duration.ofMillis(2), Duration.ofMillis(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
