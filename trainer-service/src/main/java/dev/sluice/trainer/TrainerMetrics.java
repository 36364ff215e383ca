package dev.sluice.trainer;

import dev.sluice.runtime.ServiceMeters;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/** What the trainer counts; the README says what each means. */
final class TrainerMetrics implements AutoCloseable {
    static final String LAG = "sluice.trainer.lag";

    private final ServiceMeters scope;
    private final AtomicLong examples;
    private final AtomicLong version;
    private final Counter refusals;
    private final Counter heldBack;
    private final Timer fits;

    /** @param shared where the meters go, and which they leave at {@link #close} */
    TrainerMetrics(MeterRegistry shared) {
        scope = new ServiceMeters(shared);
        MeterRegistry registry = scope.registry();
        examples = registry.gauge("sluice.trainer.examples", new AtomicLong());
        version = registry.gauge("sluice.trainer.version", new AtomicLong());
        refusals = registry.counter("sluice.trainer.refusals");
        heldBack = registry.counter("sluice.trainer.held.back");
        fits = registry.timer("sluice.trainer.fits");
    }

    MeterRegistry registry() {
        return scope.registry();
    }

    /** Kafka's own figures of a client, which is returned; in place of those of the last client of that role. */
    <C extends Consumer<?, ?>> C watch(String role, C consumer) {
        return scope.watch(role, consumer);
    }

    /** As {@link #watch(String, Consumer)}. */
    <P extends Producer<?, ?>> P watch(String role, P producer) {
        return scope.watch(role, producer);
    }

    /** @param vectors the reader of labelled and of reembedded vectors; how far it is, its own figures tell */
    void unread(Consumer<?, ?> vectors) {
        Gauge.builder("sluice.trainer.unread", vectors, TrainerMetrics::lagOf).register(scope.registry());
    }

    private static double lagOf(Consumer<?, ?> reader) {
        return reader.metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals("records-lag"))
                .mapToDouble(metric -> (Double) metric.metricValue())
                .filter(Double::isFinite) // of a partition that nothing was fetched of, there is no figure
                .sum();
    }

    void examples(long now) {
        examples.set(now);
    }

    void published(ModelVersion newest) {
        version.set(newest.getVersion());
        ModelVersions.heldBack(newest).ifPresent(reason -> heldBack.increment());
    }

    void refused() {
        refusals.increment();
    }

    <T> Callable<T> timed(Callable<T> fit) {
        return fits.wrap(fit);
    }

    @Override
    public void close() {
        scope.close();
    }
}
