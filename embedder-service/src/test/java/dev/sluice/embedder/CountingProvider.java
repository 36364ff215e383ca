package dev.sluice.embedder;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/** What a provider has counted, and when. */
final class CountingProvider {
    record Counted(long nanos, long requests, long tokens) {}

    private final List<Counted> counted = new ArrayList<>();

    /** Counts are added in the order of their moments. */
    void count(long nanos, long requests, long tokens) {
        counted.add(new Counted(nanos, requests, tokens));
    }

    long sum(ToLongFunction<Counted> what, long fromNanos, long toNanos) {
        return counted.stream()
                .filter(it -> it.nanos() >= fromNanos && it.nanos() < toNanos)
                .mapToLong(what)
                .sum();
    }

    /** @return the most that any window holds, both of its ends included */
    long mostInAWindow(ToLongFunction<Counted> what, Duration window) {
        long most = 0;
        long sum = 0;
        int first = 0;
        for (Counted last : counted) {
            sum += what.applyAsLong(last);
            while (counted.get(first).nanos() < last.nanos() - window.toNanos()) {
                sum -= what.applyAsLong(counted.get(first++));
            }
            most = Math.max(most, sum);
        }
        return most;
    }
}
