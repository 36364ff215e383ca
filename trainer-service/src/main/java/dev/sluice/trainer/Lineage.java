package dev.sluice.trainer;

import dev.sluice.schemas.TopicOffset;
import dev.sluice.schemas.Training;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * How far each partition of the labelled and reembedded vectors had been read for a fit.
 *
 * @param offsets the next offset to read; a partition not named had not been read
 */
record Lineage(Map<TopicPartition, Long> offsets) {
    /** Nothing had been read. */
    static final Lineage NOTHING = new Lineage(Map.of());

    Lineage {
        offsets = Map.copyOf(offsets);
    }

    static Lineage of(Training training) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        training.getLineage()
                .forEach(offset ->
                        offsets.put(new TopicPartition(offset.getTopic(), offset.getPartition()), offset.getOffset()));
        return new Lineage(offsets);
    }

    /** Whether the place had not been read yet. */
    boolean isBefore(TopicFollower.Place place) {
        return place.offset() >= offsets.getOrDefault(place.partition(), 0L);
    }

    /** Whether everything had been read that the other had read. */
    boolean reaches(Lineage other) {
        return other.offsets.entrySet().stream()
                .allMatch(entry -> offsets.getOrDefault(entry.getKey(), 0L) >= entry.getValue());
    }

    /** Without the partitions that end before it: those belong to a topic that was made anew. */
    Lineage within(Lineage ends) {
        Map<TopicPartition, Long> kept = new HashMap<>(offsets);
        kept.entrySet().removeIf(entry -> entry.getValue() > ends.offsets.getOrDefault(entry.getKey(), 0L));
        return new Lineage(kept);
    }

    /** By topic and partition. */
    List<TopicOffset> topicOffsets() {
        return offsets.entrySet().stream()
                .map(entry ->
                        new TopicOffset(entry.getKey().topic(), entry.getKey().partition(), entry.getValue()))
                .sorted(Comparator.comparing(TopicOffset::getTopic).thenComparing(TopicOffset::getPartition))
                .toList();
    }
}
