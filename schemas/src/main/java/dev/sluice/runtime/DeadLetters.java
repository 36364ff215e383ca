package dev.sluice.runtime;

import dev.sluice.schemas.Topics;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * A record that can never be processed, on its way out: its bytes and headers as they came, and headers that say why. The
 * names are those that Kafka Streams gives its own dead letters (KIP-1034), so that one reader understands all.
 */
public final class DeadLetters {
    public static final String EXCEPTION = "__streams.errors.exception";
    public static final String MESSAGE = "__streams.errors.message";
    public static final String TOPIC = "__streams.errors.topic";
    public static final String PARTITION = "__streams.errors.partition";
    public static final String OFFSET = "__streams.errors.offset";

    /** A reason may quote the record, which may be long; the topic has room for the record and little more. */
    private static final int MAX_MESSAGE_CHARACTERS = 2000;

    private DeadLetters() {}

    /** @param reason why the record cannot be processed; its message is what people will read */
    public static ProducerRecord<byte[], byte[]> of(ConsumerRecord<byte[], byte[]> record, Exception reason) {
        return new ProducerRecord<>(
                Topics.deadLetterOf(record.topic()),
                null,
                record.key(),
                record.value(),
                headers(record.headers(), reason, record.topic(), record.partition(), record.offset()));
    }

    /** The original headers and those of the reason. */
    public static Headers headers(Headers original, Exception reason, String topic, int partition, long offset) {
        return new RecordHeaders(original)
                .add(EXCEPTION, bytes(reason.getClass().getName()))
                .add(MESSAGE, bytes(shortened(String.valueOf(reason.getMessage()))))
                .add(TOPIC, bytes(topic))
                .add(PARTITION, bytes(Integer.toString(partition)))
                .add(OFFSET, bytes(Long.toString(offset)));
    }

    private static String shortened(String message) {
        return message.length() <= MAX_MESSAGE_CHARACTERS
                ? message
                : message.substring(0, MAX_MESSAGE_CHARACTERS - 3) + "...";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
