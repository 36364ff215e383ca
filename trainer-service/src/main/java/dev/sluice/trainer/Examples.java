package dev.sluice.trainer;

import dev.sluice.schemas.AlternativeEmbedding;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.UnreadableRecordException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the topics of labelled and of reembedded vectors say, folded: the last record of a key counts, an empty one removes
 * it. Label and split are those of the labelled vectors alone; a reembedded vector only shows the same text in another
 * space, and only if it is the same text. Only one space can be learned from at a time, see {@link #space}; examples without
 * a vector there are left aside, and come back should another be chosen. Not thread-safe.
 */
final class Examples {
    private final Map<String, Example> byId = new HashMap<>();
    private final Map<String, Reembedded> reembedded = new HashMap<>();
    private final Map<String, EmbeddingSpace> spaces = new HashMap<>();
    private final boolean keepsWords;
    private final ExampleFile file;
    private final Tally tally = new Tally();
    private Optional<String> preferred = Optional.empty();

    /**
     * @param keepsWords whether the texts' counted words are kept
     * @param file for the vectors and words; nobody else's
     */
    Examples(boolean keepsWords, ExampleFile file) {
        this.keepsWords = keepsWords;
        this.file = file;
    }

    private record Reembedded(long textHash, Map<String, Row> vectors) {}

    /**
     * What a fit is given.
     *
     * @param space of all its examples
     * @param learnable by id, so that the same examples always come in the same order
     * @param leftAside how many have no vector there
     */
    record Snapshot(EmbeddingSpace space, List<Example> learnable, long leftAside) {}

    /**
     * The last one of an id counts. If it is the same once more, the first keeps its place: a post that is sent again is
     * no news, and no reason to fit again.
     *
     * @throws UnreadableRecordException as {@link Example#of} does; all stays as it is then
     */
    void put(String id, EmbeddedPost labelled, TopicFollower.Place place) {
        Example example = Example.of(id, labelled, place, keepsWords);
        Example known = byId.get(id);
        Example now = known != null && known.teachesTheSameAs(example) ? example.inPlaceOf(known) : example;
        remove(id);
        Example stored = now.in(file);
        byId.put(id, stored);
        tally.add(stored, complete(stored).spaces());
        know(labelled);
    }

    void remove(String id) {
        Optional.ofNullable(byId.remove(id)).ifPresent(gone -> {
            tally.remove(gone, complete(gone).spaces());
            gone.leave(file);
        });
    }

    /** @throws UnreadableRecordException if the vector is not one of its space */
    void putReembedded(String id, EmbeddedPost embedded) {
        Map<String, Row> vectors = SpaceVectors.of(embedded);
        removeReembedded(id);
        Reembedded again = new Reembedded(Example.hashOf(embedded.getText()), Example.stored(vectors, file));
        tallyAnew(id, () -> reembedded.put(id, again));
        know(embedded);
    }

    void removeReembedded(String id) {
        Optional.ofNullable(reembedded.get(id)).ifPresent(gone -> {
            tallyAnew(id, () -> reembedded.remove(id));
            gone.vectors().values().forEach(file::free);
        });
    }

    /** @param change of the spaces that the example is in, if there is one of this id */
    private void tallyAnew(String id, Runnable change) {
        Optional<Example> changed = Optional.ofNullable(byId.get(id));
        changed.ifPresent(example -> tally.remove(example, complete(example).spaces()));
        change.run();
        changed.ifPresent(example -> tally.add(example, complete(example).spaces()));
    }

    /** A fit begins to read: until {@link #letGo} its snapshot stays as it is, whatever is put and removed. */
    void hold() {
        file.hold();
    }

    /** No fit reads any more: what was removed meanwhile is erased. */
    void letGo() {
        file.letGo();
    }

    private void know(EmbeddedPost embedded) {
        Stream.concat(
                        Stream.of(embedded.getSpace()),
                        embedded.getAlternatives().stream().map(AlternativeEmbedding::getSpace))
                .forEach(space -> spaces.putIfAbsent(EmbeddingSpaces.idOf(space), space));
    }

    void clear() {
        file.clear();
        tally.clear();
        byId.clear();
        reembedded.clear();
        spaces.clear();
        preferred = Optional.empty();
    }

    /** The space to be learned as long as texts still come in it, whatever came first: that of the live version. */
    void prefer(Optional<String> spaceId) {
        preferred = spaceId;
    }

    /**
     * The space to be learned: the preferred one if the newest example has a vector there, else the one that it came in.
     *
     * @return its canonical id; empty if there are no examples
     */
    Optional<String> space() {
        return tally.newest().map(newest -> preferred
                .flatMap(complete(newest)::in)
                .map(Example::spaceId)
                .orElse(newest.spaceId()));
    }

    /**
     * The space that somebody means.
     *
     * @param name canonical id, or the name of a model that only one space is of
     * @return its canonical id
     * @throws RefusedTrainingException if no vector is of such a space, or those of several are
     */
    String spaceNamed(String name) {
        if (spaces.containsKey(name)) {
            return name;
        }
        List<String> meant = spaces.entrySet().stream()
                .filter(space -> space.getValue().getModel().equals(name))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        if (meant.size() != 1) {
            throw new RefusedTrainingException((meant.isEmpty()
                            ? "no labelled text has a vector in the space "
                            : "several spaces are of the model ")
                    + name + "; there are " + String.join(", ", new TreeSet<>(spaces.keySet())));
        }
        return meant.get(0);
    }

    /** Empty if there are no examples. */
    Optional<Snapshot> snapshot() {
        return space().map(this::snapshot);
    }

    /** @param space canonical id, one that is known */
    Snapshot snapshot(String space) {
        List<Example> learnable =
                of(space).sorted(Comparator.comparing(Example::id)).toList();
        return new Snapshot(spaces.get(space), learnable, byId.size() - learnable.size());
    }

    /** Training examples of the space to be learned that say something of what is learned. */
    long training(LearningTask.Wanted wanted) {
        return space().map(space -> tally.training(space, wanted)).orElse(0L);
    }

    /** As {@link #training}, but only those that stand behind what was read for an earlier fit. */
    long fresh(LearningTask.Wanted wanted, Lineage since) {
        return space().map(space -> tally.fresh(space, wanted, since, () -> of(space)))
                .orElse(0L);
    }

    private Stream<Example> of(String space) {
        return byId.values().stream().map(this::complete).flatMap(example -> example.in(space).stream());
    }

    /** With the vectors that were made of its text afterwards. */
    private Example complete(Example example) {
        return Optional.ofNullable(reembedded.get(example.id()))
                .filter(again -> again.textHash() == example.textHash())
                .map(again -> example.with(again.vectors()))
                .orElse(example);
    }
}
