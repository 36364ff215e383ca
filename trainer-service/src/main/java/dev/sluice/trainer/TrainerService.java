package dev.sluice.trainer;

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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The trainer at work: two threads, one that talks with Kafka and one that fits. Fits are deterministic and their
 * publication is one transaction, so a trainer may be stopped at any moment: the next one does what was left.
 */
public final class TrainerService implements RunningService {
    private static final Logger LOG = LoggerFactory.getLogger(TrainerService.class);

    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);

    /** A fit's end and five clients take less than {@link #ENDING}, and a close less than 4 s. */
    private static final Duration FIT_ENDING = Duration.ofSeconds(1);

    private static final Duration CLIENT_CLOSING = Duration.ofMillis(400);
    private static final Duration ENDING = Duration.ofSeconds(3);

    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final ExecutorService worker = Executors.newSingleThreadExecutor(task -> daemon(task, "trainer-fit"));
    private final DeadLetterBox deadLetters;
    private final LabeledVectors vectors;
    private final TrainingRequests requests;
    private final PublishedModels models;
    private final DeploymentLog deployments;
    private final TrainerLoop loop;
    private final Thread thread;
    private final TrainerMetrics metrics;
    private final Pulse pulse = new Pulse("reads what is to be learned");
    private volatile Optional<GroupWatch> watch = Optional.empty();
    private volatile boolean closing;

    private TrainerService(
            TrainerConfig config,
            TrainerClients clients,
            Clock clock,
            MeterRegistry registry,
            TrainingListener listener) {
        Topics topics = config.topics();
        metrics = new TrainerMetrics(registry);
        deadLetters = new DeadLetterBox(
                metrics.watch("dead-letters", clients.deadLetters()),
                DeadLetters.of("trainer", topics, clock),
                metrics.registry());
        Consumer<byte[], byte[]> vectorReader = metrics.watch("vectors", clients.vectors());
        metrics.unread(vectorReader);
        vectors = new LabeledVectors(
                vectorReader,
                topics.labeledVectors(),
                topics.reembeddedVectors(),
                deadLetters,
                new Examples(config.hyperparameters().readsWords(), new ExampleFile(config.examplesDir())));
        requests = new TrainingRequests(
                metrics.watch("requests", clients.requests()), topics.trainingRequests(), deadLetters);
        models = new PublishedModels(
                metrics.watch("models", clients.models()), topics.models(), topics.classifier(), config.trust());
        deployments = new DeploymentLog(
                metrics.watch("deployments", clients.deployments()),
                topics.deployments(),
                topics.classifier(),
                config.trust());
        ModelPublisher publisher = new ModelPublisher(
                () -> metrics.watch("publishing", clients.publishing()),
                models,
                deployments,
                new Gate(config.promotion(), models, deployments),
                new Retention(config.keptModels(), models, deployments),
                topics,
                config.trust(),
                BETWEEN_TRIES);
        loop = new TrainerLoop(requests, vectors, models, publisher, worker, config, listener, metrics, clock);
        thread = daemon(this::run, "trainer");
    }

    /**
     * Creates the topics that are missing, and begins.
     *
     * @param listener is told how fits go; see {@link TrainingListener#logging()}
     * @throws KafkaException if no broker answers within a minute, or it refuses
     */
    public static TrainerService start(
            TrainerConfig config, Clock clock, MeterRegistry registry, TrainingListener listener) {
        TopicSetup.createMissing(config, "trainer");
        TrainerClients clients = new TrainerClients(config);
        TrainerService service = new TrainerService(config, clients, clock, registry, listener);
        service.watch = Optional.of(GroupWatch.start(
                config,
                List.of(clients.watchedGroup()),
                service.metrics.registry(),
                TrainerMetrics.LAG,
                service.ended::completeExceptionally));
        service.thread.start();
        return service;
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private void run() {
        try {
            requests.join();
            while (!closing) {
                pulse.beat();
                turn();
            }
            end(Optional.empty());
        } catch (WakeupException | InterruptException | InterruptedException e) {
            end(Optional.empty()); // only close() wakes or interrupts
        } catch (RuntimeException | Error e) {
            if (closing) { // what fails because it is being closed, as a fit that is not taken any more, is no failure
                end(Optional.empty());
            } else {
                requests.fall();
                end(Optional.of(e));
            }
        }
    }

    private void end(Optional<Throwable> failure) {
        try {
            release();
        } finally { // whoever waits for the end is told, whatever that met
            failure.ifPresentOrElse(ended::completeExceptionally, () -> ended.complete(null));
        }
    }

    private void turn() throws InterruptedException {
        try {
            loop.turn();
        } catch (RetriableException e) { // Kafka's own clients have tried for a minute by now
            LOG.warn("Kafka does not answer, beginning anew: {}", e.getMessage());
            loop.beginAnew();
        }
    }

    private void release() {
        watch.ifPresent(GroupWatch::close);
        metrics.close();
        worker.shutdownNow();
        try {
            worker.awaitTermination(FIT_ENDING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            LOG.debug("Not waiting for the fit to end");
        }
        closeQuietly(() -> requests.close(CLIENT_CLOSING)); // which puts back what was begun, unless it was fallen at
        closeQuietly(() -> vectors.close(CLIENT_CLOSING));
        closeQuietly(() -> deadLetters.close(CLIENT_CLOSING));
        if (worker.isTerminated()) { // else native code still holds them, on a thread that ends with the process
            closeQuietly(() -> models.close(CLIENT_CLOSING));
            closeQuietly(() -> deployments.close(CLIENT_CLOSING));
        }
    }

    private static void closeQuietly(Runnable close) {
        try {
            close.run();
        } catch (KafkaException e) { // the others are to be closed all the same
            LOG.debug("A client did not close in time", e);
        }
    }

    @Override
    public CompletableFuture<Void> ended() {
        return ended.copy();
    }

    /** Not ready while no broker answers, or while it does not belong to the group; one that stands by is ready. */
    @Override
    public Health health() {
        return ended.isDone()
                ? RunningService.super.health()
                : watch.flatMap(GroupWatch::waitingFor)
                        .or(pulse::missing)
                        .map(Health::waiting)
                        .orElseGet(Health::working);
    }

    @Override
    public void close() {
        closing = true;
        requests.wakeUp();
        vectors.wakeUp();
        worker.shutdownNow();
        try {
            thread.join(ENDING.toMillis());
            if (thread.isAlive()) {
                thread.interrupt();
                thread.join(CLIENT_CLOSING.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
