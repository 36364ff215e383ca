package dev.sluice.trainer;

import dev.sluice.runtime.RecordLimits;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.TrainingRequest;
import dev.sluice.schemas.UnreadableRecordException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads requests one by one, each to be answered before the next. The topic has one partition, so its owner in the
 * group is the classifier's only active trainer, and the others stand by. A request is committed once it is answered:
 * should the trainer fall before, the next one answers it. Which request it is at is noted beside the offset, so that one
 * that fells every trainer, as by a heap that is too small for it, is met a few times and not for ever. To be used by one
 * thread.
 */
final class TrainingRequests {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingRequests.class);

    private static final Duration PUTTING_BACK = Duration.ofMillis(500);

    private final Consumer<byte[], byte[]> consumer;
    private final Topic<TrainingRequest> topic;
    private final DeadLetterBox deadLetters;
    private boolean owner;
    private boolean lost;
    private Optional<Begun> begun = Optional.empty();

    /**
     * That work on a request has begun, as text beside the committed offset.
     *
     * @param fallen how many trainers had fallen at it before
     */
    private record Begun(Numbered request, int fallen) {
        private static final String SIGN = "begun";

        OffsetAndMetadata note() {
            return new OffsetAndMetadata(request.record().offset(), SIGN + " " + (fallen + 1));
        }

        OffsetAndMetadata withdrawn() {
            return new OffsetAndMetadata(request.record().offset(), fallen == 0 ? "" : SIGN + " " + fallen);
        }

        /** @return how many have begun with this request and not said how it ended */
        static int read(OffsetAndMetadata committed, long offset) {
            String[] words =
                    committed == null ? new String[0] : committed.metadata().split(" ", -1);
            boolean ours = words.length == 2 && words[0].equals(SIGN) && committed.offset() == offset;
            try {
                return ours ? Integer.parseInt(words[1]) : 0;
            } catch (NumberFormatException e) {
                return 0; // by another tool
            }
        }
    }

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
                    putBack();
                    owner = false;
                    lost = true;
                }
            }

            @Override
            public void onPartitionsLost(Collection<TopicPartition> partitions) {
                begun = Optional.empty(); // too late to say anything of it
                onPartitionsRevoked(partitions);
            }
        });
    }

    /** Takes part in the group, and takes the next request; none comes between a request and its {@link #done}. */
    Optional<Numbered> poll(Duration patience) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(patience)) {
            TopicPartition partition = new TopicPartition(record.topic(), record.partition());
            try {
                RecordLimits.check(record.key(), record.value(), record.headers(), Topics.MAX_POST_BYTES);
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

    /**
     * Notes that work on the request begins, until it is {@link #done}.
     *
     * @return how many trainers have fallen at it before, killed or by themselves
     */
    int begin(Numbered request) {
        if (begun.filter(
                        it -> it.request().record().offset() == request.record().offset())
                .isPresent()) {
            return begun.get().fallen(); // by this trainer, which stands
        }
        OffsetAndMetadata committed =
                consumer.committed(Set.of(request.partition())).get(request.partition());
        Begun beginning =
                new Begun(request, Begun.read(committed, request.record().offset()));
        commit(request.partition(), beginning.note());
        begun = Optional.of(beginning);
        return beginning.fallen();
    }

    /** The request is left to the next trainer, or to the next time, and nobody has fallen at it. Takes half a second at most. */
    void putBack() {
        Optional<Begun> left = begun;
        begun = Optional.empty();
        left.ifPresent(it -> {
            Map<TopicPartition, OffsetAndMetadata> withdrawn =
                    Map.of(it.request().partition(), it.withdrawn());
            try {
                consumer.commitSync(withdrawn, PUTTING_BACK);
            } catch (WakeupException e) { // it was meant for the call before, which had ended
                consumer.commitSync(withdrawn, PUTTING_BACK);
            } catch (KafkaException e) {
                LOG.info(
                        "The request {} counts as one that a trainer fell at: {}",
                        it.request().id(),
                        e.getMessage());
            }
        });
    }

    /** This trainer falls at the request that it is at: the note of it stays, also when the group is left. */
    void fall() {
        begun = Optional.empty();
    }

    /** The request is answered: the next may come. */
    void done(Numbered request) {
        begun = Optional.empty();
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
        commit(partition, new OffsetAndMetadata(offset + 1));
    }

    private void commit(TopicPartition partition, OffsetAndMetadata next) {
        try {
            consumer.commitSync(Map.of(partition, next));
        } catch (CommitFailedException | RebalanceInProgressException e) {
            LOG.info("The group is changing; a record before {} may come again: {}", next.offset(), e.getMessage());
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

    /** Leaves the group, and so puts back what was begun. */
    void close(Duration patience) {
        consumer.close(CloseOptions.timeout(patience));
    }
}
