package dev.sluice.embedder;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Until when nobody calls, and why. Not safe for use by several threads. */
final class Pause {
    private Instant end = Instant.MIN;
    private String reason = "";

    /** A longer pause stays as it is. */
    void until(Instant moment, String because) {
        if (moment.isAfter(end)) {
            end = moment;
            reason = because;
        }
    }

    void end() {
        end = Instant.MIN;
    }

    /** @return 0 if it is over */
    long millisLeft(Instant now) {
        return millisBetween(now, end);
    }

    /** @return what to tell people, while it lasts */
    Optional<String> text(Instant now) {
        return millisLeft(now) > 0 ? Optional.of(reason + ", until " + end) : Optional.empty();
    }

    /** @return rounded up, so that it is 0 only if the moment has come */
    static long millisBetween(Instant now, Instant moment) {
        return moment.isAfter(now)
                ? Duration.between(now, moment).plusNanos(999_999).toMillis()
                : 0;
    }
}
