package dev.sluice.classifier;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.runtime.DeadLetters.Place;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** Dead letters that a processor forwards, of the record that it has in hand. */
final class Letters {
    private Letters() {}

    static Record<byte[], byte[]> of(
            DeadLetters letters, ProcessingContext context, Record<byte[], byte[]> record, Exception reason) {
        RecordMetadata at = context.recordMetadata().orElseThrow();
        Place place = new Place(at.topic(), at.partition(), at.offset());
        ProducerRecord<byte[], byte[]> letter =
                letters.of(place, record.key(), record.value(), record.headers(), reason);
        return new Record<>(letter.key(), letter.value(), context.currentSystemTimeMs(), letter.headers());
    }
}
