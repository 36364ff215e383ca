package dev.sluice.embedder;

import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** A record between poll and commit: its outcome is not known at first. */
final class PostInHand {
    private final ConsumerRecord<byte[], byte[]> record;
    private final TopicPartition partition;
    private Optional<Outcome> outcome = Optional.empty();

    PostInHand(ConsumerRecord<byte[], byte[]> record) {
        this.record = record;
        this.partition = new TopicPartition(record.topic(), record.partition());
    }

    TopicPartition partition() {
        return partition;
    }

    long offset() {
        return record.offset();
    }

    /** The timestamp of its record, in milliseconds. */
    long sentAt() {
        return record.timestamp();
    }

    int bytes() {
        return Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
    }

    Optional<Outcome> outcome() {
        return outcome;
    }

    void become(Outcome known) {
        outcome = Optional.of(known);
    }

    /** Kafka takes no output of this size. */
    void becomeSmaller() {
        outcome = outcome.map(Outcome::tooLarge);
    }
}
