package dev.sluice.embedder;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Vectors;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** From a record to a {@link Draft}, and from there, with the model's answer, to its {@link Outcome}. */
final class Drafts {
    private final Topic<Post> posts;
    private final Topic<EmbeddedPost> embeddedPosts;
    private final PostText text;
    private final EmbeddingSpace space;
    private final Clock clock;

    Drafts(Topic<Post> posts, Topic<EmbeddedPost> embeddedPosts, PostText text, EmbeddingSpace space, Clock clock) {
        this.posts = posts;
        this.embeddedPosts = embeddedPosts;
        this.text = text;
        this.space = space;
        this.clock = clock;
    }

    /**
     * @throws dev.sluice.schemas.UnreadableRecordException if the record is no post
     * @throws UnusablePostException if it has no text
     */
    Draft of(ConsumerRecord<byte[], byte[]> record) {
        Post post = posts.codec().decode(record.value());
        return new Draft(
                record, Post.newBuilder(post).setId(PostIds.of(post, record)).build(), text.of(post));
    }

    Outcome outcome(Draft draft, Answer answer) {
        return answer.vector()
                .map(vector -> Outcome.embedded(draft.record(), embedded(draft, vector)))
                .orElseGet(
                        () -> Outcome.refused(draft.record(), answer.refusal().orElseThrow()));
    }

    private ProducerRecord<byte[], byte[]> embedded(Draft draft, float[] vector) {
        ConsumerRecord<byte[], byte[]> record = draft.record();
        EmbeddedPost embedded = EmbeddedPost.newBuilder()
                .setPost(draft.post())
                .setSource(new Source(record.topic(), record.partition(), record.offset()))
                .setText(draft.text())
                .setEmbedding(Vectors.toBytes(vector))
                .setSpace(space)
                .setEmbeddedAt(clock.instant().truncatedTo(ChronoUnit.MILLIS))
                .build();
        return new ProducerRecord<>(
                embeddedPosts.name(),
                null,
                draft.post().getId().orElseThrow().getBytes(StandardCharsets.UTF_8),
                embeddedPosts.codec().encode(embedded),
                record.headers());
    }
}
