package dev.sluice.classifier;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** The offsets that a replay has to pass, and how far it is on each partition; no offset is beyond its end. Not thread-safe. */
final class ReplayRange {
    private final Map<TopicPartition, ReplayNote> notes;
    private final Map<TopicPartition, Long> committed = new HashMap<>();
    private final long total;

    /**
     * @param offsets as committed, with a note each; one partition or more
     * @throws RefusedReplayException if a note cannot be read
     */
    ReplayRange(Map<TopicPartition, OffsetAndMetadata> offsets) {
        notes = offsets.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> ReplayNote.parse(entry.getValue().metadata())));
        committed(offsets);
        total = ahead();
    }

    /** What the replay set out to do; the end is one partition's. */
    ReplayNote note() {
        return notes.values().iterator().next();
    }

    Set<TopicPartition> partitions() {
        return notes.keySet();
    }

    /** Where to go on, by partition. */
    Map<TopicPartition, Long> positions() {
        return Map.copyOf(committed);
    }

    boolean contains(ConsumerRecord<?, ?> record) {
        ReplayNote note = notes.get(new TopicPartition(record.topic(), record.partition()));
        return note != null && record.offset() < note.end();
    }

    /** What there is to commit of these positions; nothing where all stays as it is. */
    Map<TopicPartition, OffsetAndMetadata> progress(Function<TopicPartition, Long> position) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        notes.forEach((partition, note) -> {
            long reached = Math.min(position.apply(partition), note.end());
            if (reached > committed.get(partition)) {
                offsets.put(partition, new OffsetAndMetadata(reached, note.text()));
            }
        });
        return offsets;
    }

    void committed(Map<TopicPartition, OffsetAndMetadata> offsets) {
        offsets.forEach((partition, offset) -> committed.put(partition, offset.offset()));
    }

    /** Offsets that there were to pass when this was made. */
    long total() {
        return total;
    }

    /** Offsets that are still to be passed. */
    long ahead() {
        return notes.entrySet().stream()
                .mapToLong(note -> Math.max(0, note.getValue().end() - committed.get(note.getKey())))
                .sum();
    }

    Collection<TopicPartition> done() {
        return notes.keySet().stream()
                .filter(partition ->
                        committed.get(partition) >= notes.get(partition).end())
                .toList();
    }
}
