package dev.sluice.classifier;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** Reads a topic up to its end as it is when the reading begins: committed records only, by a consumer of no group's. */
final class CommittedRecords {
    private static final Duration POLL = Duration.ofMillis(100);

    /** Many times what a broker in trouble needs to elect new leaders. */
    private static final int EMPTY_POLLS = 600;

    private CommittedRecords() {}

    static List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer, String topic) {
        return consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
    }

    /**
     * Where on each partition the first record lies that came at or after the time; its end where there is none. Brokers
     * know no time before 1970, and nothing is older.
     */
    static Map<TopicPartition, Long> since(
            Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends, Instant time) {
        Map<TopicPartition, Long> asked = new HashMap<>();
        long millis = Math.max(0, time.toEpochMilli());
        ends.keySet().forEach(partition -> asked.put(partition, millis));
        Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(asked);
        Map<TopicPartition, Long> starts = new HashMap<>();
        ends.forEach((partition, end) -> {
            OffsetAndTimestamp first = found.get(partition);
            starts.put(partition, first == null ? end : Math.min(end, first.offset()));
        });
        return starts;
    }

    /** Reads from where each partition's number says. */
    static void read(
            Consumer<byte[], byte[]> consumer,
            Map<TopicPartition, Long> starts,
            java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> to) {
        consumer.assign(starts.keySet());
        starts.forEach(consumer::seek);
        Map<TopicPartition, Long> ends = consumer.endOffsets(starts.keySet());
        for (int empty = 0; !reached(consumer, ends); ) {
            var records = consumer.poll(POLL);
            empty = records.isEmpty() ? empty + 1 : 0;
            if (empty > EMPTY_POLLS) {
                throw new TimeoutException("the end of " + ends.keySet() + " is not reached");
            }
            records.forEach(to);
        }
    }

    private static boolean reached(Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }
}
