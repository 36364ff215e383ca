package dev.sluice.cli;

import dev.sluice.runtime.KeptPromises;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Trust;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicListing;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What a command does with Kafka: it looks, sends and reads, by topic alone. Checked once that somebody answers. */
final class Connection implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Readers wait for a command that was killed no longer than this. */
    static final int TRANSACTION_TIMEOUT_MS = 15_000;

    private final Map<String, Object> settings;
    private final Topics topics;
    private final Admin admin;
    private final ModelKeys keys;
    private final Trust trust;

    private Connection(Map<String, Object> settings, Topics topics, Admin admin, ModelKeys keys) {
        this.settings = settings;
        this.topics = topics;
        this.admin = admin;
        this.keys = keys;
        trust = keys.trust();
    }

    /** @throws CommandException if no broker answers */
    static Connection open(ConnectionOptions options) {
        Map<String, Object> settings = new HashMap<>(options.commandConfig());
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, options.servers());
        settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, "sluice-cli");
        return open(settings, options.topics(Topics.DEFAULT_PARTITIONS));
    }

    /**
     * @param settings of Kafka's clients: the brokers, security; among them, those of {@link ModelKeys}
     * @throws CommandException if no broker answers, or a key cannot be read
     */
    static Connection open(Map<String, Object> settings, Topics topics) {
        ModelKeys keys = ModelKeys.among(settings, System.getenv());
        Map<String, Object> clients = ModelKeys.withoutThem(settings);
        Admin admin = create(clients);
        try {
            admin.describeCluster().nodes().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return new Connection(Map.copyOf(clients), topics, admin, keys);
        } catch (TimeoutException | ExecutionException e) {
            admin.close(Duration.ZERO);
            if (e.getCause() != null && !(e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException)) {
                throw new CommandException(Failures.lineOf(e.getCause()), e);
            }
            throw new CommandException(
                    "no Kafka broker answers at " + settings.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG)
                            + ": start one with 'sluice up', or say where it is with --bootstrap-server",
                    e);
        } catch (InterruptedException e) {
            admin.close(Duration.ZERO);
            throw interrupted(e);
        }
    }

    /** By whom versions and deployments must be signed to count for this command, and what it signs with. */
    Trust trust() {
        return trust;
    }

    /** Where that comes from, for services that a command brings up itself. */
    ModelKeys keys() {
        return keys;
    }

    private static Admin create(Map<String, Object> settings) {
        try {
            return Admin.create(settings);
        } catch (KafkaException e) {
            String reason = e.getCause() instanceof ConfigException wrong ? wrong.getMessage() : e.getMessage();
            throw new CommandException(
                    "cannot reach " + settings.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG) + " (" + reason
                            + "): check --bootstrap-server and --command-config",
                    e);
        }
    }

    Topics topics() {
        return topics;
    }

    Admin admin() {
        return admin;
    }

    /** @throws CommandException if one of them does not exist */
    void require(Topic<?>... wanted) {
        Set<String> missing = Stream.of(wanted).map(Topic::name).collect(Collectors.toCollection(TreeSet::new));
        missing.removeAll(topicNames());
        if (!missing.isEmpty()) {
            throw new CommandException("there is no topic " + String.join(", ", missing) + " at "
                    + settings.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG)
                    + ": start the services first (sluice up), or check --prefix and --classifier");
        }
    }

    /** Every topic that the broker lets us see. */
    Set<String> topicNames() {
        return topicIds().keySet();
    }

    /** Of each topic that the broker lets us see; one that is deleted and made anew has another. */
    Map<String, Uuid> topicIds() {
        try {
            return admin.listTopics().listings().get().stream()
                    .collect(Collectors.toMap(TopicListing::name, TopicListing::topicId));
        } catch (ExecutionException e) {
            throw new CommandException(Failures.lineOf(e.getCause()), e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Sends one record and waits for the broker's word; tells where it lies. */
    <V extends SpecificRecord> RecordMetadata send(Topic<V> topic, String key, V value) {
        try (Producer<String, byte[]> producer = producer()) {
            return producer.send(new ProducerRecord<>(
                            topic.name(), key, topic.codec().encode(value)))
                    .get();
        } catch (ExecutionException e) {
            throw new CommandException(Failures.lineOf(e.getCause()), e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** For commands that send many: nothing is lost or doubled on the way (idempotent, acks=all). */
    Producer<String, byte[]> producer() {
        Map<String, Object> producing = new HashMap<>(settings);
        producing.putAll(KeptPromises.OF_PRODUCERS); // whatever --command-config says
        producing.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAX_NESTED_POST_BYTES);
        return new KafkaProducer<>(producing, new StringSerializer(), new ByteArraySerializer());
    }

    /**
     * For what is to happen whole or not at all. Of two with one name only the later can write.
     *
     * @param largest record, in bytes
     */
    Producer<byte[], byte[]> transactionalProducer(String name, int largest) {
        Map<String, Object> producing = new HashMap<>(settings);
        producing.put(ProducerConfig.ACKS_CONFIG, "all");
        producing.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, name);
        producing.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MS);
        producing.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, largest);
        producing.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 2L * largest);
        return new KafkaProducer<>(producing, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Reads from the first record on. */
    <V extends SpecificRecord> TopicReader<V> readFromBeginning(Topic<V> topic) {
        require(topic);
        return TopicReader.fromBeginning(settings, topic);
    }

    /** Reads what comes after this call; the place is fixed when it returns. */
    <V extends SpecificRecord> TopicReader<V> readFromEnd(Topic<V> topic) {
        require(topic);
        return TopicReader.fromEnd(settings, topic);
    }

    /** A consumer of all that is committed on some topics, bytes as they are; where to begin is for the caller to say. */
    Consumer<byte[], byte[]> consumer(Collection<String> names) {
        return TopicReader.consumerOf(settings, names);
    }

    /** How many committed records come on each topic within the window, beginning now. */
    Map<String, Long> countNew(List<String> names, Duration window) {
        Map<String, Long> counts = new LinkedHashMap<>();
        names.forEach(name -> counts.put(name, 0L));
        try (var consumer = TopicReader.consumerOf(settings, names)) {
            consumer.endOffsets(consumer.assignment()).forEach(consumer::seek);
            Deadline end = Deadline.in(window);
            while (!end.passed()) {
                consumer.poll(Duration.ofMillis(50)).forEach(record -> counts.merge(record.topic(), 1L, Long::sum));
            }
        }
        return counts;
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }

    private static CommandException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new CommandException("interrupted", e);
    }
}
