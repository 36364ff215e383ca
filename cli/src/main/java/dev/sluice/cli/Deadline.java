package dev.sluice.cli;

import java.time.Duration;

/** The end of a person's patience, counted from when it was made. */
record Deadline(long nanos) {
    static Deadline in(Duration patience) {
        return new Deadline(System.nanoTime() + patience.toNanos());
    }

    boolean passed() {
        return System.nanoTime() - nanos >= 0;
    }
}
