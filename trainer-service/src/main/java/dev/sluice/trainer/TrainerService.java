package dev.sluice.trainer;

import dev.sluice.runtime.RunningService;
import dev.sluice.runtime.TopicSetup;
import dev.sluice.schemas.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;

/**
 * The trainer at work: two threads, one that talks with Kafka and one that fits. Fits are deterministic and their
 * publication is one transaction, so a trainer may be stopped at any moment: the next one does what was left.
 */
public final class TrainerService implements RunningService {
    /** All of it stays below 4 s. */
    private static final Duration FIT_ENDING = Duration.ofMillis(1500);

    private static final Duration LOOP_ENDING = Duration.ofMillis(1500);
    private static final Duration CLIENT_CLOSING = Duration.ofMillis(500);

    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final ExecutorService worker = Executors.newSingleThreadExecutor(task -> daemon(task, "trainer-fit"));
    private final DeadLetterBox deadLetters;
    private final LabeledVectors vectors;
    private final TrainingRequests requests;
    private final PublishedModels models;
    private final TrainerLoop loop;
    private final Thread thread;
    private volatile boolean closing;

    private TrainerService(
            TrainerConfig config,
            TrainerClients clients,
            Clock clock,
            MeterRegistry registry,
            TrainingListener listener) {
        Topics topics = config.topics();
        deadLetters = new DeadLetterBox(clients.deadLetters(), registry);
        vectors = new LabeledVectors(clients.vectors(), topics.labeledVectors(), deadLetters);
        requests = new TrainingRequests(clients.requests(), topics.trainingRequests(), deadLetters);
        models = new PublishedModels(clients.models(), topics.models(), topics.classifier());
        ModelPublisher publisher = new ModelPublisher(clients::publishing, models, topics);
        loop = new TrainerLoop(
                requests, vectors, models, publisher, worker, config, listener, new TrainerMetrics(registry), clock);
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
        TrainerService service = new TrainerService(config, new TrainerClients(config), clock, registry, listener);
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
                loop.turn();
            }
            release();
            ended.complete(null);
        } catch (WakeupException | InterruptException | InterruptedException e) {
            release(); // only close() wakes or interrupts
            ended.complete(null);
        } catch (RuntimeException e) {
            release();
            ended.completeExceptionally(e);
        }
    }

    private void release() {
        worker.shutdownNow();
        boolean idle = false;
        try {
            idle = worker.awaitTermination(FIT_ENDING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        requests.close(CLIENT_CLOSING);
        vectors.close(CLIENT_CLOSING);
        deadLetters.close(CLIENT_CLOSING);
        if (idle) { // else a fit in native code still holds them, on a thread that ends with the process
            models.close(CLIENT_CLOSING);
        }
    }

    @Override
    public CompletableFuture<Void> ended() {
        return ended.copy();
    }

    @Override
    public void close() {
        closing = true;
        requests.wakeUp();
        vectors.wakeUp();
        worker.shutdownNow();
        try {
            thread.join(LOOP_ENDING.toMillis());
            if (thread.isAlive()) {
                thread.interrupt();
                thread.join(LOOP_ENDING.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
