package dev.sluice.embedder;

import java.util.Collection;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.TopicPartition;

/**
 * Keeps the chunk in hand true while partitions come and go. A partition that is taken away takes its posts with it: its
 * next owner begins at the committed offset, even if that is this member again.
 */
final class ChunkKeeper implements ConsumerRebalanceListener {
    private final Consumer<?, ?> consumer;
    private final Supplier<Optional<Chunk>> inHand;

    ChunkKeeper(Consumer<?, ?> consumer, Supplier<Optional<Chunk>> inHand) {
        this.consumer = consumer;
        this.inHand = inHand;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        inHand.get().ifPresent(chunk -> consumer.pause(partitions)); // a new one is not paused by itself
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        inHand.get().ifPresent(chunk -> chunk.drop(partitions));
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        onPartitionsRevoked(partitions);
    }
}
