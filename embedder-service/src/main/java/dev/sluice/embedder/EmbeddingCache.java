package dev.sluice.embedder;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.UnreadableRecordException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Vectors that somebody has paid for, on a compacted topic that all embedders write and read; the newest lie at hand in an
 * {@link EmbeddingStore}. To look one up is local. {@link #catchUp} makes it sure: a text that is not found after it had no
 * acknowledged vector before it. Two embedders that ask for a text at the same moment both pay, and the one whose vector
 * comes second counts it; that is why a record's header says who wrote it.
 *
 * <p>Safe for use by several threads.
 */
final class EmbeddingCache implements AutoCloseable {
    static final String WRITER = "sluice.writer";

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddingCache.class);
    private static final Duration CLOSE = Duration.ofMillis(500);

    /** How far the topic reaches. */
    interface Ends extends AutoCloseable {
        /**
         * @return the offset behind the last acknowledged record, for every partition
         * @throws RetriableException if it may work later
         */
        Map<TopicPartition, Long> now() throws InterruptedException;

        @Override
        default void close() {}
    }

    private final String topic;
    private final CacheRecords records;
    private final EmbeddingStore store;
    private final Ends ends;
    private final CacheReader reader;
    private final Producer<String, byte[]> producer;
    private final Clock clock;
    private final CacheMeters meters;
    private final Header writer =
            new RecordHeader(WRITER, UUID.randomUUID().toString().getBytes(UTF_8));

    /** Keys of the vectors that were sent and have not been read back yet. */
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();

    private volatile Optional<AuthorizationException> forbidden = Optional.empty();

    private Optional<Thread> thread = Optional.empty();

    EmbeddingCache(
            String topic,
            CacheRecords records,
            EmbeddingStore store,
            Ends ends,
            Consumer<String, byte[]> consumer,
            Producer<String, byte[]> producer,
            Clock clock,
            CacheMeters meters) {
        this.topic = topic;
        this.records = records;
        this.store = store;
        this.ends = ends;
        this.reader = new CacheReader(consumer, this::take, clock);
        this.producer = producer;
        this.clock = clock;
        this.meters = meters;
        meters.watch(store);
    }

    /**
     * Begins to read the topic, and returns before it is read.
     *
     * @param space of the vectors; those of others are left out
     * @throws KafkaException if no broker answers, or the topic is missing
     */
    static EmbeddingCache open(EmbedderConfig config, EmbeddingSpace space, Clock clock, MeterRegistry registry) {
        warnOfSmallHeap(config.cacheMaxBytes());
        CacheClients clients = new CacheClients(config, UUID.randomUUID().toString());
        try {
            CacheTopic topic = clients.topic();
            topic.keepFor(config.cacheRetention());
            Map<TopicPartition, Long> begun = topic.atStart();
            EmbeddingCache cache = new EmbeddingCache(
                    clients.topicName(),
                    new CacheRecords(config.topics().embeddingCache().codec(), space),
                    new EmbeddingStore(begun.size(), config.cacheMaxBytes()),
                    topic,
                    clients.consumer(),
                    clients.producer(),
                    clock,
                    new CacheMeters(registry));
            cache.start(begun);
            return cache;
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private static void warnOfSmallHeap(long maxBytes) {
        long heap = Runtime.getRuntime().maxMemory();
        if (maxBytes > heap / 2) {
            LOG.warn(
                    "{} = {} is more than half of the heap of {} bytes",
                    EmbedderConfig.CACHE_MAX_BYTES,
                    maxBytes,
                    heap);
        }
    }

    /** @param begun how far the topic reaches now */
    void start(Map<TopicPartition, Long> begun) {
        Thread reading = new Thread(() -> reader.run(begun), "sluice-embedder-cache");
        reading.setDaemon(true);
        reading.start();
        thread = Optional.of(reading);
    }

    /**
     * What is at hand now; waits for nothing.
     *
     * @return a vector that must not be changed
     */
    Optional<float[]> find(String text) {
        Optional<float[]> found = store.find(records.keyOf(text));
        found.ifPresent(vector -> meters.hit());
        return found;
    }

    /**
     * Returns when everything that was acknowledged before the call has been taken in, as far as there is room for it;
     * while Kafka is away it waits.
     *
     * @throws KafkaException if the topic will not be read any more, or may not be written: who goes on would pay for every
     *     text again after each restart
     */
    void catchUp() throws InterruptedException {
        if (forbidden.isPresent()) {
            throw new KafkaException("the embedding cache " + topic + " may not be written", forbidden.get());
        }
        Timer.Sample sample = Timer.start();
        reader.await(endsNow());
        meters.caughtUp(sample);
    }

    private Map<TopicPartition, Long> endsNow() throws InterruptedException {
        while (true) {
            try {
                return ends.now();
            } catch (RetriableException e) { // after ten seconds of trying
                LOG.warn("no text is paid for while Kafka cannot say what is in the cache: {}", e.getMessage());
            }
        }
    }

    /**
     * Keeps a vector that was just paid for: at hand at once, for the others and for later when Kafka has acknowledged it,
     * which is not waited for.
     */
    void put(String text, float[] vector) throws InterruptedException {
        meters.missed();
        String key = records.keyOf(text);
        underWay.add(key);
        if (store.putIfAbsent(key, vector)) {
            send(key, vector);
        } else if (underWay.remove(key)) { // else the reader has counted it
            meters.paidTwice();
        }
    }

    private void send(String key, float[] vector) throws InterruptedException {
        byte[] value = records.valueOf(vector, clock.instant());
        try {
            Future<?> unused = producer.send(
                    new ProducerRecord<>(topic, store.partOf(key), key, value, List.of(writer)),
                    (written, failure) -> Optional.ofNullable(failure).ifPresent(reason -> noteUnsaved(key, reason)));
        } catch (InterruptException e) {
            Thread.interrupted();
            throw new InterruptedException();
        }
    }

    private void noteUnsaved(String key, Exception reason) {
        underWay.remove(key);
        meters.unsaved();
        if (reason instanceof AuthorizationException missing) {
            if (forbidden.isEmpty()) { // of several at once, any: they say the same
                LOG.error(
                        "the vectors that are paid for cannot be kept, so the embedder ends: give it Write on the topic {}"
                                + " (or set {}=false to pay each time): {}",
                        topic,
                        EmbedderConfig.CACHE_ENABLED,
                        missing.getMessage());
            }
            forbidden = Optional.of(missing);
            return;
        }
        LOG.warn("a vector did not reach the cache, its text may be paid for again: {}", reason.getMessage());
    }

    private void take(ConsumerRecord<String, byte[]> cached) {
        String key = String.valueOf(cached.key());
        try {
            Optional<float[]> vector = records.vectorOf(key, cached.value());
            if (vector.isPresent()) {
                if (underWay.remove(key) && !isOwn(cached)) {
                    meters.paidTwice();
                }
                store.put(key, vector.get());
            }
        } catch (UnreadableRecordException e) {
            meters.unreadable();
            LOG.warn(
                    "{}-{} at offset {} is left out of the cache: {}",
                    cached.topic(),
                    cached.partition(),
                    cached.offset(),
                    e.getMessage());
        }
    }

    private boolean isOwn(ConsumerRecord<String, byte[]> cached) {
        Header header = cached.headers().lastHeader(WRITER);
        return header != null && Arrays.equals(header.value(), writer.value());
    }

    /** Bounded in time. What was put and is not acknowledged by then may be lost. */
    @Override
    public void close() {
        reader.close();
        producer.close(CLOSE);
        ends.close();
        try {
            if (thread.isPresent()) {
                thread.get().join(CLOSE.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
