package dev.sluice.trainer;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads one topic from its beginning, each time to the end of what is committed then; and, out of turn, single records
 * that it came by. To be used by one thread at a time.
 */
final class TopicFollower {
    private static final Duration POLL = Duration.ofMillis(100);

    private final Consumer<byte[], byte[]> consumer;
    private final String topic;

    /** Where a record lies. */
    record Place(TopicPartition partition, long offset) {
        static Place of(ConsumerRecord<byte[], byte[]> record) {
            return new Place(new TopicPartition(record.topic(), record.partition()), record.offset());
        }
    }

    /** @param consumer of committed records, one at a time; nobody else's */
    TopicFollower(Consumer<byte[], byte[]> consumer, String topic) {
        this.consumer = consumer;
        this.topic = topic;
    }

    /** @param take given each record that is new */
    void follow(java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> take) {
        if (consumer.assignment().isEmpty()) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
        }
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        while (!ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
            consumer.poll(POLL).forEach(take);
        }
    }

    /** The record at a place that was followed by, unless compaction has taken it away meanwhile. */
    Optional<ConsumerRecord<byte[], byte[]>> at(Place place) {
        Map<TopicPartition, Long> positions = new HashMap<>();
        consumer.assignment().forEach(partition -> positions.put(partition, consumer.position(partition)));
        consumer.pause(positions.keySet());
        consumer.resume(List.of(place.partition()));
        consumer.seek(place.partition(), place.offset());
        Optional<ConsumerRecord<byte[], byte[]>> found = Optional.empty();
        while (found.isEmpty() && consumer.position(place.partition()) <= place.offset()) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                found = found.or(() -> Optional.of(record).filter(it -> it.offset() == place.offset()));
            }
        }
        consumer.seek(place.partition(), positions.get(place.partition()));
        consumer.resume(positions.keySet());
        return found;
    }

    void close(Duration patience) {
        consumer.close(CloseOptions.timeout(patience));
    }
}
