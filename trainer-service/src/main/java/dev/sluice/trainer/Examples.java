package dev.sluice.trainer;

import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Split;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What the topic of labelled vectors says, folded: the last record of a key counts, an empty one removes it. Only one
 * embedding space can be learned from at a time: that of the example embedded last; the others are left aside, and come
 * back should they be the newest again. Not thread-safe.
 */
final class Examples {
    private static final Comparator<Example> BY_AGE =
            Comparator.comparing(Example::embeddedAt).thenComparing(Example::spaceId);

    private final Map<String, Example> byId = new HashMap<>();
    private final Map<String, EmbeddingSpace> spaces = new HashMap<>();

    /**
     * What a fit is given.
     *
     * @param space of all its examples
     * @param learnable by id, so that the same examples always come in the same order
     * @param leftAside how many of other spaces there are
     */
    record Snapshot(EmbeddingSpace space, List<Example> learnable, long leftAside) {}

    /**
     * The last one of an id counts. If it is the same once more, the first keeps its place: a post that is sent again is
     * no news, and no reason to fit again.
     *
     * @param space the one that the example's vector is of
     */
    void put(Example example, EmbeddingSpace space) {
        Example known = byId.get(example.id());
        if (known == null || !known.teachesTheSameAs(example)) {
            byId.put(example.id(), example);
        }
        spaces.putIfAbsent(example.spaceId(), space);
    }

    void remove(String id) {
        byId.remove(id);
    }

    void clear() {
        byId.clear();
        spaces.clear();
    }

    /** Empty if there are no examples. */
    Optional<Snapshot> snapshot() {
        return newestSpace().map(space -> {
            List<Example> learnable = byId.values().stream()
                    .filter(of(space))
                    .sorted(Comparator.comparing(Example::id))
                    .toList();
            return new Snapshot(spaces.get(space), learnable, byId.size() - learnable.size());
        });
    }

    /** Training examples of the space to be learned. */
    long training() {
        return fresh(Lineage.NOTHING);
    }

    /** As {@link #training()}, but only those that stand behind what was read for an earlier fit. */
    long fresh(Lineage since) {
        return newestSpace()
                .map(space -> byId.values().stream()
                        .filter(of(space))
                        .filter(example -> example.split() == Split.TRAIN && since.isBefore(example.place()))
                        .count())
                .orElse(0L);
    }

    private Optional<String> newestSpace() {
        return byId.values().stream().max(BY_AGE).map(Example::spaceId);
    }

    private static Predicate<Example> of(String space) {
        return example -> example.spaceId().equals(space);
    }
}
