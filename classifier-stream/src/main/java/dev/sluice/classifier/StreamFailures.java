package dev.sluice.classifier;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What to do when a thread of Kafka Streams fails. What may pass (Kafka itself calls it retriable) gets a new thread, but
 * not again and again: what fails five times in a minute does not pass. All else ends the service, so that whoever runs
 * it can see that it failed and why.
 */
final class StreamFailures implements StreamsUncaughtExceptionHandler, KafkaStreams.StateListener {
    static final int REPLACEMENTS = 5;
    static final Duration WITHIN = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(StreamFailures.class);

    private final Path state;
    private final Clock clock;
    private final CompletableFuture<Void> ended;
    private final Deque<Instant> replaced = new ArrayDeque<>();

    /**
     * @param state the folder to be named if its disk is full
     * @param ended completed with the failure that ends the service
     */
    StreamFailures(Path state, Clock clock, CompletableFuture<Void> ended) {
        this.state = state;
        this.clock = clock;
        this.ended = ended;
    }

    @Override
    public synchronized StreamThreadExceptionResponse handle(Throwable failure) {
        if (mayPass(failure) && !tooOften()) {
            LOG.warn("a stream thread failed and is replaced: {}", failure.getMessage());
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        ended.completeExceptionally(
                DiskFull.refusal(failure, state).map(Throwable.class::cast).orElse(failure));
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    /** An error that no handler is told of, such as a heap that is full, ends the service as well. */
    @Override
    public void onChange(KafkaStreams.State now, KafkaStreams.State before) {
        if (now == KafkaStreams.State.ERROR) {
            ended.completeExceptionally(new IllegalStateException("Kafka Streams has stopped with an error"));
        }
    }

    private boolean tooOften() {
        Instant now = clock.instant();
        replaced.removeIf(then -> then.isBefore(now.minus(WITHIN)));
        if (replaced.size() >= REPLACEMENTS) {
            return true;
        }
        replaced.add(now);
        return false;
    }

    private static boolean mayPass(Throwable failure) {
        // the thread that fills the global stores cannot be replaced
        if (Thread.currentThread().getName().endsWith("GlobalStreamThread")) {
            return false;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            // The size is known now, and will be asked for beforehand: see LetterHandler. A transaction that the broker
            // undid because it took too long, as through an outage, is undone as a whole, and a commit that comes too
            // late gets this error from brokers without KAFKA-20785: a new thread begins where the last one stands.
            // A store that a kill left open is deleted, but Kafka Streams 4.3.1 then trips over the window of it that
            // it had begun to open (KAFKA-20808): the new thread's store has none.
            if (cause instanceof RetriableException
                    || cause instanceof RecordTooLargeException
                    || cause instanceof InvalidTxnStateException
                    || cause instanceof InvalidStateStoreException) {
                return true;
            }
        }
        return false;
    }
}
