package dev.sluice.embedder;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.runtime.PostedAt;
import dev.sluice.runtime.RecordLimits;
import dev.sluice.schemas.AlternativeEmbedding;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Vectors;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;

/** From a record to a {@link Draft}, and from there, with the model's answer, to its {@link Outcome}. */
final class Drafts {
    private final Topic<Post> posts;
    private final Topic<EmbeddedPost> embeddedPosts;
    private final PostText text;
    private final List<EmbeddingSpace> spaces;
    private final DeadLetters letters;
    private final Clock clock;

    /** @param spaces of a vector's parts, in their order; see {@link EmbeddingRoute#spaces} */
    Drafts(
            Topic<Post> posts,
            Topic<EmbeddedPost> embeddedPosts,
            PostText text,
            List<EmbeddingSpace> spaces,
            DeadLetters letters,
            Clock clock) {
        this.posts = posts;
        this.embeddedPosts = embeddedPosts;
        this.text = text;
        this.spaces = List.copyOf(spaces);
        this.letters = letters;
        this.clock = clock;
    }

    /**
     * @throws dev.sluice.schemas.UnreadableRecordException if the record is no post, or beyond {@link RecordLimits}
     * @throws UnusablePostException if it has no text
     */
    Draft of(ConsumerRecord<byte[], byte[]> record) {
        RecordLimits.check(record.key(), record.value(), record.headers(), Topics.MAX_POST_BYTES);
        Post post = posts.codec().decode(record.value());
        RecordLimits.check(post);
        return new Draft(
                record, Post.newBuilder(post).setId(PostIds.of(post, record)).build(), text.of(post));
    }

    /** It leaves with a reason. */
    Outcome refused(ConsumerRecord<byte[], byte[]> record, Exception reason) {
        return Outcome.refused(letters, record, reason);
    }

    Outcome outcome(Draft draft, Answer answer) {
        return answer.vector()
                .map(vector -> Outcome.embedded(letters, draft.record(), embedded(draft, vector)))
                .orElseGet(() -> refused(draft.record(), answer.refusal().orElseThrow()));
    }

    private ProducerRecord<byte[], byte[]> embedded(Draft draft, float[] vector) {
        ConsumerRecord<byte[], byte[]> record = draft.record();
        EmbeddingSpace first = spaces.get(0);
        EmbeddedPost embedded = EmbeddedPost.newBuilder()
                .setPost(draft.post())
                .setSource(new Source(record.topic(), record.partition(), record.offset()))
                .setText(draft.text())
                .setEmbedding(Vectors.toBytes(Arrays.copyOf(vector, first.getDimensions())))
                .setSpace(first)
                .setAlternatives(alternatives(vector))
                .setEmbeddedAt(clock.instant().truncatedTo(ChronoUnit.MILLIS))
                .build();
        return new ProducerRecord<>(
                embeddedPosts.name(),
                null,
                draft.post().getId().orElseThrow().getBytes(StandardCharsets.UTF_8),
                embeddedPosts.codec().encode(embedded),
                headers(record));
    }

    /** As they came, with the time. How often the post was sent again says nothing of the record that is made of it. */
    private static Headers headers(ConsumerRecord<byte[], byte[]> record) {
        return PostedAt.added(record.headers(), record.timestamp()).remove(DeadLetters.REDRIVES);
    }

    /** What stands in the vector behind the first space's numbers. */
    private List<AlternativeEmbedding> alternatives(float[] vector) {
        List<AlternativeEmbedding> alternatives = new ArrayList<>();
        int from = spaces.get(0).getDimensions();
        for (EmbeddingSpace space : spaces.subList(1, spaces.size())) {
            int to = from + space.getDimensions();
            if (to <= vector.length) {
                alternatives.add(
                        new AlternativeEmbedding(Vectors.toBytes(Arrays.copyOfRange(vector, from, to)), space));
            }
            from = to;
        }
        return alternatives;
    }
}
