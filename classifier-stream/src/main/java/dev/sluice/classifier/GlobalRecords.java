package dev.sluice.classifier;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** Reads the records of the global stores: their keys, and the whole as it came, for the dead-letter topic. */
final class GlobalRecords {
    private GlobalRecords() {}

    /** The key as text; empty where there is none. */
    static String keyOf(Record<byte[], byte[]> record) {
        return record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
    }

    static ConsumerRecord<byte[], byte[]> original(ProcessingContext context, Record<byte[], byte[]> record) {
        RecordMetadata place = context.recordMetadata().orElseThrow();
        return new ConsumerRecord<>(
                place.topic(),
                place.partition(),
                place.offset(),
                record.timestamp(),
                TimestampType.CREATE_TIME,
                ConsumerRecord.NULL_SIZE,
                ConsumerRecord.NULL_SIZE,
                record.key(),
                record.value(),
                record.headers(),
                Optional.empty());
    }
}
