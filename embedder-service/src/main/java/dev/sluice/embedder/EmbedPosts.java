package dev.sluice.embedder;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.UnreadableRecordException;
import dev.sluice.schemas.Vectors;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Records in, one outcome for each, in their order. The texts of all records go to the model together; if it refuses them,
 * halves are tried, and so on, until the culprits stand alone and only they become dead letters.
 */
final class EmbedPosts {
    /** Nobody can object to this; a provider that does is set up wrongly, and the posts are not to blame. */
    private static final List<String> HARMLESS = List.of("How long is a day on the station?");

    private final Topic<Post> posts;
    private final Topic<EmbeddedPost> embeddedPosts;
    private final PostText text;
    private final EmbeddingModel model;
    private final Clock clock;

    EmbedPosts(Topic<Post> posts, Topic<EmbeddedPost> embeddedPosts, PostText text, EmbeddingModel model, Clock clock) {
        this.posts = posts;
        this.embeddedPosts = embeddedPosts;
        this.text = text;
        this.model = model;
        this.clock = clock;
    }

    private record Draft(int position, ConsumerRecord<byte[], byte[]> record, Post post, String text) {}

    /**
     * @throws ProviderUnavailableException if the model cannot answer now; nothing is lost, call again
     * @throws ProviderMisconfiguredException if it will not answer as it is set up
     */
    List<Outcome> of(List<ConsumerRecord<byte[], byte[]>> records) throws InterruptedException {
        Outcome[] outcomes = new Outcome[records.size()];
        List<Draft> drafts = new ArrayList<>();
        for (int i = 0; i < outcomes.length; i++) {
            ConsumerRecord<byte[], byte[]> record = records.get(i);
            try {
                Post post = posts.codec().decode(record.value());
                drafts.add(new Draft(i, record, withId(post, record), text.of(post)));
            } catch (UnreadableRecordException | UnusablePostException e) {
                outcomes[i] = Outcome.refused(record, e);
            }
        }
        embed(drafts, outcomes);
        return List.of(outcomes);
    }

    private static Post withId(Post post, ConsumerRecord<byte[], byte[]> record) {
        return Post.newBuilder(post).setId(PostIds.of(post, record)).build();
    }

    private void embed(List<Draft> drafts, Outcome[] outcomes) throws InterruptedException {
        if (drafts.isEmpty()) {
            return;
        }
        try {
            List<float[]> vectors = model.embed(drafts.stream().map(Draft::text).toList());
            for (int i = 0; i < drafts.size(); i++) {
                Draft draft = drafts.get(i);
                outcomes[draft.position()] = Outcome.embedded(draft.record(), output(draft, vectors.get(i)));
            }
        } catch (TextRefusedException e) {
            if (drafts.size() == 1) {
                checkThatTheModelTakesAnyText();
                outcomes[drafts.get(0).position()] =
                        Outcome.refused(drafts.get(0).record(), e);
            } else {
                int half = drafts.size() / 2;
                embed(drafts.subList(0, half), outcomes);
                embed(drafts.subList(half, drafts.size()), outcomes);
            }
        }
    }

    /** Else a wrong setting that the provider blames on the texts would send every post to the dead letters. */
    private void checkThatTheModelTakesAnyText() throws InterruptedException {
        try {
            model.embed(HARMLESS);
        } catch (TextRefusedException e) {
            throw new ProviderMisconfiguredException(
                    "the provider refuses even a plain sentence: " + e.getMessage(), e);
        }
    }

    private ProducerRecord<byte[], byte[]> output(Draft draft, float[] vector) {
        ConsumerRecord<byte[], byte[]> record = draft.record();
        EmbeddedPost embedded = EmbeddedPost.newBuilder()
                .setPost(draft.post())
                .setSource(new Source(record.topic(), record.partition(), record.offset()))
                .setText(draft.text())
                .setEmbedding(Vectors.toBytes(vector))
                .setSpace(model.space())
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
