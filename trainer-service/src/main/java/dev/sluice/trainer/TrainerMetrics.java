package dev.sluice.trainer;

import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;

/** What the trainer counts; the README says what each means. */
final class TrainerMetrics {
    private final AtomicLong examples;
    private final AtomicLong version;
    private final Counter refusals;
    private final Counter heldBack;
    private final Timer fits;

    TrainerMetrics(MeterRegistry registry) {
        examples = registry.gauge("sluice.trainer.examples", new AtomicLong());
        version = registry.gauge("sluice.trainer.version", new AtomicLong());
        refusals = registry.counter("sluice.trainer.refusals");
        heldBack = registry.counter("sluice.trainer.held.back");
        fits = registry.timer("sluice.trainer.fits");
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
}
