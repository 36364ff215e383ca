package dev.sluice.embedder;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

    /**
     * So often an embedder's client asks whether partitions were added. With the time between two looks at what it knows, an
     * embedder learns of them within the half window that {@link QuotaPeriod#endOfOldShares} allows for.
     */
    static final Duration ASK_EVERY = Duration.ofSeconds(20);

    private final Consumer<byte[], byte[]> consumer;
    private final PostsInHand inHand;
    private final Calls calls;
    private final OutputCommit commit;
    private final Quota quota;

    PartitionKeeper(
            Consumer<byte[], byte[]> consumer, PostsInHand inHand, Calls calls, OutputCommit commit, Quota quota) {
        this.consumer = consumer;
        this.inHand = inHand;
        this.calls = calls;
        this.commit = commit;
        this.quota = quota;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        count();
        if (!quota.isLimited() || partitions.isEmpty()) {
            return;
        }
        Optional<Map<TopicPartition, OffsetAndMetadata>> committed =
                unlessAway("offsets", partitions, () -> consumer.committed(new HashSet<>(partitions), PATIENCE));
        boolean othersNoted = quota.hasNoted();
        Optional<Integer> count = count(partitions.iterator().next().topic());
        Optional<Set<Integer>> newcomers = committed.flatMap(this::newcomers);
        for (TopicPartition partition : partitions) {
            Optional<OffsetAndMetadata> offset = committed.map(it -> it.get(partition));
            String note = noteOf(partition, offset, committed.isPresent(), newcomers);
            if (count.isEmpty()) { // its share may be taken for too large, so none of it is spent until there was time
                // to ask
                note = note.isEmpty() ? PartitionNotes.UNKNOWN_USE : QuotaNote.asHeld(note);
            }
            quota.take(partition.partition(), Math.max(count.orElse(0), partition.partition() + 1), note);
            offset.map(OffsetAndMetadata::offset)
                    .or(() -> unlessAway("positions", Set.of(partition), () -> consumer.position(partition)))
                    .ifPresent(position -> inHand.begin(partition, position));
        }
        OutputCommit.Result result = commit.attempt(inHand, partitions, Optional.of(quota::note));
        if (othersNoted && result == OutputCommit.Result.COMMITTED) {
            quota.setNoted();
        }
    }

    /** @param newcomers nothing if that is not known, and then any partition without an offset may be one */
    private static String noteOf(
            TopicPartition partition,
            Optional<OffsetAndMetadata> offset,
            boolean offsetsAreKnown,
            Optional<Set<Integer>> newcomers) {
        if (!offsetsAreKnown) {
            return PartitionNotes.UNKNOWN_USE;
        }
        if (offset.isPresent()) {
            return offset.get().metadata();
        }
        return newcomers.map(it -> it.contains(partition.partition())).orElse(true) ? PartitionNotes.NEWCOMER : "";
    }

    /** Partitions that are added make all others' shares smaller, also those of embedders that get none of them. */
    void count() {
        if (quota.isLimited()) {
            consumer.assignment().stream().map(TopicPartition::topic).distinct().forEach(topic -> count(topic)
                    .ifPresent(quota::recount));
        }
    }

    /** @return as this consumer's client knows it; nothing if it must ask and gets no answer, so that what is known holds */
    private Optional<Integer> count(String topic) {
        return unlessAway("number", Set.of(topic), () -> consumer.partitionsFor(topic, PATIENCE)
                .size());
    }

    /**
     * Of the partitions that nobody has committed, those behind the last one that somebody has: they were added.
     *
     * @param committed of those assigned
     * @return nothing if the broker cannot say it now
     */
    private Optional<Set<Integer>> newcomers(Map<TopicPartition, OffsetAndMetadata> committed) {
        Set<TopicPartition> unowned = committed.entrySet().stream()
                .filter(it -> it.getValue() == null)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        if (unowned.isEmpty()) {
            return Optional.of(Set.of());
        }
        String topic = unowned.iterator().next().topic();
        return count(topic)
                .map(count -> IntStream.range(0, count)
                        .mapToObj(i -> new TopicPartition(topic, i))
                        .collect(Collectors.toSet()))
                .flatMap(all -> unlessAway("offsets", all, () -> consumer.committed(all, PATIENCE)))
                .map(all -> behindLastOwned(unowned, all));
    }

    private static Set<Integer> behindLastOwned(
            Set<TopicPartition> unowned, Map<TopicPartition, OffsetAndMetadata> all) {
        int lastOwned = all.entrySet().stream()
                .filter(it -> it.getValue() != null && !it.getValue().metadata().isEmpty())
                .mapToInt(it -> it.getKey().partition())
                .max()
                .orElse(Integer.MAX_VALUE);
        Set<Integer> newcomers = unowned.stream()
                .map(TopicPartition::partition)
                .filter(it -> it > lastOwned)
                .collect(Collectors.toSet());
        if (!newcomers.isEmpty()) {
            LOG.info(
                    "partitions {} were added: their share of the quota is not used until every embedder knows of them",
                    newcomers);
        }
        return newcomers;
    }

    /** @return nothing if the broker cannot say it now */
    private static <T> Optional<T> unlessAway(String what, Collection<?> of, Supplier<T> question) {
        try {
            return Optional.of(question.get());
        } catch (KafkaException e) {
            if (!(e instanceof RetriableException)) {
                throw e;
            }
            LOG.warn("the {} of {} are not known for now: {}", what, of, e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        giveUp(partitions);
    }

    /** Commits all that is ready of these partitions, which then are ours no more. */
    void giveUp(Collection<TopicPartition> partitions) {
        if (partitions.isEmpty()) {
            return;
        }
        calls.fetch().forEach(it -> inHand.answered(it.text(), it.answer()));
        Optional<Function<Integer, String>> notes = quota.isLimited() ? Optional.of(quota::give) : Optional.empty();
        OutputCommit.Result result = commit.attempt(inHand, partitions, notes);
        while (result == OutputCommit.Result.COMMITTED && inHand.hasReady(partitions)) {
            result = commit.attempt(inHand, partitions, notes);
        }
        onPartitionsLost(partitions); // whatever came of the commit: their share is not ours to spend
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        partitions.forEach(partition -> quota.drop(partition.partition()));
        inHand.drop(partitions);
    }
}
