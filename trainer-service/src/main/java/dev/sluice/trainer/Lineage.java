package dev.sluice.trainer;

import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.TopicOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far each partition of the labelled vectors had been read for a fit.
 *
 * @param offsets the next offset to read, by partition; a partition not named had not been read
 */
record Lineage(Map<Integer, Long> offsets) {
    /** Nothing had been read. */
    static final Lineage NOTHING = new Lineage(Map.of());

    Lineage {
        offsets = Map.copyOf(offsets);
    }

    static Lineage of(ModelVersion version, String topic) {
        Map<Integer, Long> offsets = new TreeMap<>();
        version.getTraining().getLineage().stream()
                .filter(offset -> offset.getTopic().equals(topic))
                .forEach(offset -> offsets.put(offset.getPartition(), offset.getOffset()));
        return new Lineage(offsets);
    }

    /** Whether the place had not been read yet. */
    boolean isBefore(Example.Place place) {
        return place.offset() >= offsets.getOrDefault(place.partition(), 0L);
    }

    /** Whether everything had been read that the other had read. */
    boolean reaches(Lineage other) {
        return other.offsets.entrySet().stream()
                .allMatch(entry -> offsets.getOrDefault(entry.getKey(), 0L) >= entry.getValue());
    }

    /** Without the partitions that end before it: those belong to a topic that was made anew. */
    Lineage within(Lineage ends) {
        Map<Integer, Long> kept = new TreeMap<>(offsets);
        kept.entrySet().removeIf(entry -> entry.getValue() > ends.offsets.getOrDefault(entry.getKey(), 0L));
        return new Lineage(kept);
    }

    List<TopicOffset> on(String topic) {
        return new TreeMap<>(offsets)
                .entrySet().stream()
                        .map(entry -> new TopicOffset(topic, entry.getKey(), entry.getValue()))
                        .toList();
    }
}
