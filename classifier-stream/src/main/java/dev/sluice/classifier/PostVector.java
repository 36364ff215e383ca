package dev.sluice.classifier;

import dev.sluice.runtime.RecordLimits;
import dev.sluice.schemas.AlternativeEmbedding;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import dev.sluice.schemas.Vectors;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An embedded post that both topologies may trust: it has an id, and its vectors are what their embedding spaces say.
 *
 * <p>While one embedding model takes the place of another, a post comes with a vector in each space. One that is not sound
 * costs the post if it is the first, as it always did; another is left out, so that what reads the first answers on.
 */
final class PostVector {
    private static final Logger LOG = LoggerFactory.getLogger(PostVector.class);

    private final String id;
    private final EmbeddedPost post;
    private final Map<String, float[]> vectors;

    private PostVector(String id, EmbeddedPost post, Map<String, float[]> vectors) {
        this.id = id;
        this.post = post;
        this.vectors = vectors;
    }

    /** @throws UnreadableRecordException with the reason, if the record can never be classified or learned from */
    static PostVector read(RecordCodec<EmbeddedPost> codec, byte[] key, byte[] value, Iterable<Header> headers) {
        RecordLimits.check(key, value, headers, Topics.MAX_NESTED_POST_BYTES);
        EmbeddedPost post = codec.decode(value);
        RecordLimits.check(post.getPost());
        RecordLimits.checkText(post.getText());
        Map<String, float[]> vectors = vectorsOf(post);
        return post.getPost()
                .getId()
                .map(id -> new PostVector(id, post, vectors))
                .orElseGet(() -> named(post, key, vectors));
    }

    private static Map<String, float[]> vectorsOf(EmbeddedPost post) {
        float[] first = vectorOf(post.getEmbedding(), post.getSpace());
        String space = EmbeddingSpaces.idOf(post.getSpace());
        if (post.getAlternatives().isEmpty()) {
            return Map.of(space, first);
        }
        Map<String, float[]> vectors = new HashMap<>();
        vectors.put(space, first);
        for (AlternativeEmbedding other : post.getAlternatives()) {
            try {
                vectors.putIfAbsent(
                        EmbeddingSpaces.idOf(other.getSpace()), vectorOf(other.getEmbedding(), other.getSpace()));
            } catch (UnreadableRecordException e) {
                LOG.debug("left out: {}", e.getMessage());
            }
        }
        return vectors;
    }

    private static float[] vectorOf(ByteBuffer bytes, EmbeddingSpace space) {
        float[] vector = Vectors.fromBytes(bytes);
        if (vector.length != space.getDimensions()) {
            throw new UnreadableRecordException("the vector has " + vector.length + " numbers, its embedding space "
                    + space.getDimensions() + " dimensions");
        }
        if (!Vectors.allFinite(vector)) {
            throw new UnreadableRecordException("the vector holds a number that is not finite");
        }
        return vector;
    }

    private static PostVector named(EmbeddedPost post, byte[] key, Map<String, float[]> vectors) {
        if (key == null) {
            throw new UnreadableRecordException("the post has no id, and the record no key to take its place");
        }
        String id = new String(key, StandardCharsets.UTF_8);
        Post named = Post.newBuilder(post.getPost()).setId(id).build();
        return new PostVector(id, EmbeddedPost.newBuilder(post).setPost(named).build(), vectors);
    }

    /** The post's own, else the record's key. */
    String id() {
        return id;
    }

    /** The post; its id is always set. */
    EmbeddedPost post() {
        return post;
    }

    /**
     * The post's vector in an embedding space, if it has one there: as many finite numbers as the space has dimensions,
     * not to be changed.
     *
     * @param spaceId canonical id, see {@link EmbeddingSpaces#idOf}
     */
    Optional<float[]> in(String spaceId) {
        return Optional.ofNullable(vectors.get(spaceId));
    }

    byte[] key() {
        return id.getBytes(StandardCharsets.UTF_8);
    }
}
