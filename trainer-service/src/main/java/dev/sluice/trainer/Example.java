package dev.sluice.trainer;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Targets;
import dev.sluice.schemas.UnreadableRecordException;
import dev.sluice.schemas.WordCounts;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A vector whose label or number is known, and the little else that a fit needs of its post: no text stays in memory. Vector and words may lie
 * in an {@link ExampleFile}, and are read from there each time. While one embedding model
 * takes the place of another, the text has vectors in other spaces too; {@link #in} shows the same example there.
 *
 * @param id the record's key
 * @param label of the post; empty if only its number is known
 * @param target the post's number, one that {@link Targets} lets pass; empty if only its label is known
 * @param row finite numbers, as many as its space has dimensions
 * @param spaceId canonical id of the vector's embedding space
 * @param others vectors of the same text in other spaces, by canonical id; likewise
 * @param textHash the first 64 bits of the text's SHA-256
 * @param words of the text, counted; empty if they are not kept
 */
record Example(
        String id,
        Optional<String> label,
        OptionalDouble target,
        Split split,
        Row row,
        String spaceId,
        Map<String, Row> others,
        long textHash,
        Optional<Supplier<WordCounts>> words,
        Instant embeddedAt,
        TopicFollower.Place place) {

    private static final int HEX_DIGITS_OF_64_BITS = 16;

    /**
     * @param place on the topic of labelled vectors
     * @param keepsWords whether the text's counted words are kept: they take about twice the memory of a vector
     * @throws UnreadableRecordException with the reason, if nothing can be learned from the post: neither a label nor a
     *     number, a number that is not finite or too large, a split not known here, or a vector that is not one of its space
     */
    static Example of(String id, EmbeddedPost embedded, TopicFollower.Place place, boolean keepsWords) {
        // Few labels are distinct, and one stands beside every vector in memory.
        Optional<String> label = embedded.getPost().getLabel().map(String::intern);
        Optional<Double> target = embedded.getPost().getTarget();
        if (label.isEmpty() && target.isEmpty()) {
            throw new UnreadableRecordException("the post has neither a label nor a target: nothing to learn from");
        }
        target.filter(number -> !Targets.canBeLearned(number)).ifPresent(number -> {
            throw new UnreadableRecordException("the post's target is " + number
                    + ", which is no number to learn from: it may have a size of " + Targets.LARGEST + " at most");
        });
        Split split = embedded.getPost().getSplit().orElse(Split.TRAIN);
        if (split == Split.UNKNOWN) {
            throw new UnreadableRecordException("the post's split is not known here: upgrade the trainer");
        }
        Map<String, Row> vectors = SpaceVectors.of(embedded);
        String first = vectors.keySet().iterator().next();
        return new Example(
                id,
                label,
                target.map(OptionalDouble::of).orElseGet(OptionalDouble::empty),
                split,
                vectors.get(first),
                first,
                allBut(first, vectors),
                hashOf(embedded.getText()),
                keepsWords ? Optional.of(counted(embedded.getText())) : Optional.empty(),
                embedded.getEmbeddedAt(),
                place);
    }

    static Supplier<WordCounts> counted(String text) {
        WordCounts words = WordCounts.of(text);
        return () -> words;
    }

    static long hashOf(String text) {
        String sha256 = ModelVersions.sha256(text.getBytes(StandardCharsets.UTF_8));
        return Long.parseUnsignedLong(sha256.substring(0, HEX_DIGITS_OF_64_BITS), 16);
    }

    private static Map<String, Row> allBut(String spaceId, Map<String, Row> vectors) {
        Map<String, Row> others = new HashMap<>(vectors);
        others.remove(spaceId);
        return Map.copyOf(others);
    }

    /** Canonical ids of the spaces that the text has a vector in. */
    Set<String> spaces() {
        if (others.isEmpty()) { // as almost always
            return Set.of(spaceId);
        }
        Set<String> spaces = new HashSet<>(others.keySet());
        spaces.add(spaceId);
        return spaces;
    }

    /** The same example with the text's vector of this space as its own; empty if there is none. */
    Optional<Example> in(String space) {
        if (space.equals(spaceId)) {
            return Optional.of(this);
        }
        return Optional.ofNullable(others.get(space)).map(found -> {
            Map<String, Row> vectors = new HashMap<>(others);
            vectors.put(spaceId, row);
            return new Example(
                    id, label, target, split, found, space, allBut(space, vectors), textHash, words, embeddedAt, place);
        });
    }

    /** With more vectors of the same text; those that it has stay. */
    Example with(Map<String, Row> more) {
        Map<String, Row> all = new HashMap<>(more);
        all.putAll(others);
        return new Example(
                id, label, target, split, row, spaceId, allBut(spaceId, all), textHash, words, embeddedAt, place);
    }

    /** The same example with its vectors and words in a file. */
    Example in(ExampleFile file) {
        return new Example(
                id,
                label,
                target,
                split,
                file.store(row),
                spaceId,
                stored(others, file),
                textHash,
                words.map(counted -> file.store(counted.get())),
                embeddedAt,
                place);
    }

    static Map<String, Row> stored(Map<String, Row> vectors, ExampleFile file) {
        Map<String, Row> stored = new HashMap<>();
        vectors.forEach((space, vector) -> stored.put(space, file.store(vector)));
        return Map.copyOf(stored);
    }

    /** Gives the room of what it has in the file to others. */
    void leave(ExampleFile file) {
        file.free(row);
        others.values().forEach(file::free);
        words.ifPresent(file::free);
    }

    /** Not to be changed. */
    float[] vector() {
        return row.read();
    }

    /** @throws IllegalStateException if they were not kept */
    WordCounts countedWords() {
        return words.map(Supplier::get)
                .orElseThrow(() -> new IllegalStateException("the words of " + id + " were not kept"));
    }

    /**
     * @return a version's answer to it
     * @throws IllegalStateException if the version reads words, and they were not kept
     */
    float[] answerOf(Predictor predictor) {
        return predictor.predict(vector(), predictor.readsWords() ? countedWords() : WordCounts.NONE);
    }

    /** As if it had come where and when another one did. */
    Example inPlaceOf(Example other) {
        return new Example(
                id, label, target, split, row, spaceId, others, textHash, words, other.embeddedAt, other.place);
    }

    /** Whether all that a fit looks at is equal, in the space that the two came in. */
    boolean teachesTheSameAs(Example other) {
        return label.equals(other.label)
                && target.equals(other.target)
                && split == other.split
                && spaceId.equals(other.spaceId)
                && textHash == other.textHash
                && Arrays.equals(vector(), other.vector());
    }

    /** Whether the text falls into the first {@code fraction} of all texts, by its hash. */
    boolean isAmongFirst(double fraction) {
        return (textHash >>> 11) * 0x1p-53 < fraction;
    }
}
