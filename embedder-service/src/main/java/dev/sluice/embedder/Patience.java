package dev.sluice.embedder;

import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;

/**
 * How a provider is treated that cannot answer.
 *
 * @param backoff before the second attempt, at least 1 ms; it doubles from then on
 * @param maxBackoff the longest wait between two attempts
 * @param failures in a row after which the provider counts as away, 1 or more
 * @param away the longest wait until one call looks whether it is back
 */
record Patience(Duration backoff, Duration maxBackoff, int failures, Duration away) {
    private static final double DOUBLING = 2;

    /** So that several embedders that failed together do not come back together. */
    private static final double JITTER = 0.25;

    Patience {
        if (backoff.compareTo(maxBackoff) > 0) {
            throw new IllegalArgumentException("the longest backoff is below the first");
        }
        if (failures < 1) {
            throw new IllegalArgumentException(failures + " failures in a row");
        }
    }

    /** @return milliseconds to wait after so many failed attempts */
    IntervalFunction backoffs() {
        return IntervalFunction.ofExponentialRandomBackoff(backoff, DOUBLING, JITTER, maxBackoff);
    }
}
