package dev.sluice.classifier;

import dev.sluice.schemas.Topics;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * How a replay's Kafka clients are set up. Its name is both its consumer group and its transactional id: of two that go on
 * with one replay, the broker lets only the later write.
 */
record ReplayClients(ClassifierConfig config, String group) {
    /** Readers of predictions wait for a killed replay no longer than this. */
    private static final int TRANSACTION_TIMEOUT_MS = 10_000;

    /** Reasons in a dead letter's headers, and the framing of a batch. */
    private static final int ROOM = 128 * 1024;

    static ReplayClients of(ClassifierConfig config, String run) {
        return new ReplayClients(config, StreamsSettings.applicationId(config.topics(), "sluice-replay") + "-" + run);
    }

    /** @param posts at most so many at once */
    Consumer<byte[], byte[]> consumer(int posts) {
        Map<String, Object> settings = config.consumerSettings(Map.of(
                ConsumerConfig.CLIENT_ID_CONFIG,
                group,
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                2 * Topics.MAX_NESTED_POST_BYTES));
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, posts);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"); // what has expired meanwhile, has
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    Producer<byte[], byte[]> producer() {
        Map<String, Object> settings = config.producerSettings(Map.of(
                ProducerConfig.CLIENT_ID_CONFIG,
                group,
                ProducerConfig.LINGER_MS_CONFIG,
                5,
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                TRANSACTION_TIMEOUT_MS,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                Topics.MAX_NESTED_POST_BYTES + ROOM));
        settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, group);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    Admin admin() {
        return Admin.create(config.adminSettings());
    }
}
