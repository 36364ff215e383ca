package dev.sluice.classifier;

import java.time.Duration;

/**
 * A sliding window in 24 pieces: it moves on by one of them at a time, so that what falls out of it need not be kept one by
 * one. It holds the piece that is being filled and the 23 before, hence never more than its length.
 *
 * @param window a minute or more
 */
record Buckets(Duration window) {
    static final int COUNT = 24;

    Buckets {
        if (window.compareTo(Duration.ofMinutes(1)) < 0) {
            throw new IllegalArgumentException("a window takes a minute or more, not " + window);
        }
    }

    /** Where the piece begins that a time lies in; all in milliseconds since 1970. */
    long startOf(long time) {
        return Math.floorDiv(time, width()) * width();
    }

    /** Where the window begins that ends now. */
    long windowStart(long now) {
        return startOf(now) - (COUNT - 1) * width();
    }

    private long width() {
        return window.toMillis() / COUNT;
    }
}
