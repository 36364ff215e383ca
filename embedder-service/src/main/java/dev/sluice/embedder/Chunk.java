package dev.sluice.embedder;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The records of one poll while they are in hand: what still has to be done of them, and where to go on after them.
 * Partitions can be taken away while the model works; their records then belong to somebody else.
 */
final class Chunk {
    private final Map<TopicPartition, OffsetAndMetadata> next;
    private List<ConsumerRecord<byte[], byte[]>> records;

    private Chunk(List<ConsumerRecord<byte[], byte[]>> records, Map<TopicPartition, OffsetAndMetadata> next) {
        this.records = records;
        this.next = next;
    }

    static Chunk of(ConsumerRecords<byte[], byte[]> polled) {
        List<ConsumerRecord<byte[], byte[]>> records = polled.partitions().stream()
                .flatMap(partition -> polled.records(partition).stream())
                .toList();
        Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>(polled.nextOffsets());
        next.keySet().retainAll(polled.partitions());
        return new Chunk(records, next);
    }

    List<ConsumerRecord<byte[], byte[]>> records() {
        return records;
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    Set<TopicPartition> partitions() {
        return Set.copyOf(next.keySet());
    }

    /** The offsets to commit once every record left is dealt with. */
    Map<TopicPartition, OffsetAndMetadata> nextOffsets() {
        return Map.copyOf(next);
    }

    /** Forgets the records of partitions that are ours no more. */
    void drop(Collection<TopicPartition> partitions) {
        next.keySet().removeAll(partitions);
        keep(record -> !partitions.contains(partitionOf(record)));
    }

    /** Forgets the records that turn out to be committed: those below the group's offsets. */
    void dropCommitted(Map<TopicPartition, OffsetAndMetadata> committed) {
        keep(record -> {
            OffsetAndMetadata position = committed.get(partitionOf(record));
            return position == null || record.offset() >= position.offset();
        });
        next.keySet().retainAll(records.stream().map(Chunk::partitionOf).collect(Collectors.toSet()));
    }

    boolean holds(ConsumerRecord<byte[], byte[]> record) {
        return records.contains(record);
    }

    private void keep(Predicate<ConsumerRecord<byte[], byte[]>> wanted) {
        records = records.stream().filter(wanted).toList();
    }

    private static TopicPartition partitionOf(ConsumerRecord<byte[], byte[]> record) {
        return new TopicPartition(record.topic(), record.partition());
    }

    @Override
    public String toString() {
        Map<String, Long> counts = records.stream()
                .collect(Collectors.groupingBy(
                        record -> partitionOf(record).toString(), TreeMap::new, Collectors.counting()));
        return records.size() + " posts " + counts;
    }
}
