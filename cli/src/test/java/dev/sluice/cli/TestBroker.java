package dev.sluice.cli;

import dev.sluice.schemas.Replication;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.TopicCreation;
import dev.sluice.schemas.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.testcontainers.kafka.KafkaContainer;

/**
 * The broker of the integration tests: in this JVM, or with {@code -Dbroker=container} in a container. One serves a whole
 * class; each test keeps to itself by a topic prefix of its own ({@link #newPrefix}).
 */
final class TestBroker implements AutoCloseable {
    /** How long a test waits for what must come. Only failing tests wait that long. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String IMAGE = "apache/kafka:4.2.1";
    private static final AtomicInteger PREFIXES = new AtomicInteger();

    private final String bootstrapServers;
    private final Runnable stop;
    private final Admin admin;
    private final KafkaProducer<byte[], byte[]> producer;

    private TestBroker(String bootstrapServers, Runnable stop) {
        this.bootstrapServers = bootstrapServers;
        this.stop = stop;
        this.admin = Admin.create(clientSettings());
        Map<String, Object> producing = clientSettings();
        producing.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 2 * Topics.DEFAULT_MAX_MODEL_BYTES);
        producing.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 4L * Topics.DEFAULT_MAX_MODEL_BYTES);
        this.producer = new KafkaProducer<>(producing, new ByteArraySerializer(), new ByteArraySerializer());
    }

    static TestBroker start() {
        return System.getProperty("broker", "embedded").equals("container") ? inContainer() : embedded();
    }

    /** Brokers that somebody else started, and ends. */
    static TestBroker at(String bootstrapServers) {
        return new TestBroker(bootstrapServers, () -> {});
    }

    private static TestBroker embedded() {
        return embedded(UnaryOperator.identity());
    }

    /** Always in this JVM. */
    static TestBroker embedded(UnaryOperator<Properties> change) {
        try {
            Path folder = Files.createTempDirectory("sluice-broker");
            LocalBroker broker = LocalBroker.start(folder, 0, change);
            return new TestBroker(broker.bootstrapServers(), () -> {
                broker.close();
                delete(folder);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("resource") // closed with the broker
    private static TestBroker inContainer() {
        KafkaContainer container = new KafkaContainer(IMAGE)
                .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
                .withEnv("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
                .withEnv("KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS", "4")
                .withEnv("KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS", "4");
        container.start();
        return new TestBroker(container.getBootstrapServers(), container::stop);
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    Admin admin() {
        return admin;
    }

    /** A topic prefix that no other test on this broker has. */
    static String newPrefix() {
        return "t" + PREFIXES.incrementAndGet() + "-";
    }

    /** The topics behind a prefix, all created and ready. */
    Topics createTopics(String prefix) throws InterruptedException {
        Topics topics = new Topics(prefix, Topics.DEFAULT_CLASSIFIER, LocalBroker.PARTITIONS);
        TopicCreation.createMissing(admin, topics, Replication.OF_BROKER);
        return topics;
    }

    /** What every service needs to be told: broker, prefix, partitions. The map may be added to. */
    Map<String, String> serviceSettings(String prefix) {
        return new HashMap<>(Map.of(
                "bootstrap.servers", bootstrapServers,
                "topic.prefix", prefix,
                "topic.partitions", Integer.toString(LocalBroker.PARTITIONS)));
    }

    /** Sends and waits for the broker's word. */
    <V extends SpecificRecord> void produce(Topic<V> topic, String key, V value) {
        produce(topic.name(), bytes(key), topic.codec().encode(value));
    }

    /** Sends bytes as they are and waits for the broker's word; key and value may be null, as on a topic. */
    void produce(String topic, byte[] key, byte[] value) {
        produce(List.of(new ProducerRecord<>(topic, key, value)));
    }

    /** Sends all, then waits for the broker's word on each. */
    void produce(List<ProducerRecord<byte[], byte[]>> records) {
        try {
            for (var sent : records.stream().map(producer::send).toList()) {
                sent.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(
                    "the broker refused a record: " + e.getCause().getMessage(), e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Reads a topic from its beginning, committed records only, until what was read is enough.
     *
     * @param enough asked after each poll with all records so far
     * @throws AssertionError if it is not enough after {@link #PATIENCE}, saying what was read
     */
    List<ConsumerRecord<byte[], byte[]>> readAll(String topic, Predicate<List<ConsumerRecord<byte[], byte[]>>> enough) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (var consumer = consumerFromBeginning(topic)) {
            while (!enough.test(records)) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("after " + PATIENCE.toSeconds() + " s the topic " + topic + " holds only "
                            + records.size() + " records:\n" + summaryOf(records));
                }
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    /** As {@link #readAll(String, Predicate)}, decoded; every record must be readable, deletions are left out. */
    <V extends SpecificRecord> List<V> readAll(Topic<V> topic, Predicate<List<V>> enough) {
        return decoded(topic, readAll(topic.name(), records -> enough.test(decoded(topic, records))));
    }

    /** The first records of a topic, as many as asked for or more. */
    <V extends SpecificRecord> List<V> readAtLeast(Topic<V> topic, int count) {
        return readAll(topic, values -> values.size() >= count);
    }

    /** All committed records that lie on the topic now. */
    List<ConsumerRecord<byte[], byte[]>> readToEnd(String topic) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (var consumer = consumerFromBeginning(topic)) {
            Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("the end of the topic " + topic + " is not reached");
                }
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    private static <V extends SpecificRecord> List<V> decoded(
            Topic<V> topic, List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream()
                .filter(record -> record.value() != null)
                .map(record -> topic.codec().decode(record.value()))
                .toList();
    }

    private KafkaConsumer<byte[], byte[]> consumerFromBeginning(String topic) {
        Map<String, Object> settings = clientSettings();
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(p -> new TopicPartition(topic, p.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer;
    }

    private Map<String, Object> clientSettings() {
        return new HashMap<>(Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    }

    private static byte[] bytes(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    private static String summaryOf(List<ConsumerRecord<byte[], byte[]>> records) {
        StringBuilder summary = new StringBuilder();
        for (var record : records.subList(Math.max(0, records.size() - 20), records.size())) {
            String value = record.value() == null
                    ? "null"
                    : new String(record.value(), 0, Math.min(120, record.value().length), StandardCharsets.UTF_8);
            summary.append(record.partition())
                    .append('@')
                    .append(record.offset())
                    .append(' ')
                    .append(value.replaceAll("\\p{Cntrl}", "."))
                    .append('\n');
        }
        return summary.toString();
    }

    private static void delete(Path folder) {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            checkLetters();
            Unsaid.checkLogs();
        } finally {
            producer.close(Duration.ofSeconds(5));
            admin.close(Duration.ofSeconds(5));
            stop.run();
        }
    }

    /** Of all tests, and of those that wrote letters for a purpose, too. */
    private void checkLetters() {
        try {
            for (String topic : admin.listTopics().names().get()) {
                if (topic.endsWith(Topics.deadLetterOf(""))) {
                    readToEnd(topic).forEach(Unsaid::check);
                }
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError("the dead letters cannot be read", e);
        }
    }
}
