package dev.sluice.embedder;

import dev.sluice.schemas.CachedEmbedding;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.UnreadableRecordException;
import dev.sluice.schemas.Vectors;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Texts and vectors of one embedding space as keys and values of the cache's topic. The key hides the text and has one
 * length; since the space is hashed with it, a text has another key in each space.
 */
final class CacheRecords {
    private static final Pattern KEY = Pattern.compile("[0-9a-f]{64}");

    private final RecordCodec<CachedEmbedding> codec;
    private final String space;
    private final int dimensions;

    CacheRecords(RecordCodec<CachedEmbedding> codec, EmbeddingSpace space) {
        this.codec = codec;
        this.space = EmbeddingSpaces.idOf(space);
        this.dimensions = space.getDimensions();
    }

    /** See {@link EmbeddingSpaces#cacheKey}. */
    String keyOf(String text) {
        return EmbeddingSpaces.cacheKey(space, text);
    }

    byte[] valueOf(float[] vector, Instant createdAt) {
        return codec.encode(CachedEmbedding.newBuilder()
                .setSpace(space)
                .setEmbedding(Vectors.toBytes(vector))
                .setCreatedAt(createdAt)
                .build());
    }

    /**
     * @return nothing if there is no value, or the vector is of another space
     * @throws UnreadableRecordException if the bytes are no vector of the space that they name, or the key is no hash
     */
    Optional<float[]> vectorOf(String key, byte[] value) {
        if (!KEY.matcher(key).matches()) {
            throw new UnreadableRecordException("the key is not a SHA-256 in hex");
        }
        if (value == null) { // withdrawn; who has it at hand keeps it until the next start
            return Optional.empty();
        }
        CachedEmbedding cached = codec.decode(value);
        return cached.getSpace().equals(space)
                ? Optional.of(checked(Vectors.fromBytes(cached.getEmbedding())))
                : Optional.empty();
    }

    private float[] checked(float[] vector) {
        if (vector.length != dimensions) {
            throw new UnreadableRecordException(
                    "the vector has " + vector.length + " numbers where its space has " + dimensions);
        }
        if (!Vectors.allFinite(vector)) {
            throw new UnreadableRecordException("the vector holds NaN or infinity");
        }
        for (float x : vector) {
            if (x != 0) {
                return vector;
            }
        }
        throw new UnreadableRecordException("the vector is zero throughout");
    }
}
