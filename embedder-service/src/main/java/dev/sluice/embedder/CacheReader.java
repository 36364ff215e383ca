package dev.sluice.embedder;

import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the cache's topic from its beginning and on and on, in a thread of its own, and lets others wait until it has come
 * as far as they need. It belongs to no consumer group: every embedder reads all of it.
 *
 * <p>How far it has come is told after the records before have been taken in, so who has waited finds them; and it is the
 * consumer's position, which also moves where compaction or retention left nothing to read.
 */
final class CacheReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CacheReader.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration BETWEEN_NEWS = Duration.ofSeconds(2);
    private static final Duration BETWEEN_COMPLAINTS = Duration.ofSeconds(10);
    private static final Duration CLOSE = Duration.ofMillis(500);

    private final Consumer<String, byte[]> consumer;
    private final java.util.function.Consumer<ConsumerRecord<String, byte[]>> sink;
    private final Clock clock;
    private volatile boolean closing;

    private final Object progress = new Object();
    private final Map<TopicPartition, Long> positions = new HashMap<>(); // guarded by progress
    private Throwable failure; // guarded by progress

    /** @param sink given each record, in the reader's thread */
    CacheReader(
            Consumer<String, byte[]> consumer,
            java.util.function.Consumer<ConsumerRecord<String, byte[]>> sink,
            Clock clock) {
        this.consumer = consumer;
        this.sink = sink;
        this.clock = clock;
    }

    /**
     * Reads until it is closed or fails for good; the body of a thread.
     *
     * @param ends of all partitions, at the start: until there, progress is logged
     */
    void run(Map<TopicPartition, Long> ends) {
        try {
            consumer.assign(ends.keySet());
            readTo(ends);
            while (!closing) {
                step();
            }
        } catch (WakeupException | InterruptException e) {
            LOG.debug("the reader of the embedding cache was told to stop", e);
        } catch (Throwable e) { // of whatever kind: who waits must hear of it
            fail(e);
        }
        consumer.close(CloseOptions.timeout(CLOSE));
    }

    private void readTo(Map<TopicPartition, Long> ends) {
        long begun = clock.millis();
        long told = begun;
        long left = leftOf(ends);
        while (!closing && left > 0) {
            step();
            left = leftOf(ends);
            if (clock.millis() - told >= BETWEEN_NEWS.toMillis()) {
                told = clock.millis();
                LOG.info("reads the embedding cache: {} records left", left);
            }
        }
        LOG.info("has read the embedding cache, after {} ms", clock.millis() - begun);
    }

    /** Polls once, takes in what came, and tells how far that was. */
    private void step() {
        consumer.poll(POLL).forEach(sink);
        synchronized (progress) {
            consumer.assignment().forEach(this::notePosition);
            progress.notifyAll();
        }
    }

    private void notePosition(TopicPartition partition) {
        try {
            positions.put(partition, consumer.position(partition, Duration.ZERO));
        } catch (TimeoutException e) {
            LOG.trace("{} has no position yet", partition, e);
        }
    }

    private void fail(Throwable cause) {
        LOG.error("the embedding cache is read no further: {}", cause.getMessage(), cause);
        synchronized (progress) {
            failure = cause;
            progress.notifyAll();
        }
    }

    /**
     * Returns when every record before the given offsets has been taken in.
     *
     * @throws KafkaException if reading has ended for good
     */
    void await(Map<TopicPartition, Long> ends) throws InterruptedException {
        long begun = clock.millis();
        synchronized (progress) {
            while (leftOf(ends) > 0) {
                if (failure != null) {
                    throw new KafkaException("the embedding cache cannot be read", failure);
                }
                progress.wait(BETWEEN_COMPLAINTS.toMillis());
                if (clock.millis() - begun >= BETWEEN_COMPLAINTS.toMillis()) {
                    begun = clock.millis();
                    LOG.warn("the provider is not asked before {} records of the cache are read", leftOf(ends));
                }
            }
        }
    }

    /** Offsets that are still to be read; those that hold nothing count too. */
    private long leftOf(Map<TopicPartition, Long> ends) {
        synchronized (progress) {
            return ends.entrySet().stream()
                    .mapToLong(end -> Math.max(0, end.getValue() - positions.getOrDefault(end.getKey(), 0L)))
                    .sum();
        }
    }

    /** Ends {@link #run} soon; may be called from any thread. */
    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
    }
}
