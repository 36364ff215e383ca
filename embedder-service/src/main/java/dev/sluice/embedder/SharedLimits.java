package dev.sluice.embedder;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** The quotas that are set, each with what it counts and for how long. */
final class SharedLimits {
    private SharedLimits() {}

    /**
     * @param nanos a steady clock, for the minute; {@code wall} is for the day
     * @return in the order of their kinds
     */
    static List<SharedLimit> of(QuotaLimits limits, TokenEstimate tokens, Clock wall, LongSupplier nanos) {
        SharedLimit.Weight requests =
                limits.perItem() ? new SharedLimit.Weight(0, text -> 1) : new SharedLimit.Weight(1, text -> 0);
        QuotaPeriod minute = QuotaPeriod.sliding(limits.window(), limits.longestCall(), wall, nanos);
        QuotaPeriod day = QuotaPeriod.day(limits.longestCall(), wall);
        List<SharedLimit> all = new ArrayList<>();
        if (limits.requestsPerMinute() > 0) {
            all.add(new SharedLimit(QuotaKind.REQUESTS, limits.requestsPerMinute(), requests, minute));
        }
        if (limits.tokensPerMinute() > 0) {
            SharedLimit.Weight estimate = new SharedLimit.Weight(0, tokens::of);
            all.add(new SharedLimit(QuotaKind.TOKENS, limits.tokensPerMinute(), estimate, minute));
        }
        if (limits.requestsPerDay() > 0) {
            all.add(new SharedLimit(QuotaKind.DAY, limits.requestsPerDay(), requests, day));
        }
        return List.copyOf(all);
    }
}
