package dev.sluice.embedder;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to be done while partitions come and go. One that is given up is committed as far as it is ready, and the rest of
 * its posts is forgotten: its next owner begins at the committed offset. With a partition goes its share of the quota; what
 * it has used of it lies as a note beside the offset, where the next owner finds it.
 */
final class PartitionKeeper implements ConsumerRebalanceListener {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionKeeper.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** What no quota ever notes: the next owner must expect the worst. */
    private static final String UNKNOWN_USE = "?";

    private final Consumer<byte[], byte[]> consumer;
    private final PostsInHand inHand;
    private final OutputCommit commit;
    private final Quota quota;

    PartitionKeeper(Consumer<byte[], byte[]> consumer, PostsInHand inHand, OutputCommit commit, Quota quota) {
        this.consumer = consumer;
        this.inHand = inHand;
        this.commit = commit;
        this.quota = quota;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        if (!quota.isLimited() || partitions.isEmpty()) {
            return;
        }
        Optional<Map<TopicPartition, OffsetAndMetadata>> committed = committed(partitions);
        for (TopicPartition partition : partitions) {
            String note = committed
                    .map(it -> Optional.ofNullable(it.get(partition))
                            .map(OffsetAndMetadata::metadata)
                            .orElse(""))
                    .orElse(UNKNOWN_USE);
            quota.take(
                    partition.partition(),
                    consumer.partitionsFor(partition.topic()).size(),
                    note);
            inHand.begin(partition, consumer.position(partition));
        }
        commit.attempt(inHand, partitions, Optional.of(quota::note)); // before the first call: from now on, we hold it
    }

    /** @return nothing if it cannot be known now */
    private Optional<Map<TopicPartition, OffsetAndMetadata>> committed(Collection<TopicPartition> partitions) {
        try {
            return Optional.of(consumer.committed(new HashSet<>(partitions), PATIENCE));
        } catch (KafkaException e) {
            if (!(e instanceof RetriableException)) {
                throw e;
            }
            LOG.warn(
                    "what {} have used of the quota is not known, so it counts as used up for now: {}",
                    partitions,
                    e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        if (partitions.isEmpty()) {
            return;
        }
        commit.attempt(inHand, partitions, quota.isLimited() ? Optional.of(quota::give) : Optional.empty());
        inHand.drop(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        partitions.forEach(partition -> quota.drop(partition.partition()));
        inHand.drop(partitions);
    }
}
