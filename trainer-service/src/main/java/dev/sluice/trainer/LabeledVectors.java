package dev.sluice.trainer;

import dev.sluice.runtime.RecordLimits;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the topics of labelled and of reembedded vectors into {@link Examples}. The topics are the trainer's memory: they are
 * read from the beginning each time this instance takes over, so nothing need be kept on a disk. What cannot be read becomes
 * a dead letter once: the group's offsets remember how far dead letters were written. To be used by one thread.
 */
final class LabeledVectors {
    private static final Logger LOG = LoggerFactory.getLogger(LabeledVectors.class);

    private final Consumer<byte[], byte[]> consumer;
    private final Topic<EmbeddedPost> labelled;
    private final Topic<EmbeddedPost> reembedded;
    private final DeadLetterBox deadLetters;
    private final Examples examples;
    private Map<TopicPartition, OffsetAndMetadata> reported = Map.of();

    LabeledVectors(
            Consumer<byte[], byte[]> consumer,
            Topic<EmbeddedPost> labelled,
            Topic<EmbeddedPost> reembedded,
            DeadLetterBox deadLetters,
            Examples examples) {
        this.consumer = consumer;
        this.examples = examples;
        this.labelled = labelled;
        this.reembedded = reembedded;
        this.deadLetters = deadLetters;
    }

    /** Goes to the beginning of every partition. */
    void begin() {
        examples.clear();
        List<TopicPartition> partitions = Stream.of(labelled, reembedded)
                .flatMap(topic -> consumer.partitionsFor(topic.name()).stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        reported = consumer.committed(Set.copyOf(partitions));
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Forgets all, and reads no more until {@link #begin}. */
    void end() {
        examples.clear();
        consumer.assign(List.of());
    }

    /**
     * Reads on.
     *
     * @return whether anything came
     */
    boolean poll(Duration patience) {
        var records = consumer.poll(patience);
        records.forEach(this::fold);
        return !records.isEmpty();
    }

    private void fold(ConsumerRecord<byte[], byte[]> record) {
        try {
            if (record.key() == null) {
                throw new UnreadableRecordException("the record has no key: whose vector is it?");
            }
            String id = new String(record.key(), StandardCharsets.UTF_8);
            if (record.topic().equals(labelled.name())) {
                decoded(record)
                        .ifPresentOrElse(
                                post -> examples.put(id, post, TopicFollower.Place.of(record)),
                                () -> examples.remove(id));
            } else {
                decoded(record)
                        .ifPresentOrElse(post -> examples.putReembedded(id, post), () -> examples.removeReembedded(id));
            }
        } catch (UnreadableRecordException e) {
            report(record, e);
        }
    }

    /** Empty if the record withdraws its key. */
    private Optional<EmbeddedPost> decoded(ConsumerRecord<byte[], byte[]> record) {
        RecordLimits.check(record.key(), record.value(), record.headers(), Topics.MAX_NESTED_POST_BYTES);
        return Optional.ofNullable(record.value())
                .map(labelled.codec()::decode); // both topics carry one kind of record
    }

    private void report(ConsumerRecord<byte[], byte[]> record, UnreadableRecordException reason) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        OffsetAndMetadata before = reported.get(partition);
        if (before != null && record.offset() < before.offset()) {
            LOG.debug("{} at {} is no example, and is a dead letter already", partition, record.offset());
            return;
        }
        deadLetters.put(record, reason);
        consumer.commitSync(Map.of(partition, new OffsetAndMetadata(record.offset() + 1)));
    }

    Examples examples() {
        return examples;
    }

    /** What the next fit will have read: see {@link Lineage}. */
    Lineage read() {
        return new Lineage(
                consumer.assignment().stream().collect(Collectors.toMap(partition -> partition, consumer::position)));
    }

    /** The end of what is committed on each partition, now. */
    Lineage ends() {
        return new Lineage(consumer.endOffsets(consumer.assignment()));
    }

    void wakeUp() {
        consumer.wakeup();
    }

    void close(Duration patience) {
        consumer.close(CloseOptions.timeout(patience));
    }
}
