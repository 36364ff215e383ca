package dev.sluice.embedder;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that passes only when told, and what is to happen when it does; in the order of their moments. */
final class VirtualTime {
    private record Event(long at, long number, Runnable what) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
    private final Instant begin;
    private long count;
    private long nanos;

    VirtualTime(Instant begin) {
        this.begin = begin;
    }

    /** @return nanoseconds since the beginning */
    long nanos() {
        return nanos;
    }

    Instant instant() {
        return begin.plusNanos(nanos);
    }

    void after(Duration wait, Runnable what) {
        after(wait.toNanos(), what);
    }

    void after(long waitNanos, Runnable what) {
        events.add(new Event(nanos + waitNanos, count++, what));
    }

    void pass(Duration duration) {
        long end = nanos + duration.toNanos();
        while (!events.isEmpty() && events.peek().at() <= end) {
            Event next = events.remove();
            nanos = next.at();
            next.what().run();
        }
        nanos = end;
    }

    /** @param error how far it is from the true time */
    Clock clock(Duration error) {
        return new Clock() {
            @Override
            public Instant instant() {
                return VirtualTime.this.instant().plus(error);
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                throw new UnsupportedOperationException();
            }
        };
    }

    Clock clock() {
        return clock(Duration.ZERO);
    }
}
