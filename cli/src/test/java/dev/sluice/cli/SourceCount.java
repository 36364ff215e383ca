package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What became of each record of {@code posts}, as a read_committed reader sees it: how often its place turns up among the
 * embedded posts and the dead letters. Ids need not be unique, places are.
 */
final class SourceCount implements AutoCloseable {
    private final Topics topics;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<String, Integer> embedded = new HashMap<>();
    private final Map<String, Integer> deadLetters = new HashMap<>();

    SourceCount(String bootstrapServers, Topics topics) {
        this.topics = topics;
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest",
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = List.of(topics.embeddedPosts().name(), deadLetterTopic()).stream()
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    private String deadLetterTopic() {
        return Topics.deadLetterOf(topics.posts().name());
    }

    /** Reads on until it is enough. */
    void await(Duration patience, BooleanSupplier enough) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!enough.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("after " + patience.toSeconds() + " s there are " + this);
            }
            consumer.poll(Duration.ofMillis(100)).forEach(this::count);
        }
    }

    /** Reads what there is by now. */
    void readToEnd() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        await(TestBroker.PATIENCE, () -> ends.entrySet().stream()
                .allMatch(end -> consumer.position(end.getKey()) >= end.getValue()));
    }

    private void count(ConsumerRecord<byte[], byte[]> record) {
        if (record.topic().equals(deadLetterTopic())) {
            String place = header(record, DeadLetters.PARTITION) + "@" + header(record, DeadLetters.OFFSET);
            deadLetters.merge(place, 1, Integer::sum);
        } else {
            Source source =
                    topics.embeddedPosts().codec().decode(record.value()).getSource();
            embedded.merge(source.getPartition() + "@" + source.getOffset(), 1, Integer::sum);
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }

    int embedded() {
        return embedded.size();
    }

    int deadLetters() {
        return deadLetters.size();
    }

    int places() {
        Map<String, Integer> all = new HashMap<>(embedded);
        all.putAll(deadLetters);
        return all.size();
    }

    /** Places that turned up more than once, with how often. */
    Map<String, Integer> repeated() {
        Map<String, Integer> all = new HashMap<>(embedded);
        deadLetters.forEach((place, count) -> all.merge(place, count, Integer::sum));
        return all.entrySet().stream()
                .filter(it -> it.getValue() > 1)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    @Override
    public void close() {
        consumer.close();
    }

    @Override
    public String toString() {
        return embedded.size() + " embedded posts and " + deadLetters.size() + " dead letters";
    }
}
