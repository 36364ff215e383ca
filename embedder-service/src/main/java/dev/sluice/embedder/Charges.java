package dev.sluice.embedder;

import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What one partition has used of one quota and may not use again yet. A call is charged from before it is sent until a
 * whole period after its answer: the provider counts it at a moment in between that only it knows.
 *
 * <p>Times are milliseconds of whatever clock the owner goes by. Not safe for use by several threads.
 */
final class Charges {
    /** Amounts by the last millisecond in which they count. */
    private final NavigableMap<Long, Long> byEnd = new TreeMap<>();

    private long answered;
    private long inFlight;

    /** A call is about to be sent. */
    void begin(long amount) {
        inFlight += amount;
    }

    /** A call that had begun was never sent. */
    void withdraw(long amount) {
        inFlight -= amount;
    }

    /** A call that had begun is over, answered or failed; it counts up to and including {@code end}. */
    void finish(long amount, long end) {
        inFlight -= amount;
        add(amount, end);
    }

    void add(long amount, long end) {
        if (amount > 0) {
            byEnd.merge(end, amount, Long::sum);
            answered += amount;
        }
    }

    /** @return how much counts now */
    long live(long now) {
        while (!byEnd.isEmpty() && byEnd.firstKey() < now) {
            answered -= byEnd.pollFirstEntry().getValue();
        }
        return answered + inFlight;
    }

    /** @return when some of it will have stopped counting, if that is known */
    OptionalLong nextRelease() {
        return byEnd.isEmpty() ? OptionalLong.empty() : OptionalLong.of(byEnd.firstKey() + 1);
    }

    /** @return amounts by their ends, of what is answered */
    NavigableMap<Long, Long> answered() {
        return new TreeMap<>(byEnd);
    }

    /** @return amounts by their ends, as if what is in flight ended at {@code endOfInFlight} */
    NavigableMap<Long, Long> answeredAndInFlight(long endOfInFlight) {
        NavigableMap<Long, Long> all = answered();
        if (inFlight > 0) {
            all.merge(endOfInFlight, inFlight, Long::sum);
        }
        return all;
    }
}
