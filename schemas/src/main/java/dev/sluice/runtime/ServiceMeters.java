package dev.sluice.runtime;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/**
 * The meters of one service in a registry that may be shared: all that it registers here leaves the registry when it is
 * closed. Its own meters go through a composite registry, which remembers them; those of Kafka's clients go straight to the
 * shared one, since Micrometer's binders look there whether another client has a meter of the same name with more tags.
 *
 * <p>No meter has a tag that grows with the posts: tags are states, reasons, topics, partitions, versions and clients.
 */
public final class ServiceMeters implements AutoCloseable {
    /** How soon a meter appears that Kafka's clients make later, such as those of a partition that was assigned. */
    public static final Duration REFRESH = Duration.ofSeconds(15);

    /** Upper bounds of the latency histograms: from what a local model takes to a day's quota used up. */
    private static final Duration[] LATENCY_BUCKETS = {
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5),
        Duration.ofHours(1),
        Duration.ofDays(1)
    };

    private final MeterRegistry shared;
    private final CompositeMeterRegistry own = new CompositeMeterRegistry(Clock.SYSTEM);
    private final Map<String, Runnable> watched = new HashMap<>();
    private boolean closed;

    /** @param shared where the meters go; perhaps other services' too */
    public ServiceMeters(MeterRegistry shared) {
        this.shared = shared;
        own.add(shared);
    }

    /** For the service's own meters. */
    public MeterRegistry registry() {
        return own;
    }

    /**
     * A histogram of how long posts take, in the fixed buckets of all latencies.
     *
     * @param tags names and values in turn
     */
    public static Timer latency(MeterRegistry registry, String name, String description, String... tags) {
        return Timer.builder(name)
                .description(description)
                .tags(Tags.of(tags))
                .serviceLevelObjectives(LATENCY_BUCKETS)
                .register(registry);
    }

    /**
     * Kafka's own figures of a client; and returns the client.
     *
     * @param role of the client in this service; takes the place of what was watched under it before
     */
    public <C extends Consumer<?, ?>> C watch(String role, C consumer) {
        bind(role, refreshing -> new KafkaClientMetrics(consumer, Tags.empty(), refreshing, REFRESH));
        return consumer;
    }

    /** As {@link #watch(String, Consumer)}. */
    public <P extends Producer<?, ?>> P watch(String role, P producer) {
        bind(role, refreshing -> new KafkaClientMetrics(producer, Tags.empty(), refreshing, REFRESH));
        return producer;
    }

    /**
     * A binder's meters, until {@link #close()}.
     *
     * @param role takes the place of what was bound under it before
     * @param binder given the thread that it may refresh its meters in; closed in the end if it can be
     */
    public synchronized void bind(String role, Function<ScheduledExecutorService, MeterBinder> binder) {
        Optional.ofNullable(watched.remove(role)).ifPresent(Runnable::run);
        if (closed) {
            return;
        }
        ScheduledExecutorService refreshing = Executors.newSingleThreadScheduledExecutor(ServiceMeters::daemon);
        MeterBinder bound = binder.apply(refreshing);
        watched.put(role, () -> {
            refreshing.shutdownNow();
            close(bound);
        });
        bound.bindTo(shared);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "sluice-kafka-meters");
        thread.setDaemon(true);
        return thread;
    }

    private static void close(MeterBinder binder) {
        if (binder instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) { // the interface allows it, Micrometer's do not do it
                throw new IllegalStateException(e);
            }
        }
    }

    /** Takes every meter out of the shared registry. */
    @Override
    public synchronized void close() {
        closed = true;
        watched.values().forEach(Runnable::run);
        watched.clear();
        own.clear();
        own.remove(shared); // what is counted from now on is counted nowhere
    }
}
