package dev.sluice.embedder;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.runtime.GroupWatch;
import dev.sluice.runtime.Health;
import dev.sluice.runtime.Pulse;
import dev.sluice.runtime.RunningService;
import dev.sluice.runtime.TopicSetup;
import dev.sluice.schemas.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The embedder at work: a thread for Kafka ({@link EmbedLoop}), those that wait for the model ({@link Calls}), and the order
 * in which they end. Several of them, in one process or many, share the partitions of {@code posts}.
 */
public final class EmbedderService implements RunningService {
    private static final Logger LOG = LoggerFactory.getLogger(EmbedderService.class);

    // Together below the 4 seconds that a close may take.
    private static final Duration LAST_CALLS = Duration.ofMillis(1500);
    private static final Duration CLIENTS_CLOSE = Duration.ofMillis(500);
    private static final Duration BEFORE_INTERRUPT = Duration.ofMillis(2200);
    private static final Duration AFTER_INTERRUPT = Duration.ofMillis(1700);

    private final EmbeddingRoute route;
    private final Optional<ReembedThread> reembedding;
    private final ExecutorService callers;
    private final EmbedLoop loop;
    private final EmbedderMeters meters;
    private final Pulse pulse = new Pulse("reads posts");
    private final Thread thread;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile Optional<GroupWatch> watch = Optional.empty();
    private volatile boolean closing;
    private volatile boolean releasing;

    EmbedderService(
            EmbedderConfig config,
            EmbedderClients clients,
            EmbeddingRoute route,
            Optional<ReembedThread> reembedding,
            Quota quota,
            Clock clock,
            EmbedderMeters meters) {
        Topics topics = config.topics();
        this.route = route;
        this.reembedding = reembedding;
        this.meters = meters;
        this.callers = Executors.newCachedThreadPool(task -> daemon(task, "sluice-embedder-call"));
        Consumer<byte[], byte[]> consumer = meters.watch(
                "posts",
                new KafkaConsumer<>(
                        clients.consumerSettings(), new ByteArrayDeserializer(), new ByteArrayDeserializer()));
        this.loop = new EmbedLoop(
                consumer,
                new PostsInHand(
                        new Drafts(
                                topics.posts(),
                                topics.embeddedPosts(),
                                config.postText(),
                                route.spaces(),
                                DeadLetters.of("embedder", topics, clock),
                                clock),
                        route::known,
                        new WaitingTexts(config.batchLimits(), quota::fitting),
                        config.maxPostsInHand()),
                new Calls(new AnswerTexts(route, quota::fitting), callers, config.maxInFlightCalls()),
                new OutputCommit(
                        consumer,
                        () -> meters.watch(
                                "outcomes",
                                new KafkaProducer<>(
                                        clients.producerSettings(),
                                        new ByteArraySerializer(),
                                        new ByteArraySerializer())),
                        meters),
                quota,
                () -> route.waitingFor().isPresent(),
                clock,
                meters);
        this.thread = daemon(() -> run(topics.posts().name()), "sluice-embedder");
    }

    /**
     * Creates the topics that are missing, loads the model, or both models, and begins.
     *
     * @throws org.apache.kafka.common.KafkaException if no broker answers within a minute
     */
    public static EmbedderService start(EmbedderConfig config, Clock clock, MeterRegistry registry) {
        TopicSetup.createMissing(config, "embedder");
        EmbedderClients clients = new EmbedderClients(config, UUID.randomUUID().toString());
        EmbedderMeters meters = new EmbedderMeters(registry, clock);
        Quota quota = new Quota(config.quotaLimits(), config.quotaTokens(), clock, meters);
        try (Routes routes = Routes.open(config, quota, clock, meters, meters.registry())) {
            Optional<ReembedThread> reembedding = routes.next()
                    .map(next -> new ReembedThread(
                            config, clients, routes.present(), next, quota::fittingBeside, clock, meters));
            EmbedderService service =
                    new EmbedderService(config, clients, routes.ofPosts(), reembedding, quota, clock, meters);
            service.watch = Optional.of(GroupWatch.start(
                    config,
                    clients.watchedGroups(routes.next()),
                    meters.registry(),
                    EmbedderMeters.LAG,
                    service.ended::completeExceptionally));
            service.thread.start();
            reembedding.ifPresent(ReembedThread::start);
            LOG.info("embeds {} by {}", config.topics().posts().name(), routes.names());
            routes.keep();
            return service;
        }
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** The body of the thread. */
    void run(String topic) {
        Throwable failure = null;
        try {
            loop.subscribe(topic);
            while (!closing) {
                pulse.beat();
                loop.step();
                reembedding.ifPresent(ReembedThread::check);
            }
            callers.shutdown();
            if (!callers.awaitTermination(LAST_CALLS.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.info("calls in flight are given up; their posts stay for the next start");
            }
            loop.finish();
        } catch (Throwable e) { // of whatever kind: the thread ends with it, and whoever asks is told
            failure = e;
        }
        try {
            release();
        } finally { // whoever waits for the end is told, whatever that met
            if (failure == null || (closing && isInterrupt(failure))) {
                ended.complete(null);
            } else {
                ended.completeExceptionally(failure);
            }
        }
    }

    private static boolean isInterrupt(Throwable failure) {
        return failure instanceof InterruptException || failure instanceof InterruptedException;
    }

    private void release() {
        releasing = true;
        Thread.interrupted(); // what it was meant to end has ended, and Kafka's clients close better without
        callers.shutdownNow();
        try {
            loop.close(CLIENTS_CLOSE);
        } catch (RuntimeException e) {
            LOG.debug("closing Kafka's clients", e); // nothing is lost by it: what counts is committed
        }
        reembedding.ifPresent(ReembedThread::close);
        watch.ifPresent(GroupWatch::close);
        meters.close();
        route.close();
    }

    @Override
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /**
     * Not ready while all calls wait for the provider, which is away or whose quota is used up; while no broker answers; or
     * while it does not belong to its group.
     */
    @Override
    public Health health() {
        return ended.isDone()
                ? RunningService.super.health()
                : watch.flatMap(GroupWatch::waitingFor)
                        .or(route::waitingFor)
                        .or(pulse::missing)
                        .map(Health::waiting)
                        .orElseGet(Health::working);
    }

    @Override
    public void close() {
        closing = true;
        reembedding.ifPresent(ReembedThread::stop);
        try {
            thread.join(BEFORE_INTERRUPT.toMillis());
            if (!releasing) {
                thread.interrupt(); // a call to a broker that is gone
            }
            thread.join(AFTER_INTERRUPT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
