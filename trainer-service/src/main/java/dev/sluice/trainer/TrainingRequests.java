package dev.sluice.trainer;

import dev.sluice.schemas.Topic;
import dev.sluice.schemas.TrainingRequest;
import dev.sluice.schemas.UnreadableRecordException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads requests one by one, each to be answered before the next. The topic has one partition, so its owner in the
 * group is the classifier's only active trainer, and the others stand by. A request is committed once it is answered:
 * should the trainer fall before, the next one answers it. To be used by one thread.
 */
final class TrainingRequests {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingRequests.class);

    private final Consumer<byte[], byte[]> consumer;
    private final Topic<TrainingRequest> topic;
    private final DeadLetterBox deadLetters;
    private boolean owner;
    private boolean lost;

    /**
     * A request, and where it stands.
     *
     * @param id its own, or else made of its place, so that it is never answered twice
     */
    record Numbered(String id, TrainingRequest request, ConsumerRecord<byte[], byte[]> record) {
        private TopicPartition partition() {
            return new TopicPartition(record.topic(), record.partition());
        }
    }

    /** @param consumer that polls one record at a time */
    TrainingRequests(Consumer<byte[], byte[]> consumer, Topic<TrainingRequest> topic, DeadLetterBox deadLetters) {
        this.consumer = consumer;
        this.topic = topic;
        this.deadLetters = deadLetters;
    }

    void join() {
        consumer.subscribe(List.of(topic.name()), new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                owner |= !partitions.isEmpty();
            }

            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                if (!partitions.isEmpty()) {
                    owner = false;
                    lost = true;
                }
            }
        });
    }

    /** Takes part in the group, and takes the next request; none comes between a request and its {@link #done}. */
    Optional<Numbered> poll(Duration patience) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(patience)) {
            TopicPartition partition = new TopicPartition(record.topic(), record.partition());
            try {
                TrainingRequest request = topic.codec().decode(record.value());
                consumer.pause(List.of(partition));
                return Optional.of(new Numbered(
                        request.getId().orElseGet(() -> "request-" + record.partition() + "-" + record.offset()),
                        request,
                        record));
            } catch (UnreadableRecordException e) {
                deadLetters.put(record, e);
                commit(partition, record.offset());
            }
        }
        return Optional.empty();
    }

    /** The request is answered: the next may come. */
    void done(Numbered request) {
        commit(request.partition(), request.record().offset());
        consumer.resume(consumer.paused());
    }

    /** Forgets where it was: the next poll begins behind the last committed request. */
    void joinAnew() {
        consumer.unsubscribe();
        owner = false;
        lost = false;
        join();
    }

    /** The request cannot be answered: it leaves with the reason, for whoever asked, and the next may come. */
    void refuse(Numbered request, RefusedTrainingException reason) {
        if (!(reason instanceof AnsweredAlreadyException)) {
            deadLetters.put(request.record(), reason);
        }
        done(request);
    }

    private void commit(TopicPartition partition, long offset) {
        try {
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(offset + 1)));
        } catch (CommitFailedException | RebalanceInProgressException e) {
            LOG.info("The group is changing; the record at {} may come again: {}", offset, e.getMessage());
        }
    }

    /** Whether this instance is the active one. */
    boolean isOwner() {
        return owner;
    }

    /** Whether the ownership was lost, if only for a moment, since the last call. */
    boolean takeLost() {
        boolean taken = lost;
        lost = false;
        return taken;
    }

    void wakeUp() {
        consumer.wakeup();
    }

    void close(Duration patience) {
        consumer.close(CloseOptions.timeout(patience));
    }
}
