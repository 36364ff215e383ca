package dev.sluice.embedder;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.function.Supplier;

/** What the embedder counts. The names are documented in the module's README. */
final class EmbedderMeters {
    private static final String PREFIX = "sluice.embedder.";

    private final MeterRegistry registry;
    private final Counter posts;
    private final Counter calls;
    private final Counter tokens;
    private final Counter nextRefusals;
    private final Counter reembedded;
    private final DistributionSummary callTexts;
    private final Timer callTime;
    private final Timer permitWait;

    EmbedderMeters(MeterRegistry registry) {
        this.registry = registry;
        posts = registry.counter(PREFIX + "posts");
        calls = registry.counter(PREFIX + "calls");
        tokens = registry.counter(PREFIX + "tokens");
        nextRefusals = registry.counter(PREFIX + "next.refusals");
        reembedded = registry.counter(PREFIX + "reembedded");
        callTexts = registry.summary(PREFIX + "call.texts");
        callTime = registry.timer(PREFIX + "call.time");
        permitWait = registry.timer(PREFIX + "permit.wait");
    }

    void embedded() {
        posts.increment();
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
}
