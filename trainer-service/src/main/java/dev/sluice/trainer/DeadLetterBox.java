package dev.sluice.trainer;

import dev.sluice.runtime.DeadLetters;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where records go that can never be processed. One at a time, and only gone once the broker has it: they are rare. */
final class DeadLetterBox {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterBox.class);

    private final Producer<byte[], byte[]> producer;
    private final DeadLetters letters;
    private final MeterRegistry registry;

    DeadLetterBox(Producer<byte[], byte[]> producer, DeadLetters letters, MeterRegistry registry) {
        this.producer = producer;
        this.letters = letters;
        this.registry = registry;
    }

    /** @throws KafkaException if the broker does not take it */
    void put(ConsumerRecord<byte[], byte[]> record, RuntimeException reason) {
        LOG.warn(
                "{}-{} at offset {} is a dead letter: {}",
                record.topic(),
                record.partition(),
                record.offset(),
                reason.getMessage());
        ProducerRecord<byte[], byte[]> letter = letters.of(record, reason);
        try {
            send(letter);
        } catch (RecordTooLargeException e) { // somebody else made the topic, with less room
            send(letters.smaller(letter));
        }
        registry.counter("sluice.trainer.dead.letters", "topic", record.topic()).increment();
    }

    private void send(ProducerRecord<byte[], byte[]> letter) {
        try {
            producer.send(letter).get();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e.getCause());
        }
    }

    void close(Duration patience) {
        producer.close(patience);
    }
}
