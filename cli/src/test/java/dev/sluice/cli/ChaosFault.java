package dev.sluice.cli;

import java.util.Locale;

/**
 * One fault of a schedule.
 *
 * @param atMillis since the start
 * @param service which one, from 0; 0 where the fault is not done to a service
 * @param lastsMillis until it is undone
 */
record ChaosFault(long atMillis, ChaosKind kind, int service, long lastsMillis) {
    ChaosFault {
        if (atMillis < 0 || service < 0 || lastsMillis < 0) {
            throw new IllegalArgumentException("times and services count from 0");
        }
    }

    long endMillis() {
        return atMillis + lastsMillis;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%8.3f s  %s%s, %d ms",
                atMillis / 1000.0,
                kind,
                kind.target() == ChaosKind.Target.SERVICE ? " " + service : "",
                lastsMillis);
    }
}
