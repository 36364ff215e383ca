package dev.sluice.embedder;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/** What the embedder counts. The names are documented in the module's README. */
final class EmbedderMeters {
    private static final String PREFIX = "sluice.embedder.";

    private final MeterRegistry registry;
    private final Counter posts;
    private final Counter calls;
    private final Counter retries;
    private final Timer permitWait;

    EmbedderMeters(MeterRegistry registry) {
        this.registry = registry;
        posts = registry.counter(PREFIX + "posts");
        calls = registry.counter(PREFIX + "calls");
        retries = registry.counter(PREFIX + "retries");
        permitWait = registry.timer(PREFIX + "permit.wait");
    }

    void embedded() {
        posts.increment();
    }

    void refused(Exception reason) {
        registry.counter(PREFIX + "dead.letters", "reason", reason.getClass().getSimpleName())
                .increment();
    }

    void called() {
        calls.increment();
    }

    void retried() {
        retries.increment();
    }

    void timeWait(Runnable wait) {
        permitWait.record(wait);
    }
}
