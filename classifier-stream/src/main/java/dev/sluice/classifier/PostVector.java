package dev.sluice.classifier;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.UnreadableRecordException;
import dev.sluice.schemas.Vectors;
import java.nio.charset.StandardCharsets;

/** An embedded post that both topologies may trust: it has an id, and its vector is what its embedding space says. */
final class PostVector {
    private final String id;
    private final EmbeddedPost post;
    private final float[] vector;

    private PostVector(String id, EmbeddedPost post, float[] vector) {
        this.id = id;
        this.post = post;
        this.vector = vector;
    }

    /** @throws UnreadableRecordException with the reason, if the record can never be classified or learned from */
    static PostVector read(RecordCodec<EmbeddedPost> codec, byte[] key, byte[] value) {
        EmbeddedPost post = codec.decode(value);
        float[] vector = Vectors.fromBytes(post.getEmbedding());
        int dimensions = post.getSpace().getDimensions();
        if (vector.length != dimensions) {
            throw new UnreadableRecordException(
                    "the vector has " + vector.length + " numbers, its embedding space " + dimensions + " dimensions");
        }
        if (!Vectors.allFinite(vector)) {
            throw new UnreadableRecordException("the vector holds a number that is not finite");
        }
        return post.getPost()
                .getId()
                .map(id -> new PostVector(id, post, vector))
                .orElseGet(() -> named(post, key, vector));
    }

    private static PostVector named(EmbeddedPost post, byte[] key, float[] vector) {
        if (key == null) {
            throw new UnreadableRecordException("the post has no id, and the record no key to take its place");
        }
        String id = new String(key, StandardCharsets.UTF_8);
        Post named = Post.newBuilder(post.getPost()).setId(id).build();
        return new PostVector(id, EmbeddedPost.newBuilder(post).setPost(named).build(), vector);
    }

    /** The post's own, else the record's key. */
    String id() {
        return id;
    }

    /** The post; its id is always set. */
    EmbeddedPost post() {
        return post;
    }

    /** As many finite numbers as the space has dimensions; not to be changed. */
    float[] vector() {
        return vector;
    }

    byte[] key() {
        return id.getBytes(StandardCharsets.UTF_8);
    }
}
