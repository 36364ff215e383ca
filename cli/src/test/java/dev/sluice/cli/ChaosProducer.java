package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends the numbered posts at an even pace, and whatever else a test wants sent. It is idempotent and tries until it is
 * told that a record is there, however long the broker is away, so each is there once. A record that is given up is a failure
 * of the test.
 */
final class ChaosProducer implements AutoCloseable {
    private static final int AN_HOUR_MILLIS = 60 * 60 * 1000;
    private static final int TICK_MILLIS = 20;
    private static final int MOST_BYTES = 8 * 1024 * 1024;

    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final ChaosLog log;
    private volatile int sent;

    ChaosProducer(String bootstrapServers, String topic, ChaosLog log) {
        this.topic = topic;
        this.log = log;
        this.producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                        true,
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        AN_HOUR_MILLIS,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        AN_HOUR_MILLIS,
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        5000,
                        ProducerConfig.LINGER_MS_CONFIG,
                        5,
                        ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                        MOST_BYTES),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** In a thread of its own: so many more posts, evenly over this time. Not to be called again before it is complete. */
    CompletableFuture<Void> sendPosts(int count, Duration over) {
        return CompletableFuture.runAsync(() -> pace(count, over.toNanos()), task -> {
            Thread thread = new Thread(task, "chaos-producer");
            thread.setDaemon(true);
            thread.start();
        });
    }

    private void pace(int count, long nanos) {
        int from = sent;
        long start = System.nanoTime();
        while (sent < from + count) {
            double share = nanos == 0 ? 1 : Math.min(1, (System.nanoTime() - start) / (double) nanos);
            while (sent < from + (int) (count * share)) {
                int number = sent;
                sent = number + 1;
                send(new ProducerRecord<>(topic, ChaosPosts.id(number).getBytes(UTF_8), ChaosRecords.post(number)));
            }
            try {
                TimeUnit.MILLISECONDS.sleep(TICK_MILLIS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Sends these too; returns before they are there. */
    void send(List<ProducerRecord<byte[], byte[]>> records) {
        records.forEach(this::send);
    }

    private void send(ProducerRecord<byte[], byte[]> record) {
        var unused = producer.send(record, (where, failure) -> {
            if (failure != null) {
                log.failure("the test's own record did not reach " + record.topic() + ": " + failure);
            }
        });
    }

    /** Numbered posts so far; each is there after a {@link #flush}. */
    int posts() {
        return sent;
    }

    /** Returns when all that was sent is there. */
    void flush() {
        producer.flush();
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}
