package dev.sluice.runtime;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Whether a thread that goes round and round still does. One that waits for Kafka inside a call is not dead, and a new start
 * would wait for the same; but it does no work.
 */
public final class Pulse {
    /** Longer than Kafka's clients try by themselves to reach a broker that changes its place. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String thread;
    private final LongSupplier nanos;
    private volatile long last;

    /** @param thread what the thread does, for people: "the thread that ..." */
    public Pulse(String thread) {
        this(thread, System::nanoTime);
    }

    Pulse(String thread, LongSupplier nanos) {
        this.thread = thread;
        this.nanos = nanos;
        beat();
    }

    /** To be called once a round. */
    public void beat() {
        last = nanos.getAsLong();
    }

    /** Why no work is done, if the last round began too long ago. */
    public Optional<String> missing() {
        Duration since = Duration.ofNanos(nanos.getAsLong() - last);
        return since.compareTo(PATIENCE) < 0
                ? Optional.empty()
                : Optional.of("the thread that " + thread + " has waited for Kafka for " + since.toSeconds() + " s");
    }
}
