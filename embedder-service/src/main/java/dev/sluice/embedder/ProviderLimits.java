package dev.sluice.embedder;

import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.util.Optional;

/**
 * How often a provider may be called.
 *
 * @param callsPerMinute in any 60 seconds; 2 or more, or 0 for no limit
 * @param maxAttempts calls for one batch before giving up, 1 or more
 * @param backoff before the second attempt; it doubles from then on
 * @param maxBackoff the longest wait between two attempts
 */
record ProviderLimits(int callsPerMinute, int maxAttempts, Duration backoff, Duration maxBackoff) {
    /** Far above any wait for one permit: 60 seconds at 2 calls a minute. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final double DOUBLING = 2;
    /** So that several embedders that failed together do not come back together. */
    private static final double JITTER = 0.25;

    ProviderLimits {
        if (callsPerMinute < 0) {
            throw new IllegalArgumentException("calls a minute: 0 or at least 2, not " + callsPerMinute);
        }
        if (backoff.compareTo(maxBackoff) > 0) {
            throw new IllegalArgumentException("the longest backoff is below the first");
        }
    }

    /**
     * One call a cycle. The limiter counts fixed cycles, so Q calls a cycle of one minute would let 2 Q through around the
     * change of cycles. Sixty seconds touch at most Q cycles of 60/(Q-1) seconds: any minute sees Q calls at most.
     */
    Optional<RateLimiterConfig> rateLimit() {
        if (callsPerMinute == 0) {
            return Optional.empty();
        }
        Duration cycle = Duration.ofMinutes(1)
                .dividedBy(Math.max(1, callsPerMinute - 1L))
                .plusNanos(1); // rounded up
        return Optional.of(RateLimiterConfig.custom()
                .limitForPeriod(1)
                .limitRefreshPeriod(cycle)
                .timeoutDuration(PATIENCE)
                .build());
    }

    RetryConfig retry() {
        return RetryConfig.custom()
                .maxAttempts(maxAttempts)
                .intervalFunction(IntervalFunction.ofExponentialRandomBackoff(backoff, DOUBLING, JITTER, maxBackoff))
                .retryOnException(e -> e instanceof ProviderUnavailableException)
                .build();
    }
}
