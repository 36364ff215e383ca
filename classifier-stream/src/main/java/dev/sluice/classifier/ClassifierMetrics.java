package dev.sluice.classifier;

import dev.sluice.runtime.ServiceMeters;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.PredictionStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * What can be read off from outside. Posts are counted when they are answered, before the transaction ends: after a crash
 * the few posts in between count twice, though their predictions stand once.
 */
final class ClassifierMetrics implements AutoCloseable {
    static final String LAG = "sluice.classifier.lag";

    private final MeterRegistry registry;
    private final List<Meter> meters = new ArrayList<>();
    private final Map<PredictionStatus, Counter> posts = new EnumMap<>(PredictionStatus.class);
    private final Map<DeploymentState, Counter> outcomes = new EnumMap<>(DeploymentState.class);
    private final Counter received;
    private final Timer sincePosted;
    private final Timer sinceEmbedded;
    private final Counter lost;
    private final Counter deadLetters;
    private final Counter byCanary;
    private final Counter passedOver;
    private final Counter shadowFailures;
    private final Map<PredictionStatus, Counter> shadows = new EnumMap<>(PredictionStatus.class);

    ClassifierMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (PredictionStatus status : List.of(
                PredictionStatus.CLASSIFIED,
                PredictionStatus.ABSTAINED,
                PredictionStatus.NO_MODEL,
                PredictionStatus.OTHER_EMBEDDING_SPACE)) {
            posts.put(status, counter("sluice.classifier.posts", "status", status.name()));
            if (status != PredictionStatus.NO_MODEL) {
                shadows.put(status, counter("sluice.classifier.shadow.posts", "status", status.name()));
            }
        }
        for (DeploymentState state :
                List.of(DeploymentState.SERVING, DeploymentState.WAITING, DeploymentState.REFUSED)) {
            outcomes.put(state, counter("sluice.classifier.deployments", "state", state.name()));
        }
        received = counter("sluice.classifier.received");
        sincePosted = latency("posted");
        sinceEmbedded = latency("embedded");
        lost = counter("sluice.classifier.deployments", "state", "LOST");
        deadLetters = counter("sluice.classifier.dead.letters");
        byCanary = counter("sluice.classifier.canary.posts");
        passedOver = counter("sluice.classifier.canary.passed.over");
        shadowFailures = counter("sluice.classifier.shadow.failures");
    }

    private Counter counter(String name, String... tags) {
        Counter counter = Counter.builder(name).tags(tags).register(registry);
        meters.add(counter);
        return counter;
    }

    private Timer latency(String since) {
        Timer timer = ServiceMeters.latency(
                registry,
                "sluice.classifier.latency",
                "from a post's timestamp or vector to its answer",
                "since",
                since);
        meters.add(timer);
        return timer;
    }

    /** An embedded post was read, whatever comes of it. */
    void received() {
        received.increment();
    }

    /**
     * Times in milliseconds; they may be ahead of now where clocks disagree.
     *
     * @param postedAt empty if nobody said so
     */
    void took(OptionalLong postedAt, long embeddedAt, long now) {
        postedAt.ifPresent(at -> sincePosted.record(Math.max(0, now - at), TimeUnit.MILLISECONDS));
        sinceEmbedded.record(Math.max(0, now - embeddedAt), TimeUnit.MILLISECONDS);
    }

    void answered(Answer answer) {
        posts.get(answer.status()).increment();
        if (answer.arm() == Arm.CANARY) {
            byCanary.increment();
        }
    }

    /** The post was the canary's, which has no use for any of its vectors. */
    void passedOver() {
        passedOver.increment();
    }

    void shadowAnswered(Answer answer) {
        shadows.get(answer.status()).increment();
    }

    void shadowFailed() {
        shadowFailures.increment();
    }

    void deadLetter() {
        deadLetters.increment();
    }

    void deployment(DeploymentState state) {
        outcomes.get(state).increment();
    }

    void lost() {
        lost.increment();
    }

    /** @param topic on which the record lay that was refused */
    void refused(String topic) {
        Counter.builder("sluice.classifier.refused")
                .tag("topic", topic)
                .register(registry)
                .increment();
    }

    void watch(LiveModel live) {
        gauge("sluice.classifier.live.version", live, Arms::live);
        gauge("sluice.classifier.canary.version", live, arms -> arms.canary().map(Arms.Canary::serving));
        gauge("sluice.classifier.shadow.version", live, Arms::shadow);
        meters.add(Gauge.builder("sluice.classifier.canary.share", live, ClassifierMetrics::shareOf)
                .register(registry));
    }

    private void gauge(String name, LiveModel live, Function<Arms, Optional<Serving>> arm) {
        meters.add(Gauge.builder(name, live, now -> arm.apply(now.arms())
                        .map(Serving::version)
                        .orElse(0))
                .description("the version that answers there; 0 while there is none")
                .register(registry));
    }

    private static double shareOf(LiveModel live) {
        return live.arms().canary().map(Arms.Canary::share).orElse(0.0);
    }

    /** Meters outlive a service where several share a registry, so they are taken away. */
    @Override
    public void close() {
        meters.forEach(registry::remove);
    }
}
