package dev.sluice.cli;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Holds work to so many pieces a second, counted from when it was made, so that one that was late does not slow down those behind it. */
final class Pace {
    private static final int AT_ONCE = 1000;
    private static final long LOOK_UP_NANOS = Duration.ofMillis(100).toNanos();

    private final double perSecond;
    private final LongSupplier nanoTime;
    private final long start;

    /**
     * @param perSecond 0 for as fast as it goes
     * @param nanoTime as {@link System#nanoTime}
     */
    Pace(double perSecond, LongSupplier nanoTime) {
        this.perSecond = perSecond;
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
    }

    /** How many pieces to do between two waits: half a second's, but one at least and 1000 at most. */
    int atOnce() {
        return perSecond == 0 ? AT_ONCE : (int) Math.max(1, Math.min(AT_ONCE, perSecond / 2));
    }

    /** Nanoseconds until the next piece may be done, if so many are; 0 or less for at once. */
    long ahead(long done) {
        return perSecond == 0 ? 0 : start + (long) (done * 1e9 / perSecond) - nanoTime.getAsLong();
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
