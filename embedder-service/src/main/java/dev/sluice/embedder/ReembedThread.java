package dev.sluice.embedder;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A {@link Reembedder} at work beside the embedder: a thread for Kafka, one that waits for the models, and their end. */
final class ReembedThread {
    private static final Duration LAST_CALL = Duration.ofMillis(1500); // as long as those for posts have
    private static final Duration CLOSING = Duration.ofMillis(400);

    private final Reembedder reembedder;
    private final Duration lastCall;
    private final ExecutorService caller =
            Executors.newSingleThreadExecutor(task -> daemon(task, "sluice-reembed-call"));
    private final Thread thread = daemon(this::run, "sluice-reembed");
    private volatile boolean closing;
    private volatile long closingSince;
    private volatile Optional<Throwable> failure = Optional.empty();

    /**
     * @param next of the next space
     * @param fitting how many texts, from the first on, go into one call now
     */
    ReembedThread(
            EmbedderConfig config,
            EmbedderClients clients,
            EmbeddingModel present,
            EmbeddingModel next,
            ToIntFunction<List<String>> fitting,
            Clock clock,
            EmbedderMeters meters) {
        this(
                caller -> new Reembedder(
                        meters.watch(
                                "texts",
                                new KafkaConsumer<>(
                                        clients.reembedConsumerSettings(next.space()),
                                        new ByteArrayDeserializer(),
                                        new ByteArrayDeserializer())),
                        () -> meters.watch(
                                "reembedded",
                                new KafkaProducer<>(
                                        clients.reembedProducerSettings(next.space()),
                                        new ByteArraySerializer(),
                                        new ByteArraySerializer())),
                        new ReembeddedTexts(config.topicsOfNext(), present, next, fitting, clock),
                        caller,
                        meters),
                LAST_CALL);
    }

    /**
     * @param reembedder given what is to make its calls
     * @param lastCall how long a call may still take when the end has begun
     */
    ReembedThread(Function<Executor, Reembedder> reembedder, Duration lastCall) {
        this.reembedder = reembedder.apply(caller);
        this.lastCall = lastCall;
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            reembedder.subscribe();
            while (!closing) {
                reembedder.step();
            }
            caller.shutdown(); // a call that is out may be paid for: its answer is worth waiting for
            if (caller.awaitTermination(lastCall.toNanos(), TimeUnit.NANOSECONDS)) {
                reembedder.settle();
            }
        } catch (Throwable e) { // of whatever kind: the embedder ends with it
            failure = Optional.of(e).filter(it -> !closing);
        }
        Thread.interrupted(); // what it was meant to end has ended, and Kafka's clients close better without
        caller.shutdownNow();
        try {
            if (caller.awaitTermination(CLOSING.toMillis(), TimeUnit.MILLISECONDS)) {
                reembedder.close(CLOSING);
            }
        } catch (InterruptedException | RuntimeException e) { // nothing is lost by it: what counts is committed
            failure = failure.or(() -> Optional.of(e).filter(it -> !closing));
        }
    }

    /** Throws what has stopped it, if anything has. */
    void check() {
        failure.ifPresent(e -> {
            Throwable cause = e instanceof CompletionException ? e.getCause() : e;
            throw cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
        });
    }

    /** Begins to end, and does not wait for it. */
    void stop() {
        if (!closing) {
            closingSince = System.nanoTime();
            closing = true;
        }
    }

    /** Bounded in time, from {@link #stop} on. */
    void close() {
        stop();
        try {
            Duration left = lastCall.plus(CLOSING).minusNanos(System.nanoTime() - closingSince);
            thread.join(Math.max(1, left.toMillis())); // 0 would be for ever
            thread.interrupt(); // a call to a broker that is gone
            thread.join(CLOSING.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
