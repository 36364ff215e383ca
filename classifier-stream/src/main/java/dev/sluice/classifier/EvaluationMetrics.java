package dev.sluice.classifier;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.Drift;
import dev.sluice.schemas.LiveEvaluation;
import dev.sluice.schemas.Tally;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * What is told on {@code evaluations}, as gauges; NaN where there is nothing to tell. Only the instance that has the one
 * partition of the scores shows them.
 */
final class EvaluationMetrics implements AutoCloseable {
    private final MeterRegistry registry;
    private final Map<CountsKey, Shown> shown = new HashMap<>();
    private final List<Meter> counters = new ArrayList<>();
    private final Counter warnings;
    private final Counter promoted;
    private final Counter ended;

    private boolean closed;

    private record Shown(AtomicReference<LiveEvaluation> newest, List<Meter> meters) {}

    EvaluationMetrics(MeterRegistry registry) {
        this.registry = registry;
        warnings = counter("sluice.learn.warnings");
        promoted = counter("sluice.learn.decisions", "action", DeploymentAction.DEPLOY.name());
        ended = counter("sluice.learn.decisions", "action", DeploymentAction.END.name());
    }

    private Counter counter(String name, String... tags) {
        Counter counter = Counter.builder(name).tags(tags).register(registry);
        counters.add(counter);
        return counter;
    }

    void warned() {
        warnings.increment();
    }

    void decided(DeploymentAction action) {
        (action == DeploymentAction.DEPLOY ? promoted : ended).increment();
    }

    /** Nothing once this is closed: a thread that was not waited for any longer may still have news. */
    synchronized void show(LiveEvaluation evaluation) {
        if (closed) {
            return;
        }
        shown.computeIfAbsent(
                        new CountsKey(evaluation.getVersion(), evaluation.getArm(), CountsKey.ALL_OF_TIME),
                        key -> gaugesOf(key, evaluation))
                .newest()
                .set(evaluation);
    }

    private Shown gaugesOf(CountsKey key, LiveEvaluation evaluation) {
        AtomicReference<LiveEvaluation> newest = new AtomicReference<>(evaluation);
        Tags tags = Tags.of("version", Integer.toString(key.version()), "arm", armOf(key.arm()));
        List<Meter> meters = new ArrayList<>();
        addTally(meters, tags.and("scope", "window"), newest, LiveEvaluation::getWindow);
        addTally(meters, tags.and("scope", "total"), newest, LiveEvaluation::getSinceDeployment);
        meters.add(gauge("sluice.learn.psi", tags, newest, it -> it.getDrift()
                .map(Drift::getStabilityIndex)
                .orElse(Double.NaN)));
        meters.add(gauge("sluice.learn.confidence", tags, newest, it -> it.getDrift()
                .map(Drift::getMeanConfidence)
                .orElse(Double.NaN)));
        return new Shown(newest, meters);
    }

    private void addTally(
            List<Meter> meters,
            Tags tags,
            AtomicReference<LiveEvaluation> newest,
            Function<LiveEvaluation, Tally> scope) {
        meters.add(gauge("sluice.learn.accuracy", tags, newest, it -> accuracy(scope.apply(it))));
        meters.add(
                gauge("sluice.learn.scored", tags, newest, it -> scope.apply(it).getExamples()));
        meters.add(gauge("sluice.learn.absolute.error", tags, newest, it -> scope.apply(it)
                .getMeanAbsoluteError()
                .orElse(Double.NaN)));
        meters.add(gauge("sluice.learn.r.squared", tags, newest, it -> scope.apply(it)
                .getRSquared()
                .orElse(Double.NaN)));
    }

    private Meter gauge(
            String name, Tags tags, AtomicReference<LiveEvaluation> newest, ToDoubleFunction<LiveEvaluation> value) {
        return Gauge.builder(name, newest, it -> value.applyAsDouble(it.get()))
                .tags(tags)
                .register(registry);
    }

    private static double accuracy(Tally tally) {
        return tally.getAccuracy().orElse(Double.NaN);
    }

    private static String armOf(Arm arm) {
        return arm.name().toLowerCase(Locale.ROOT);
    }

    /** A version of which nothing is left. */
    synchronized void forget(CountsKey key) {
        Shown gone = shown.remove(key);
        if (gone != null) {
            gone.meters().forEach(registry::remove);
        }
    }

    /** Another instance shows them now. */
    synchronized void forgetAll() {
        List.copyOf(shown.keySet()).forEach(this::forget);
    }

    /** Meters outlive a service where several share a registry, so they are taken away. */
    @Override
    public synchronized void close() {
        closed = true;
        forgetAll();
        counters.forEach(registry::remove);
    }
}
