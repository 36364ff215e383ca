package dev.sluice.trainer;

import dev.sluice.runtime.DeadLetters;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** One topic, or two, as Kafka's own mock consumer sees it. Records may only be added once it is assigned. */
final class MockTopics {
    final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest") {
        @Override
        public synchronized void seek(TopicPartition partition, long offset) {
            super.seek(partition, offset);
            added.stream() // what was polled is gone from the mock, on a topic it is not
                    .filter(record -> record.topic().equals(partition.topic())
                            && record.partition() == partition.partition()
                            && record.offset() >= offset)
                    .forEach(this::addRecord);
        }
    };
    private final List<ConsumerRecord<byte[], byte[]>> added = new ArrayList<>();
    private final String topic;
    private final Map<TopicPartition, Long> ends = new HashMap<>();

    MockTopics(String topic, int partitions) {
        this.topic = topic;
        make(topic, partitions);
    }

    private void make(String name, int partitions) {
        Node[] none = {};
        consumer.updatePartitions(
                name,
                IntStream.range(0, partitions)
                        .mapToObj(i -> new PartitionInfo(name, i, Node.noNode(), none, none))
                        .toList());
        Map<TopicPartition, Long> beginnings = new HashMap<>();
        IntStream.range(0, partitions).forEach(i -> beginnings.put(new TopicPartition(name, i), 0L));
        ends.putAll(beginnings);
        consumer.updateBeginningOffsets(beginnings);
        consumer.updateEndOffsets(ends);
    }

    /** The same consumer can read another topic too, of one partition. */
    MockTopics beside(String other) {
        make(other, 1);
        return this;
    }

    TopicPartition partition(int number) {
        return new TopicPartition(topic, number);
    }

    /** All partitions become this consumer's. */
    void rebalanceTo(int... numbers) {
        consumer.rebalance(IntStream.of(numbers).mapToObj(this::partition).toList());
    }

    /** Puts a record at the end of a partition. */
    void add(int number, String key, byte[] value) {
        add(number, ends.get(partition(number)), key, value);
    }

    /** Puts a record at an offset, as if read once more. */
    void add(int number, long offset, String key, byte[] value) {
        add(partition(number), offset, key, value);
    }

    /** Puts a record at the end of the topic that stands beside. */
    void addBeside(String other, String key, byte[] value) {
        TopicPartition partition = new TopicPartition(other, 0);
        add(partition, ends.get(partition), key, value);
    }

    private void add(TopicPartition partition, long offset, String key, byte[] value) {
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(
                partition.topic(), partition.partition(), offset, key == null ? null : bytes(key), value);
        consumer.addRecord(record);
        added.add(record);
        ends.merge(partition, offset + 1, Math::max);
        consumer.updateEndOffsets(ends);
    }

    /** Every partition is this long. */
    void endAt(long end) {
        ends.replaceAll((partition, before) -> partition.topic().equals(topic) ? end : before);
        consumer.updateEndOffsets(ends);
    }

    long committed(int number) {
        var offset = consumer.committed(Set.of(partition(number))).get(partition(number));
        return offset == null ? 0 : offset.offset();
    }

    static MockProducer<byte[], byte[]> producer() {
        return new MockProducer<>(
                true, new RoundRobinPartitioner(), new ByteArraySerializer(), new ByteArraySerializer());
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static List<String> reasonsOf(MockProducer<byte[], byte[]> producer) {
        return producer.history().stream()
                .map(record -> new String(
                        record.headers().lastHeader(DeadLetters.MESSAGE).value(), StandardCharsets.UTF_8))
                .toList();
    }

    static List<String> keysOf(MockProducer<byte[], byte[]> producer) {
        return producer.history().stream()
                .map(record -> new String(record.key(), StandardCharsets.UTF_8))
                .toList();
    }
}
