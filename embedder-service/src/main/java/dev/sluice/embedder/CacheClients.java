package dev.sluice.embedder;

import java.util.Map;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * How the embedding cache's Kafka clients are set up. No transactions here: what was paid for is to be kept, whatever
 * becomes of the post.
 *
 * @param instance tells this embedder from others
 */
record CacheClients(EmbedderConfig config, String instance) {
    private static final int MAX_BLOCK_MS = 10_000;

    /** A fetch asks for the partitions that were read empty; what comes to the others waits for the next: not for long. */
    private static final int FETCH_MAX_WAIT_MS = 20;

    /** Kafka's own patience within one question; whoever asks is patient beyond that, and says so. */
    private static final int ANSWER_WITHIN_MS = 10_000;

    String topicName() {
        return config.topics().embeddingCache().name();
    }

    CacheTopic topic() throws InterruptedException {
        Map<String, Object> settings = config.adminSettings();
        settings.put(AdminClientConfig.CLIENT_ID_CONFIG, clientId());
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_WITHIN_MS / 2);
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_WITHIN_MS);
        return CacheTopic.open(settings, topicName());
    }

    Consumer<String, byte[]> consumer() {
        Map<String, Object> settings = config.consumerSettings(Map.of(
                ConsumerConfig.CLIENT_ID_CONFIG,
                clientId(),
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                FETCH_MAX_WAIT_MS));
        settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
        settings.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"); // also where retention overtakes the reader
        return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }

    Producer<String, byte[]> producer() {
        Map<String, Object> settings = config.producerSettings(
                Map.of(ProducerConfig.CLIENT_ID_CONFIG, clientId(), ProducerConfig.MAX_BLOCK_MS_CONFIG, MAX_BLOCK_MS));
        settings.remove(ProducerConfig.TRANSACTIONAL_ID_CONFIG);
        return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    }

    private String clientId() {
        return config.groupId() + "-cache-" + instance;
    }
}
