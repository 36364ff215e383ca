package dev.sluice.cli;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * An embedder with a planted bug: its offsets are committed by the consumer every few seconds, and what it writes is in no
 * transaction. Killed in between, it begins again at posts that it has embedded.
 */
final class ChaosAutoCommitDouble {
    static final String GROUP = "auto-commit-double";

    private ChaosAutoCommitDouble() {}

    public static void main(String[] args) {
        Map<String, String> settings = ChaosBroker.read(Path.of(args[0]));
        Topics topics = new Topics(settings.get("topic.prefix"), Topics.DEFAULT_CLASSIFIER, LocalBroker.PARTITIONS);
        String brokers = settings.get("bootstrap.servers");
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(brokers, topics.prefix() + GROUP);
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            consumer.subscribe(List.of(topics.posts().name()));
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    var unused = producer.send(embedded(topics, record));
                }
                producer.flush();
            }
        }
    }

    private static KafkaConsumer<byte[], byte[]> consumer(String brokers, String group) {
        return new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        brokers,
                        ConsumerConfig.GROUP_ID_CONFIG,
                        group,
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        true,
                        ConsumerConfig.AUTO_COMMIT_INTERVAL_MS_CONFIG,
                        5000,
                        ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                        6000,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private static ProducerRecord<byte[], byte[]> embedded(Topics topics, ConsumerRecord<byte[], byte[]> record) {
        Post post = topics.posts().codec().decode(record.value());
        int number = ChaosPosts.numberOf(post.getId().orElseThrow()).orElseThrow();
        Source source = new Source(record.topic(), record.partition(), record.offset());
        return new ProducerRecord<>(
                topics.embeddedPosts().name(),
                record.key(),
                topics.embeddedPosts().codec().encode(ChaosRecords.embedded(number, source)));
    }
}
