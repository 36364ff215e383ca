package dev.sluice.embedder;

import dev.sluice.runtime.DeadLetters;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * What became of one record of {@code posts}: exactly one record elsewhere.
 *
 * @param record as it was read
 * @param output an embedded post, or a dead letter
 * @param refusal why it is a dead letter; empty if it is none
 */
record Outcome(
        ConsumerRecord<byte[], byte[]> record, ProducerRecord<byte[], byte[]> output, Optional<Exception> refusal) {

    static Outcome embedded(ConsumerRecord<byte[], byte[]> record, ProducerRecord<byte[], byte[]> output) {
        return new Outcome(record, output, Optional.empty());
    }

    static Outcome refused(ConsumerRecord<byte[], byte[]> record, Exception reason) {
        return new Outcome(record, DeadLetters.of(record, reason), Optional.of(reason));
    }

    /**
     * The outcome when Kafka takes no output of this size: a dead letter; and where even that is too large, since its
     * topic was made with a lower limit, the reason alone, which says where the record lies. One record must never hold
     * up those behind it.
     */
    Outcome tooLarge() {
        if (refusal.isEmpty()) {
            return refused(
                    record,
                    new UnusablePostException(
                            "the embedded post would be larger than its topic takes: shorten the post or its attributes"));
        }
        Exception reason = new UnusablePostException(
                refusal.get().getMessage() + " (the dead letter would be too large, so the post is not in it)");
        byte[] nothing = null;
        var headers =
                DeadLetters.headers(new RecordHeaders(), reason, record.topic(), record.partition(), record.offset());
        return new Outcome(
                record, new ProducerRecord<>(output.topic(), null, nothing, nothing, headers), Optional.of(reason));
    }
}
