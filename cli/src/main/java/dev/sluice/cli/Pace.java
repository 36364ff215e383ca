package dev.sluice.cli;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Holds work to so many pieces a second. One that was late does not slow down those behind it, but no more than a second is
 * ever made up for: after a long wait the work goes on at its rate, not in one burst.
 */
final class Pace {
    private static final int AT_ONCE = 1000;
    private static final long MOST_ARREARS_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long LOOK_UP_NANOS = Duration.ofMillis(100).toNanos();

    private final double perSecond;
    private final LongSupplier nanoTime;
    private final long start;
    private long zero;

    /**
     * @param perSecond 0 for as fast as it goes
     * @param nanoTime as {@link System#nanoTime}
     */
    Pace(double perSecond, LongSupplier nanoTime) {
        this.perSecond = perSecond;
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
        this.zero = start;
    }

    /** How many pieces to do between two waits: half a second's, but one at least and 1000 at most. */
    int atOnce() {
        return perSecond == 0 ? AT_ONCE : (int) Math.max(1, Math.min(AT_ONCE, perSecond / 2));
    }

    /** Nanoseconds until the next piece may be done, if so many are; 0 or less for at once, by a second at most. */
    long ahead(long done) {
        if (perSecond == 0) {
            return 0;
        }
        long ahead = zero + (long) (done * 1e9 / perSecond) - nanoTime.getAsLong();
        long forgiven = Math.max(0, -MOST_ARREARS_NANOS - ahead);
        zero += forgiven;
        return ahead + forgiven;
    }

    /** Waits for the turn of the next piece, but no longer than wanted. */
    void await(long done, BooleanSupplier stopped) {
        for (long wait = ahead(done); wait > 0 && !stopped.getAsBoolean(); wait = ahead(done)) {
            LockSupport.parkNanos(Math.min(wait, LOOK_UP_NANOS));
        }
    }

    double seconds() {
        return (nanoTime.getAsLong() - start) / 1e9;
    }
}
