package dev.sluice.classifier;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.runtime.GroupWatch;
import dev.sluice.runtime.Health;
import dev.sluice.runtime.RunningService;
import dev.sluice.runtime.ServiceMeters;
import dev.sluice.runtime.TopicLimits;
import dev.sluice.runtime.TopicSetup;
import dev.sluice.schemas.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The two topologies at work, and the producer of what the global processors have to say. */
public final class ClassifierService implements RunningService {
    private static final Logger LOG = LoggerFactory.getLogger(ClassifierService.class);

    /** What is left of 4 s when the streams have had theirs, once for the last news and once for its producer. */
    private static final Duration WITHDRAWING = Duration.ofMillis(450);

    /** A model that is refused goes to the dead letters whole; what is added to it takes less than this, in bytes. */
    private static final int LETTER_ROOM = 128 * 1024;

    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final StateFolder folder;
    private final ServiceMeters meters;
    private final ClassifierMetrics metrics;
    private final KafkaProducer<byte[], byte[]> producer;
    private final StatusPublisher publisher;
    private final LiveModel live;
    private final StreamFailures failures;
    private final StreamApplication classify;
    private final StoreMemory memory;
    private final LearnMetrics learning;
    private final EvaluationMetrics evaluations;
    private final StreamApplication learn;
    private volatile Optional<GroupWatch> watch = Optional.empty();

    /**
     * Creates the topics that are missing, restores the models and begins to classify. Waits for the brokers up to a
     * minute.
     *
     * @param clock for the times on {@code deployment-status}
     * @param registry where the metrics go; they leave it at {@link #close()}
     * @throws org.apache.kafka.common.config.ConfigException if the state folder is another instance's, or cannot be written
     * @throws KafkaException if no broker answers
     */
    public static ClassifierService start(ClassifierConfig config, Clock clock, MeterRegistry registry) {
        TopicSetup.createMissing(config, "classifier");
        int partitions = prepareLearning(config); // asked while there is nothing yet that a failure would leave behind
        return StateFolder.startIn(() -> open(config), folder -> startIn(folder, config, partitions, clock, registry));
    }

    private static StateFolder open(ClassifierConfig config) {
        return StateFolder.open(
                config.stateDir(),
                clusterId(config),
                StreamsSettings.applicationId(config.topics(), StreamsSettings.CLASSIFY));
    }

    private static ClassifierService startIn(
            StateFolder folder, ClassifierConfig config, int partitions, Clock clock, MeterRegistry registry) {
        ClassifierService service = new ClassifierService(config, partitions, clock, registry, folder);
        try {
            service.classify.start(service.failures, service.live);
            folder.keepOnly(folder.learning(config.labelsRetention()));
            service.learn.start(service.failures);
            service.classify.bindTo(service.meters);
            service.learn.bindTo(service.meters);
            service.watch = Optional.of(GroupWatch.start(
                    config,
                    List.of(
                            ClassifyTopology.watchedGroup(config.topics()),
                            LearnTopology.watchedGroup(config.topics())),
                    service.meters.registry(),
                    ClassifierMetrics.LAG,
                    service.ended::completeExceptionally));
            return service;
        } catch (RuntimeException e) {
            service.close();
            throw e;
        }
    }

    private ClassifierService(
            ClassifierConfig config, int partitions, Clock clock, MeterRegistry registry, StateFolder folder) {
        Topics topics = config.topics();
        int largestLetter = topics.maxModelBytes() + LETTER_ROOM;
        this.folder = folder;
        meters = new ServiceMeters(registry);
        metrics = new ClassifierMetrics(meters.registry());
        producer = meters.watch(
                "status",
                new KafkaProducer<>(
                        config.producerSettings(Map.of(
                                ProducerConfig.CLIENT_ID_CONFIG,
                                StreamsSettings.applicationId(topics, "sluice-classifier-status") + "-"
                                        + config.instance(),
                                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                                largestLetter,
                                ProducerConfig.BUFFER_MEMORY_CONFIG,
                                2L * largestLetter,
                                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                                5_000)), // the thread that serves waits no longer than that for its news to be taken
                        new ByteArraySerializer(),
                        new ByteArraySerializer()));
        publisher = new StatusPublisher(topics, config.instance(), producer, metrics, clock);
        live = new LiveModel(topics, config.trust(), publisher);
        metrics.watch(live);
        TopicLimits limits = limits(config);
        DeadLetters letters = new DeadLetters("classify", limits, clock);
        PredictionWriter writer = new PredictionWriter(
                topics.predictions().codec(), topics.classifier(), config.predictionsAsJson(), config.textCharacters());
        failures = new StreamFailures(folder.path(), clock, ended);
        classify = new StreamApplication(
                ClassifyTopology.of(topics, live, publisher, writer, letters, config.minConfidence(), metrics),
                withLetters(
                        StreamsSettings.classify(config, folder.path()),
                        new StreamLetters(
                                letters,
                                Topics::deadLetterOf,
                                (record, reason) -> publisher.refused(record, reason, live.following()),
                                metrics::deadLetter)));
        memory = new StoreMemory();
        learning = new LearnMetrics(meters.registry());
        evaluations = new EvaluationMetrics(meters.registry());
        DeadLetters learnLetters = new DeadLetters("learn", limits, clock);
        learn = new StreamApplication(
                LearnTopology.of(
                        topics,
                        partitions,
                        config.labelsRetention(),
                        learnLetters,
                        learning,
                        EvaluationSettings.plan(config),
                        evaluations),
                withLetters(
                        StreamsSettings.learn(config, folder.learning(config.labelsRetention()), memory),
                        new StreamLetters(
                                learnLetters,
                                source -> LearnTopology.letterTopic(topics, source),
                                (record, reason) -> LOG.warn("learning passes over a model or deployment", reason),
                                learning::deadLetter)));
    }

    private static Map<String, Object> withLetters(Map<String, Object> settings, StreamLetters letters) {
        letters.addTo(settings);
        return settings;
    }

    /** As the topics are now. */
    private static TopicLimits limits(ClassifierConfig config) {
        try (Admin admin = Admin.create(config.adminSettings())) {
            return TopicLimits.found(admin, config.topics());
        }
    }

    /** Returns how many partitions it has. */
    private static int prepareLearning(ClassifierConfig config) {
        try (Admin admin = Admin.create(config.adminSettings())) {
            Topics topics = config.topics();
            String applicationId = StreamsSettings.applicationId(topics, StreamsSettings.LEARN);
            ChangelogRetention.align(admin, applicationId, StreamsSettings.changelogRetention(config));
            return FactPartitions.of(admin, topics, applicationId);
        }
    }

    private static String clusterId(ClassifierConfig config) {
        try (Admin admin = Admin.create(config.adminSettings())) {
            return admin.describeCluster().clusterId().get();
        } catch (ExecutionException e) {
            throw new KafkaException("the brokers do not say which cluster they are", e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    @Override
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** Not ready while no broker answers, or while one of the two applications restores its stores or is given partitions. */
    @Override
    public Health health() {
        return ended.isDone()
                ? RunningService.super.health()
                : watch.flatMap(GroupWatch::waitingFor)
                        .or(classify::waitingFor)
                        .or(learn::waitingFor)
                        .map(Health::waiting)
                        .orElseGet(Health::working);
    }

    /** Takes 4 s at most; what is not done by then is rolled back by the broker, and done again by the next to come. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        CompletableFuture<Void> closing = CompletableFuture.runAsync(learn::close);
        classify.close();
        closing.join();
        if (learn.stopped()) {
            memory.close();
        }
        // Beside this thread: a producer that has not heard of the topic for a while would wait for the brokers.
        CompletableFuture.runAsync(publisher::withdraw)
                .completeOnTimeout(null, WITHDRAWING.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        producer.close(WITHDRAWING);
        watch.ifPresent(GroupWatch::close);
        metrics.close();
        learning.close();
        evaluations.close();
        meters.close();
        folder.close();
        ended.complete(null);
    }
}
