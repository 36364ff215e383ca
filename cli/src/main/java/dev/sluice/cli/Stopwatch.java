package dev.sluice.cli;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** How long each stage of a run took; a stage that comes again adds to its time. Not thread-safe. */
final class Stopwatch {
    enum Stage {
        START,
        EMBED,
        TRAIN,
        DEPLOY,
        PREDICT
    }

    private final LongSupplier nanoTime;
    private final long started;
    private final Map<Stage, Duration> times = new EnumMap<>(Stage.class);

    /**
     * Starts the total.
     *
     * @param nanoTime as {@link System#nanoTime}
     */
    Stopwatch(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.started = nanoTime.getAsLong();
        for (Stage stage : Stage.values()) {
            times.put(stage, Duration.ZERO);
        }
    }

    <T> T time(Stage stage, Supplier<T> work) {
        long before = nanoTime.getAsLong();
        try {
            return work.get();
        } finally {
            times.merge(stage, Duration.ofNanos(nanoTime.getAsLong() - before), Duration::plus);
        }
    }

    Duration of(Stage stage) {
        return times.get(stage);
    }

    Duration total() {
        return Duration.ofNanos(nanoTime.getAsLong() - started);
    }
}
