package dev.sluice.embedder;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Outcomes and offsets in one transaction: both or neither.
 *
 * <p>When a commit fails, its fate may be unknown. A new producer under the same transactional id settles that (the broker
 * ends what the old one left open), and then the group's offsets tell what is still to be done. So there is one way back
 * from every failure, whether or not Kafka would let this one be aborted, and nothing is sent twice.
 *
 * <p>Source: KIP-98 (transactions), KIP-447 (offsets guarded by the group's generation).
 */
final class OutputCommit {
    private static final Logger LOG = LoggerFactory.getLogger(OutputCommit.class);
    private static final Duration OFFSETS_TIMEOUT = Duration.ofSeconds(10);

    /** What became of an attempt. */
    enum Result {
        COMMITTED,
        /** Something has been replaced by something smaller. */
        TRY_AT_ONCE,
        TRY_LATER
    }

    private final Consumer<byte[], byte[]> consumer;
    private final Supplier<Producer<byte[], byte[]>> producers;
    private final EmbedderMeters meters;
    private Optional<Producer<byte[], byte[]>> producer = Optional.empty();

    /** @param producers give a new producer at each call, always with the same transactional id */
    OutputCommit(
            Consumer<byte[], byte[]> consumer, Supplier<Producer<byte[], byte[]>> producers, EmbedderMeters meters) {
        this.consumer = consumer;
        this.producers = producers;
        this.meters = meters;
    }

    /**
     * Commits what is ready of some partitions, once. After a failure that may pass, the posts are still in hand, and one
     * that proved too large has become something smaller.
     *
     * @param notes what goes with a partition's offset; if present, every partition's offset is committed, also where
     *     nothing is ready. After a failure they may or may not have been asked for
     * @throws KafkaException if trying again is no use: this client may not do it, or the broker cannot
     */
    Result attempt(
            PostsInHand inHand, Collection<TopicPartition> partitions, Optional<Function<Integer, String>> notes) {
        AtomicReference<PostInHand> tooLarge = new AtomicReference<>();
        try {
            Producer<byte[], byte[]> sender = readyProducer(inHand);
            PostsInHand.Ready ready = inHand.ready(partitions);
            Map<TopicPartition, OffsetAndMetadata> offsets = offsets(ready, notes);
            if (!offsets.isEmpty()) {
                send(sender, ready, offsets, tooLarge);
                inHand.committed(ready);
            }
            return Result.COMMITTED;
        } catch (KafkaException e) {
            LastingFailures.throwIfLasting(e);
            LOG.atLevel(e instanceof CommitFailedException ? Level.INFO : Level.WARN) // the group was just changing
                    .log("{} could not be committed, which will be tried again: {}", inHand, e.getMessage());
            close(Duration.ZERO);
            Optional.ofNullable(tooLarge.get()).ifPresent(PostInHand::becomeSmaller);
            return tooLarge.get() == null ? Result.TRY_LATER : Result.TRY_AT_ONCE;
        }
    }

    private static Map<TopicPartition, OffsetAndMetadata> offsets(
            PostsInHand.Ready ready, Optional<Function<Integer, String>> notes) {
        Set<TopicPartition> progressed =
                ready.posts().stream().map(PostInHand::partition).collect(Collectors.toSet());
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        ready.offsets().forEach((partition, offset) -> {
            if (notes.isPresent()) {
                offsets.put(partition, new OffsetAndMetadata(offset, notes.get().apply(partition.partition())));
            } else if (progressed.contains(partition)) {
                offsets.put(partition, new OffsetAndMetadata(offset));
            }
        });
        return offsets;
    }

    private void send(
            Producer<byte[], byte[]> sender,
            PostsInHand.Ready ready,
            Map<TopicPartition, OffsetAndMetadata> offsets,
            AtomicReference<PostInHand> tooLarge) {
        sender.beginTransaction();
        for (PostInHand post : ready.posts()) {
            var unused = sender.send(post.outcome().orElseThrow().output(), (metadata, failure) -> {
                // The first alone is at fault: its failure is then given to every other record of the transaction.
                if (failure instanceof RecordTooLargeException) {
                    tooLarge.compareAndSet(null, post);
                }
            });
        }
        sender.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
        sender.commitTransaction();
        for (PostInHand post : ready.posts()) {
            post.outcome()
                    .orElseThrow()
                    .refusal()
                    .ifPresentOrElse(meters::refused, () -> meters.embedded(post.sentAt()));
        }
    }

    /** A new producer ends what the old one left open; then it is known what was committed nevertheless. */
    private Producer<byte[], byte[]> readyProducer(PostsInHand inHand) {
        if (producer.isEmpty()) {
            Producer<byte[], byte[]> fresh = producers.get();
            producer = Optional.of(fresh);
            fresh.initTransactions();
            inHand.dropCommitted(consumer.committed(inHand.partitions(), OFFSETS_TIMEOUT));
        }
        return producer.get();
    }

    void close(Duration timeout) {
        producer.ifPresent(it -> it.close(timeout));
        producer = Optional.empty();
    }
}
