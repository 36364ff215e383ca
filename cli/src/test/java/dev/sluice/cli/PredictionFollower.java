package dev.sluice.cli;

import dev.sluice.schemas.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads predictions as they are committed, in a thread of its own, and takes the time of the longest while without any. */
final class PredictionFollower implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread thread = new Thread(this::follow, "prediction-follower");
    private volatile boolean closed;
    private int total;
    private long last = System.nanoTime();
    private long longest;

    PredictionFollower(String bootstrapServers, Topics topics) {
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        consumer.assign(consumer.partitionsFor(topics.predictions().name()).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList());
        consumer.seekToBeginning(consumer.assignment());
        thread.setDaemon(true);
        thread.start();
    }

    private void follow() {
        try (consumer) {
            while (!closed) {
                count(consumer.poll(Duration.ofMillis(50)).count());
            }
        }
    }

    private synchronized void count(int more) {
        if (more > 0) {
            longest = Math.max(longest, System.nanoTime() - last);
            last = System.nanoTime();
            total += more;
            notifyAll();
        }
    }

    /** The longest while without a prediction is counted from now. */
    synchronized void forgetGaps() {
        longest = 0;
        last = System.nanoTime();
    }

    synchronized Duration longestGap() {
        return Duration.ofNanos(longest);
    }

    synchronized void awaitMore(int more, Duration patience) throws InterruptedException {
        awaitTotal(total + more, patience);
    }

    synchronized void awaitTotal(int wanted, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (total < wanted) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new AssertionError(
                        "after " + patience.toSeconds() + " s there are " + total + " predictions of " + wanted);
            }
            wait(left);
        }
    }

    @Override
    public void close() {
        closed = true; // the thread closes its consumer itself
    }
}
