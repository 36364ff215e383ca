package dev.sluice.embedder;

import dev.sluice.runtime.ServiceMeters;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/** What the embedder counts. The names are documented in the module's README. */
final class EmbedderMeters implements AutoCloseable {
    private static final String PREFIX = "sluice.embedder.";
    static final String LAG = PREFIX + "lag";

    private final Clock clock;
    private final ServiceMeters scope;
    private final MeterRegistry registry;
    private final Counter received;
    private final Counter posts;
    private final Counter calls;
    private final Counter tokens;
    private final Counter nextRefusals;
    private final Counter reembedded;
    private final DistributionSummary callTexts;
    private final Timer callTime;
    private final Timer permitWait;
    private final Timer latency;

    /** @param shared where the meters go, and which they leave at {@link #close} */
    EmbedderMeters(MeterRegistry shared) {
        this(shared, Clock.systemUTC());
    }

    EmbedderMeters(MeterRegistry shared, Clock clock) {
        this.clock = clock;
        scope = new ServiceMeters(shared);
        registry = scope.registry();
        received = registry.counter(PREFIX + "received");
        posts = registry.counter(PREFIX + "posts");
        calls = registry.counter(PREFIX + "calls");
        tokens = registry.counter(PREFIX + "tokens");
        nextRefusals = registry.counter(PREFIX + "next.refusals");
        reembedded = registry.counter(PREFIX + "reembedded");
        callTexts = registry.summary(PREFIX + "call.texts");
        callTime = registry.timer(PREFIX + "call.time");
        permitWait = registry.timer(PREFIX + "permit.wait");
        latency = ServiceMeters.latency(
                registry, PREFIX + "latency", "from a post's timestamp until its embedded post is committed");
    }

    MeterRegistry registry() {
        return registry;
    }

    /** Kafka's own figures of a client, which is returned; in place of those of the last client of that role. */
    <C extends Consumer<?, ?>> C watch(String role, C consumer) {
        return scope.watch(role, consumer);
    }

    /** As {@link #watch(String, Consumer)}. */
    <P extends Producer<?, ?>> P watch(String role, P producer) {
        return scope.watch(role, producer);
    }

    void received(int records) {
        received.increment(records);
    }

    /** @param sentAt the timestamp of the post's record, in milliseconds; it may be ahead where clocks disagree */
    void embedded(long sentAt) {
        posts.increment();
        latency.record(Duration.ofMillis(Math.max(0, clock.millis() - sentAt)));
    }

    void refused(Exception reason) {
        registry.counter(PREFIX + "dead.letters", "reason", reason.getClass().getSimpleName())
                .increment();
    }

    void refusedByNext() {
        nextRefusals.increment();
    }

    void reembedded(int texts) {
        reembedded.increment(texts);
    }

    /** @param estimatedTokens of all texts together */
    void called(int texts, long estimatedTokens) {
        calls.increment();
        callTexts.record(texts);
        tokens.increment((double) estimatedTokens);
    }

    void retried(String cause) {
        registry.counter(PREFIX + "retries", "cause", cause).increment();
    }

    /** Something that takes time, and can be told to stop. */
    interface Waiting<T> {
        T get() throws InterruptedException;
    }

    <T> T timePermitWait(Waiting<T> wait) throws InterruptedException {
        return timed(permitWait, wait);
    }

    <T> T timeCall(Waiting<T> call) throws InterruptedException {
        return timed(callTime, call);
    }

    private static <T> T timed(Timer timer, Waiting<T> waiting) throws InterruptedException {
        Timer.Sample sample = Timer.start();
        try {
            return waiting.get();
        } finally {
            sample.stop(timer);
        }
    }

    /**
     * @param kind of quota
     * @param share what this instance may use of it, 0 to 1
     * @param used what it has used of it, 0 to 1
     */
    void quota(String kind, Supplier<Number> share, Supplier<Number> used) {
        Gauge.builder(PREFIX + "quota.share", share).tag("quota", kind).register(registry);
        Gauge.builder(PREFIX + "quota.used", used).tag("quota", kind).register(registry);
    }

    /** @param seconds until the next call may be sent, as far as quotas go */
    void quotaReturns(Supplier<Number> seconds) {
        Gauge.builder(PREFIX + "quota.returns.seconds", seconds).register(registry);
    }

    @Override
    public void close() {
        scope.close();
    }
}
