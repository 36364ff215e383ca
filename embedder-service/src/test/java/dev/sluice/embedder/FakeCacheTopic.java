package dev.sluice.embedder;

import dev.sluice.schemas.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The cache's topic in memory, with one partition, and embedders on it. Readers get what lies on it only once somebody has
 * asked for its end, so who does not wait for them finds nothing.
 */
final class FakeCacheTopic implements EmbeddingCache.Ends {
    static final String NAME = "embedding-cache";

    private static final TopicPartition PARTITION = new TopicPartition(NAME, 0);

    final CacheRecords records =
            new CacheRecords(Topics.ofDefaults().embeddingCache().codec(), FakeEmbeddingModel.SPACE);
    final Deque<RuntimeException> failures = new ArrayDeque<>();

    /** Whether the topic claims a record more than its readers ever get. */
    volatile boolean reachesFurther;

    private final List<ConsumerRecord<String, byte[]>> log = new ArrayList<>();
    private final List<Embedder> embedders = new CopyOnWriteArrayList<>();

    /** One process with its part of the cache. */
    final class Embedder implements AutoCloseable {
        final MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");
        final MockProducer<String, byte[]> producer =
                new MockProducer<>(false, null, new StringSerializer(), new ByteArraySerializer());
        final SimpleMeterRegistry registry = new SimpleMeterRegistry();
        final EmbeddingStore store;
        final EmbeddingCache cache;
        private int delivered;

        private Embedder(long maxBytes) {
            consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
            store = new EmbeddingStore(1, maxBytes);
            cache = new EmbeddingCache(
                    NAME,
                    records,
                    store,
                    FakeCacheTopic.this,
                    consumer,
                    producer,
                    Clock.systemUTC(),
                    new CacheMeters(registry));
        }

        double count(String name) {
            return registry.get("sluice.embedder.cache." + name).counter().count();
        }

        /** What it has sent comes to lie on the topic. */
        void acknowledge() {
            List<ProducerRecord<String, byte[]>> sent = producer.history();
            while (producer.completeNext()) {}
            sent.forEach(record ->
                    appendRecord(record.key(), record.value(), record.headers().toArray()));
            producer.clear();
        }

        @Override
        public void close() {
            cache.close();
        }
    }

    Embedder open() throws InterruptedException {
        return open(1_000_000);
    }

    Embedder open(long maxBytes) throws InterruptedException {
        Embedder embedder = new Embedder(maxBytes);
        embedders.add(embedder);
        embedder.cache.start(now());
        return embedder;
    }

    void append(String text, float... vector) {
        appendRecord(records.keyOf(text), records.valueOf(vector, Instant.EPOCH));
    }

    synchronized void appendRecord(String key, byte[] value, Header... headers) {
        log.add(new ConsumerRecord<>(
                NAME,
                0,
                log.size(),
                0L,
                TimestampType.CREATE_TIME,
                0,
                0,
                key,
                value,
                new RecordHeaders(headers),
                Optional.empty()));
    }

    @Override
    public synchronized Map<TopicPartition, Long> now() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (!failures.isEmpty()) {
            throw failures.remove();
        }
        embedders.forEach(this::deliver);
        return Map.of(PARTITION, log.size() + (reachesFurther ? 1L : 0L));
    }

    private void deliver(Embedder embedder) {
        while (embedder.delivered < log.size()) {
            ConsumerRecord<String, byte[]> next = log.get(embedder.delivered++);
            embedder.consumer.schedulePollTask(() -> embedder.consumer.addRecord(next));
        }
    }
}
