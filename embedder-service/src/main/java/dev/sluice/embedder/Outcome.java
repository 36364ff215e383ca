package dev.sluice.embedder;

import dev.sluice.runtime.DeadLetters;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * What became of one record of {@code posts}: exactly one record elsewhere.
 *
 * @param record as it was read
 * @param output an embedded post, or a dead letter
 * @param refusal why it is a dead letter; empty if it is none
 * @param letters makes dead letters
 */
record Outcome(
        ConsumerRecord<byte[], byte[]> record,
        ProducerRecord<byte[], byte[]> output,
        Optional<Exception> refusal,
        DeadLetters letters) {

    static Outcome embedded(
            DeadLetters letters, ConsumerRecord<byte[], byte[]> record, ProducerRecord<byte[], byte[]> output) {
        return new Outcome(record, output, Optional.empty(), letters);
    }

    static Outcome refused(DeadLetters letters, ConsumerRecord<byte[], byte[]> record, Exception reason) {
        return new Outcome(record, letters.of(record, reason), Optional.of(reason), letters);
    }

    /**
     * The outcome when Kafka takes no output of this size: a dead letter; and where even that is too large, since its
     * topic was made with a lower limit, the reason alone, which says where the record lies. One record must never hold
     * up those behind it.
     */
    Outcome tooLarge() {
        if (refusal.isEmpty()) {
            return refused(
                    letters,
                    record,
                    new UnusablePostException(
                            "the embedded post would be larger than its topic takes: shorten the post or its attributes"));
        }
        Exception reason = new UnusablePostException(
                refusal.get().getMessage() + " (the dead letter would be too large, so the post is not in it)");
        return new Outcome(record, letters.smaller(letters.of(record, reason)), Optional.of(reason), letters);
    }
}
