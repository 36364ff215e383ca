package dev.sluice.embedder;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * How long a charge counts, and by which clock: the seam between a minute that slides and a day that ends for everybody at
 * once. Times are milliseconds of the period's own clock.
 */
interface QuotaPeriod {
    long now();

    /** @return the last millisecond in which a call counts that is answered now */
    long end();

    /** @return the last millisecond in which a call may count whose answer is still to come, when somebody else counts on */
    long endOfInFlight();

    /**
     * @return the last millisecond in which a call may count that somebody makes who does not know yet that partitions were
     *     added, and so takes his shares for larger than they are
     */
    long endOfOldShares();

    /** @return in milliseconds since 1970 */
    long toWall(long time);

    /**
     * @param time in milliseconds since 1970, from another machine, whose clock may be wrong
     * @return never later than any call can count
     */
    long fromWall(long time);

    /** @return the width of a note's buckets, in milliseconds */
    long noteWidth();

    /** Whether it is so long that waiting for room makes no sense as long as there is any. */
    boolean isLong();

    Optional<Pacer> pacer(int share);

    /**
     * Any stretch of this length. It goes by a steady clock, which nobody sets; the clocks of two machines may differ by a
     * bucket of a note.
     */
    static QuotaPeriod sliding(Duration window, Duration longestCall, Clock wall, LongSupplier nanos) {
        return new SlidingPeriod(window, longestCall, wall, nanos);
    }

    /** The day in California. */
    static QuotaPeriod day(Duration longestCall, Clock wall) {
        return new DayPeriod(longestCall, wall);
    }

    /** See {@link #sliding}. */
    record SlidingPeriod(Duration window, Duration longestCall, Clock wall, LongSupplier nanos) implements QuotaPeriod {
        /** Clocks may differ in speed by a thousandth; and two readings of the same millisecond are not the same moment. */
        private static final int DRIFT = 1000;

        private static final int BUCKETS = 60;

        @Override
        public long now() {
            return Math.floorDiv(nanos.getAsLong(), 1_000_000L);
        }

        @Override
        public long end() {
            return now() + window.toMillis() + window.toMillis() / DRIFT + 1;
        }

        @Override
        public long endOfInFlight() {
            return end() + longestCall.toMillis();
        }

        /** He asks {@link PartitionKeeper#ASK_EVERY}, which half a window allows for, and a call may be long. */
        @Override
        public long endOfOldShares() {
            return endOfInFlight() + window.toMillis() / 2;
        }

        @Override
        public long toWall(long time) {
            return time - now() + wall.millis();
        }

        @Override
        public long fromWall(long time) {
            long ahead = time - wall.millis() + noteWidth();
            return Math.min(now() + ahead, endOfInFlight() + noteWidth());
        }

        @Override
        public long noteWidth() {
            return Math.max(1, window.toMillis() / BUCKETS);
        }

        @Override
        public boolean isLong() {
            return false;
        }

        @Override
        public Optional<Pacer> pacer(int share) {
            return Optional.of(new Pacer(share, window, nanos));
        }
    }

    /** See {@link #day}. */
    record DayPeriod(Duration longestCall, Clock wall) implements QuotaPeriod {
        @Override
        public long now() {
            return wall.millis();
        }

        @Override
        public long end() {
            return PacificDay.endOf(now());
        }

        @Override
        public long endOfInFlight() {
            return PacificDay.endOf(now() + longestCall.toMillis());
        }

        @Override
        public long endOfOldShares() {
            return endOfInFlight();
        }

        @Override
        public long toWall(long time) {
            return time;
        }

        @Override
        public long fromWall(long time) {
            return Math.min(time, endOfInFlight());
        }

        @Override
        public long noteWidth() {
            return PacificDay.CLOCK_DIFFERENCE.toMillis();
        }

        @Override
        public boolean isLong() {
            return true;
        }

        @Override
        public Optional<Pacer> pacer(int share) {
            return Optional.empty();
        }
    }
}
