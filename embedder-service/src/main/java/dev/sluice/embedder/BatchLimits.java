package dev.sluice.embedder;

import java.time.Duration;

/**
 * How texts are gathered into calls.
 *
 * @param maxTexts in one call, 1 or more
 * @param maxBytes of one call, by {@link TextInHand#bytes}; a single text may be larger
 * @param maxWait of a text for others to fill its call
 */
record BatchLimits(int maxTexts, int maxBytes, Duration maxWait) {
    BatchLimits {
        if (maxTexts < 1 || maxBytes < 1 || maxWait.isNegative()) {
            throw new IllegalArgumentException("no limits of a batch: " + maxTexts + ", " + maxBytes + ", " + maxWait);
        }
    }
}
