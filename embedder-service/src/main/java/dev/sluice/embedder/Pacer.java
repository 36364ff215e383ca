package dev.sluice.embedder;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Spreads a backlog over the minute, by resilience4j's limiter: a tenth of the share in a tenth of the minute. Without it a
 * share would go in one burst, and then nothing for the rest of the minute. It only smooths: its cycles are fixed, so two
 * meet in any minute and let through more than one allows; it is a little faster than the share, so it never costs any of
 * it; what may be sent at all is for {@link SharedLimit} to say.
 */
final class Pacer {
    private static final int CYCLES = 10;
    private static final double AHEAD = 1.05;

    /** Longer than any reservation; the limiter refuses those beyond. */
    private static final Duration PATIENCE = Duration.ofDays(1);

    private final RateLimiter limiter;
    private final LongSupplier nanos;
    private OptionalLong reserved = OptionalLong.empty();

    /**
     * @param share what may be used in a window, 1 or more
     * @param nanos a steady clock
     */
    Pacer(int share, Duration window, LongSupplier nanos) {
        int permits = Math.max(1, share / CYCLES);
        double cycle = window.toNanos() * (permits / (share * AHEAD));
        this.nanos = nanos;
        this.limiter = RateLimiter.of(
                "pacer",
                RateLimiterConfig.custom()
                        .limitForPeriod(permits)
                        .limitRefreshPeriod(Duration.ofNanos(Math.max(1, (long) cycle)))
                        .timeoutDuration(PATIENCE)
                        .build(),
                nanos::getAsLong);
    }

    /**
     * A turn is reserved once, and stays so until it is used: a caller that gives up leaves it to the next.
     *
     * @return milliseconds until that turn, 0 if it has come
     */
    long millisToWait(int weight) {
        long now = nanos.getAsLong();
        if (reserved.isEmpty()) {
            reserved = OptionalLong.of(now + Math.max(0, limiter.reservePermission(weight)));
        }
        long left = reserved.getAsLong() - now;
        return left <= 0 ? 0 : (left + 999_999) / 1_000_000;
    }

    /** The turn is used. */
    void passed() {
        reserved = OptionalLong.empty();
    }
}
