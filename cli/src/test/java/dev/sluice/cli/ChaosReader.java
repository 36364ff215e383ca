package dev.sluice.cli;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads topics from their beginnings to their present ends, as a reader does who takes only what is committed. */
final class ChaosReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    /** For how long nothing need come, as when an open transaction holds all up. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final KafkaConsumer<byte[], byte[]> committed;
    private final KafkaConsumer<byte[], byte[]> uncommitted;

    ChaosReader(String bootstrapServers) {
        this.committed = consumer(bootstrapServers, "read_committed");
        this.uncommitted = consumer(bootstrapServers, "read_uncommitted");
    }

    private static KafkaConsumer<byte[], byte[]> consumer(String bootstrapServers, String isolation) {
        return new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        isolation,
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false,
                        ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                        120_000,
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        5000),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private List<TopicPartition> partitionsOf(String topic) {
        return committed.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
    }

    /**
     * One topic after the other.
     *
     * @throws AssertionError if it does not come nearer to an end for two minutes
     */
    void read(List<String> topics, Consumer<ConsumerRecord<byte[], byte[]>> taker) {
        for (String topic : topics) {
            List<TopicPartition> partitions = partitionsOf(topic);
            committed.assign(partitions);
            committed.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = committed.endOffsets(partitions);
            Map<TopicPartition, Long> reached = positions(partitions);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (partitions.stream().anyMatch(each -> reached.get(each) < ends.get(each))) {
                committed.poll(POLL).forEach(record -> {
                    if (record.offset() < ends.get(new TopicPartition(topic, record.partition()))) {
                        taker.accept(record);
                    }
                });
                Map<TopicPartition, Long> now = positions(partitions);
                if (!now.equals(reached)) {
                    reached.putAll(now);
                    deadline = System.nanoTime() + PATIENCE.toNanos();
                } else if (System.nanoTime() > deadline) {
                    throw new AssertionError(topic + " stops at " + reached + ", before its ends at " + ends);
                }
            }
        }
    }

    private Map<TopicPartition, Long> positions(List<TopicPartition> partitions) {
        Map<TopicPartition, Long> positions = new HashMap<>();
        partitions.forEach(each -> positions.put(each, committed.position(each)));
        return positions;
    }

    /** Whether transactions are open, whose records may yet come to be committed. */
    boolean hasOpenTransactions(List<String> topics) {
        Set<TopicPartition> partitions =
                topics.stream().flatMap(topic -> partitionsOf(topic).stream()).collect(Collectors.toSet());
        return !committed.endOffsets(partitions).equals(uncommitted.endOffsets(partitions));
    }

    @Override
    public void close() {
        committed.close();
        uncommitted.close();
    }
}
