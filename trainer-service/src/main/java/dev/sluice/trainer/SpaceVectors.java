package dev.sluice.trainer;

import dev.sluice.schemas.AlternativeEmbedding;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.UnreadableRecordException;
import dev.sluice.schemas.Vectors;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The vectors of one text, each in an embedding space of its own. The first is the record's; one beside it that is not
 * sound is left out, as the classifier does.
 */
final class SpaceVectors {
    private static final Logger LOG = LoggerFactory.getLogger(SpaceVectors.class);

    private SpaceVectors() {}

    /**
     * @return by the space's canonical id, the record's own first; finite numbers, as many as the space has dimensions
     * @throws UnreadableRecordException if the first is not a vector of its space
     */
    static Map<String, Row> of(EmbeddedPost embedded) {
        Map<String, Row> vectors = new LinkedHashMap<>();
        vectors.put(idOf(embedded.getSpace()), vectorOf(embedded.getEmbedding(), embedded.getSpace()));
        for (AlternativeEmbedding other : embedded.getAlternatives()) {
            try {
                vectors.putIfAbsent(idOf(other.getSpace()), vectorOf(other.getEmbedding(), other.getSpace()));
            } catch (UnreadableRecordException e) {
                LOG.debug("left out: {}", e.getMessage());
            }
        }
        return vectors;
    }

    /** Few are distinct, and one stands beside every vector in memory. */
    private static String idOf(EmbeddingSpace space) {
        return EmbeddingSpaces.idOf(space).intern();
    }

    private static Row vectorOf(ByteBuffer bytes, EmbeddingSpace space) {
        float[] vector = Vectors.fromBytes(bytes);
        if (vector.length == 0 || vector.length != space.getDimensions()) {
            throw new UnreadableRecordException("the vector has " + vector.length + " numbers, its embedding space "
                    + space.getDimensions() + " dimensions");
        }
        if (!Vectors.allFinite(vector)) {
            throw new UnreadableRecordException("not every number of the vector is finite");
        }
        return Row.of(vector);
    }
}
