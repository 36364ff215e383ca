package dev.sluice.trainer;

import static org.apache.kafka.clients.consumer.ConsumerConfig.AUTO_OFFSET_RESET_CONFIG;
import static org.apache.kafka.clients.consumer.ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG;
import static org.apache.kafka.clients.consumer.ConsumerConfig.GROUP_ID_CONFIG;
import static org.apache.kafka.clients.consumer.ConsumerConfig.ISOLATION_LEVEL_CONFIG;
import static org.apache.kafka.clients.consumer.ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG;
import static org.apache.kafka.clients.consumer.ConsumerConfig.MAX_POLL_RECORDS_CONFIG;
import static org.apache.kafka.clients.consumer.ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG;
import static org.apache.kafka.clients.consumer.ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG;

import dev.sluice.runtime.GroupWatch;
import dev.sluice.schemas.Topics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The Kafka clients that the trainer works with, each set up for its one task. */
final class TrainerClients {
    private static final int DEAD_LETTER_ROOM = 64 * 1024;

    /** Before another trainer takes the place of one that was killed; Kafka's default is 45 s. */
    private static final int SESSION_TIMEOUT_MS = 10_000;

    /** Enough to send a model of many megabytes, and as long as one that was killed meanwhile holds up classifiers. */
    private static final int TRANSACTION_TIMEOUT_MS = 30_000;

    private final TrainerConfig config;
    private final String name;

    /** Tells this trainer's clients from those of the others. */
    private final String instance = UUID.randomUUID().toString();

    TrainerClients(TrainerConfig config) {
        this.config = config;
        Topics topics = config.topics();
        name = topics.prefix() + "sluice-trainer-" + topics.classifier();
    }

    /** One record at a time, and a newcomer to the group does not stop the fit of the one who is at it. */
    Consumer<byte[], byte[]> requests() {
        return consumer(
                "requests",
                Map.of(
                        GROUP_ID_CONFIG,
                        name,
                        PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                        CooperativeStickyAssignor.class.getName()),
                1);
    }

    /** The group holds no partitions; it remembers which dead letters were written. */
    Consumer<byte[], byte[]> vectors() {
        return consumer(
                "vectors", Map.of(GROUP_ID_CONFIG, name + "-vectors", MAX_PARTITION_FETCH_BYTES_CONFIG, 8 << 20), 2000);
    }

    /** Of requests, to which only the active trainer has the partition; those that stand by belong to it as well. */
    GroupWatch.Group watchedGroup() {
        return new GroupWatch.Group(
                name, List.of(config.topics().trainingRequests().name()), Optional.of(clientId("requests")));
    }

    private String clientId(String task) {
        return name + "-" + task + "-" + instance;
    }

    Consumer<byte[], byte[]> models() {
        return consumer("models", Map.of(), 1);
    }

    Consumer<byte[], byte[]> deployments() {
        return consumer("deployments", Map.of(), 500);
    }

    private Consumer<byte[], byte[]> consumer(String task, Map<String, ?> defaults, int recordsAtOnce) {
        Map<String, Object> ours = new HashMap<>(defaults);
        ours.put(SESSION_TIMEOUT_MS_CONFIG, SESSION_TIMEOUT_MS);
        Map<String, Object> settings = config.consumerSettings(ours);
        settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId(task));
        settings.put(ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(MAX_POLL_RECORDS_CONFIG, recordsAtOnce);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    Producer<byte[], byte[]> deadLetters() {
        return producer("dead-letters", Map.of(), Topics.MAX_NESTED_POST_BYTES + DEAD_LETTER_ROOM);
    }

    Producer<byte[], byte[]> publishing() {
        return producer(
                "models",
                Map.of(
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                        name,
                        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                        TRANSACTION_TIMEOUT_MS),
                config.topics().maxModelBytes());
    }

    private Producer<byte[], byte[]> producer(String task, Map<String, ?> defaults, int largest) {
        Map<String, Object> settings = config.producerSettings(defaults);
        settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId(task));
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, largest);
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 2L * largest);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
