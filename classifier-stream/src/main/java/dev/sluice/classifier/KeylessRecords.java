package dev.sluice.classifier;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Gives records without a key an empty one. Kafka Streams passes over keyless records while it restores a global store,
 * though not when they arrive later: a deployment sent without a key would hold until the next start, and then be
 * forgotten. Public, because Kafka makes it by name.
 *
 * <p>Source: {@code GlobalStateManagerImpl.reprocessState} of Kafka Streams 4.3.
 */
public final class KeylessRecords implements ConsumerInterceptor<byte[], byte[]> {
    private static final byte[] EMPTY = {};

    @Override
    public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> keyed = new HashMap<>();
        for (TopicPartition partition : records.partitions()) {
            keyed.put(
                    partition,
                    records.records(partition).stream()
                            .map(KeylessRecords::withKey)
                            .toList());
        }
        return new ConsumerRecords<>(keyed, records.nextOffsets());
    }

    private static ConsumerRecord<byte[], byte[]> withKey(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() != null) {
            return record;
        }
        return new ConsumerRecord<>(
                record.topic(),
                record.partition(),
                record.offset(),
                record.timestamp(),
                record.timestampType(),
                0,
                record.serializedValueSize(),
                EMPTY,
                record.value(),
                record.headers(),
                record.leaderEpoch());
    }

    @Override
    public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

    @Override
    public void configure(Map<String, ?> settings) {}

    @Override
    public void close() {}
}
