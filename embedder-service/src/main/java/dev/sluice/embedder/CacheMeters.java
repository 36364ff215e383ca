package dev.sluice.embedder;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.function.ToDoubleFunction;

/** What the embedding cache counts. The names are documented in the module's README. */
final class CacheMeters {
    private static final String PREFIX = "sluice.embedder.cache.";

    private final MeterRegistry registry;
    private final Counter hits;
    private final Counter misses;
    private final Counter paidTwice;
    private final Counter unreadable;
    private final Counter unsaved;
    private final Timer catchUp;

    CacheMeters(MeterRegistry registry) {
        this.registry = registry;
        hits = registry.counter(PREFIX + "hits");
        misses = registry.counter(PREFIX + "misses");
        paidTwice = registry.counter(PREFIX + "paid.twice");
        unreadable = registry.counter(PREFIX + "unreadable");
        unsaved = registry.counter(PREFIX + "unsaved");
        catchUp = registry.timer(PREFIX + "catch.up");
    }

    void watch(EmbeddingStore store) {
        gauge("texts", store, EmbeddingStore::size);
        gauge("bytes", store, EmbeddingStore::bytes);
    }

    /** The first store's: with two embedding spaces, that of the present one. */
    private void gauge(String name, EmbeddingStore store, ToDoubleFunction<EmbeddingStore> value) {
        if (registry.find(PREFIX + name).gauge() == null) { // Micrometer's way to say that there is none
            Gauge.builder(PREFIX + name, store, value).register(registry);
        }
    }

    void hit() {
        hits.increment();
    }

    void missed() {
        misses.increment();
    }

    void paidTwice() {
        paidTwice.increment();
    }

    void unreadable() {
        unreadable.increment();
    }

    void unsaved() {
        unsaved.increment();
    }

    void caughtUp(Timer.Sample sample) {
        sample.stop(catchUp);
    }
}
