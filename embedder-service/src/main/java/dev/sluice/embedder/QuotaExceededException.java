package dev.sluice.embedder;

import java.time.Duration;
import java.util.Optional;

/** The provider says that its quota is used up; it says for how long, sometimes. The call was counted as one all the same. */
final class QuotaExceededException extends ProviderUnavailableException {
    private static final long serialVersionUID = 1L;

    private final boolean perDay;
    private final Duration retryDelay;

    /**
     * @param perDay whether the day's quota is used up, not only the minute's
     * @param retryDelay how long the provider asks us to wait, if it says so; not negative
     */
    QuotaExceededException(String message, boolean perDay, Optional<Duration> retryDelay, Throwable cause) {
        super(message, cause);
        this.perDay = perDay;
        this.retryDelay = retryDelay.orElse(null);
        if (retryDelay.filter(Duration::isNegative).isPresent()) {
            throw new IllegalArgumentException("wait for " + this.retryDelay);
        }
    }

    boolean isPerDay() {
        return perDay;
    }

    Optional<Duration> retryDelay() {
        return Optional.ofNullable(retryDelay);
    }
}
