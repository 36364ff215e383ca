package dev.sluice.embedder;

import dev.sluice.runtime.Health;
import dev.sluice.runtime.RunningService;
import dev.sluice.runtime.TopicSetup;
import dev.sluice.schemas.EmbeddingSpaces;
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

    private final GuardedEmbeddingModel model;
    private final EmbeddingModel answering;
    private final ExecutorService callers;
    private final EmbedLoop loop;
    private final Thread thread;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile boolean closing;
    private volatile boolean releasing;

    EmbedderService(
            EmbedderConfig config,
            Optional<EmbeddingCache> cache,
            GuardedEmbeddingModel model,
            Quota quota,
            Clock clock,
            EmbedderMeters meters) {
        EmbedderClients clients = new EmbedderClients(config, UUID.randomUUID().toString());
        Topics topics = config.topics();
        this.model = model;
        this.answering = cache.<EmbeddingModel>map(it -> new CachedEmbeddingModel(model, it))
                .orElse(model);
        this.callers = Executors.newCachedThreadPool(task -> daemon(task, "sluice-embedder-call"));
        Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                clients.consumerSettings(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        this.loop = new EmbedLoop(
                consumer,
                new PostsInHand(
                        new Drafts(topics.posts(), topics.embeddedPosts(), config.postText(), model.space(), clock),
                        text -> cache.flatMap(it -> it.find(text)),
                        new WaitingTexts(config.batchLimits(), quota::fitting),
                        config.maxPostsInHand()),
                new Calls(new AnswerTexts(answering, quota::fitting), callers, config.maxInFlightCalls()),
                new OutputCommit(
                        consumer,
                        () -> new KafkaProducer<>(
                                clients.producerSettings(), new ByteArraySerializer(), new ByteArraySerializer()),
                        meters),
                quota,
                () -> model.waitingFor().isPresent(),
                clock);
        this.thread = daemon(() -> run(topics.posts().name()), "sluice-embedder");
    }

    /**
     * Creates the topics that are missing, loads the model and begins.
     *
     * @throws org.apache.kafka.common.KafkaException if no broker answers within a minute
     */
    public static EmbedderService start(EmbedderConfig config, Clock clock, MeterRegistry registry) {
        TopicSetup.createMissing(config, "embedder");
        EmbedderMeters meters = new EmbedderMeters(registry);
        Quota quota = new Quota(config.quotaLimits(), config.maxTokens(), clock, meters);
        EmbeddingModel provider = modelOf(config);
        Optional<EmbeddingCache> cache = Optional.empty();
        try {
            if (config.cacheEnabled()) {
                cache = Optional.of(EmbeddingCache.open(config, provider.space(), clock, registry));
            }
            EmbedderService service = new EmbedderService(
                    config,
                    cache,
                    new GuardedEmbeddingModel(provider, quota, config.patience(), clock, meters),
                    quota,
                    clock,
                    meters);
            service.thread.start();
            LOG.info("embeds {} by {}", config.topics().posts().name(), EmbeddingSpaces.idOf(provider.space()));
            return service;
        } catch (RuntimeException e) {
            cache.ifPresent(EmbeddingCache::close);
            provider.close();
            throw e;
        }
    }

    static EmbeddingModel modelOf(EmbedderConfig config) {
        return config.provider().equals(EmbedderConfig.LOCAL)
                ? LocalEmbeddingModel.open(
                        config.threads(), config.maxTokens(), config.postText().recipe())
                : GeminiEmbeddingModel.open(config);
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
                loop.step();
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
        answering.close();
    }

    @Override
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** Not ready while all calls wait for the provider: it is away, or its quota is used up. */
    @Override
    public Health health() {
        return ended.isDone()
                ? RunningService.super.health()
                : model.waitingFor().map(Health::waiting).orElseGet(Health::working);
    }

    @Override
    public void close() {
        closing = true;
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
