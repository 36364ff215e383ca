package dev.sluice.trainer;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.UnreadableRecordException;
import dev.sluice.schemas.Vectors;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * A labelled vector, and the little else that a fit needs of its post: no text stays in memory.
 *
 * @param id the record's key
 * @param vector finite numbers, as many as its space has dimensions; not to be changed
 * @param spaceId canonical id of the vector's embedding space
 * @param textHash the first 64 bits of the text's SHA-256
 */
@SuppressWarnings("ArrayRecordComponent") // never compared: an example is known by its id
record Example(
        String id,
        String label,
        Split split,
        float[] vector,
        String spaceId,
        long textHash,
        Instant embeddedAt,
        Place place) {

    private static final int HEX_DIGITS_OF_64_BITS = 16;

    /** Where on the topic the example stands. */
    record Place(int partition, long offset) {}

    /**
     * @throws UnreadableRecordException with the reason, if nothing can be learned from the post: no label, a split not
     *     known here, or a vector that is not one of its space
     */
    static Example of(String id, EmbeddedPost embedded, Place place) {
        String label = embedded.getPost()
                .getLabel()
                .orElseThrow(() -> new UnreadableRecordException("the post has no label: nothing to learn from"));
        Split split = embedded.getPost().getSplit().orElse(Split.TRAIN);
        if (split == Split.UNKNOWN) {
            throw new UnreadableRecordException("the post's split is not known here: upgrade the trainer");
        }
        float[] vector = Vectors.fromBytes(embedded.getEmbedding());
        EmbeddingSpace space = embedded.getSpace();
        if (vector.length == 0 || vector.length != space.getDimensions()) {
            throw new UnreadableRecordException("the vector has " + vector.length + " numbers, its embedding space "
                    + space.getDimensions() + " dimensions");
        }
        if (!Vectors.allFinite(vector)) {
            throw new UnreadableRecordException("not every number of the vector is finite");
        }
        return new Example(
                id,
                label.intern(), // few are distinct, and one stands beside every vector in memory
                split,
                vector,
                EmbeddingSpaces.idOf(space).intern(),
                hashOf(embedded.getText()),
                embedded.getEmbeddedAt(),
                place);
    }

    private static long hashOf(String text) {
        String sha256 = ModelVersions.sha256(text.getBytes(StandardCharsets.UTF_8));
        return Long.parseUnsignedLong(sha256.substring(0, HEX_DIGITS_OF_64_BITS), 16);
    }

    /** Whether all that a fit looks at is equal. */
    boolean teachesTheSameAs(Example other) {
        return label.equals(other.label)
                && split == other.split
                && spaceId.equals(other.spaceId)
                && textHash == other.textHash
                && Arrays.equals(vector, other.vector);
    }

    /** Whether the text falls into the first {@code fraction} of all texts, by its hash. */
    boolean isAmongFirst(double fraction) {
        return (textHash >>> 11) * 0x1p-53 < fraction;
    }
}
