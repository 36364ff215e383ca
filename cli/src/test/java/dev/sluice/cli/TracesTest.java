package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Label;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Vectors;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class TracesTest {
    private static final Topics TOPICS = Topics.ofDefaults();
    private static final ByteBuffer VECTOR = Vectors.toBytes(new float[] {1, 2});

    private final Traces traces = new Traces("p", TOPICS);
    private long offset;

    @Test
    void shouldHoldThePlaceUntilAnotherRecordTakesItWhenTheTopicIsCompacted() {
        traces.about(record(TOPICS.labels(), 0, "p", label(null)));
        traces.about(record(TOPICS.labels(), 1, "p", label(null)));
        traces.about(record(TOPICS.labels(), 2, "x", label("p")));
        traces.about(record(TOPICS.labels(), 2, "y", label("p")));
        traces.about(record(TOPICS.labels(), 1, "p", null));
        traces.about(record(TOPICS.labels(), 2, "y", label("q")));

        assertThat(traces.compacted())
                .containsExactlyInAnyOrder(new Traces.Place("labels", 0, "p"), new Traces.Place("labels", 2, "x"));
    }

    @Test
    void shouldLeaveOutAnotherPostWhenItsRecordLiesUnderTheKey() {
        traces.about(record(TOPICS.labels(), 0, "p", label("q")));

        assertThat(traces.compacted()).isEmpty();
    }

    @Test
    void shouldKnowThePostByItsPlaceWhenItHasNoIdOfItsOwn() {
        traces.about(record(TOPICS.embeddedPosts(), 0, "p", embedded("p", new Source("posts", 0, 1L))));
        offset = 0;
        traces.beside(
                record(TOPICS.posts(), 0, null, Post.newBuilder().setText("a").build()));
        traces.beside(
                record(TOPICS.posts(), 0, null, Post.newBuilder().setText("b").build()));
        traces.beside(
                record(TOPICS.posts(), 1, null, Post.newBuilder().setText("c").build()));

        assertThat(traces.expiring().get("posts")).isEqualTo(new Traces.Expiring(1, Instant.ofEpochMilli(1)));
        assertThat(traces.waiting()).isZero();
    }

    @Test
    void shouldCountPostsThatWaitWhenTheyWereNeitherEmbeddedNorRejected() {
        for (int i = 0; i < 3; i++) {
            traces.beside(record(
                    TOPICS.posts(), 0, "p", Post.newBuilder().setText("a").build()));
        }
        assertThat(traces.waiting()).isEqualTo(3);

        Topic<Post> rejected = Rejections.deadLettersOf(TOPICS.posts());
        traces.beside(new ConsumerRecord<>(rejected.name(), 0, 0, "p".getBytes(UTF_8), new byte[] {1}));
        assertThat(traces.waiting()).isEqualTo(2);
    }

    @Test
    void shouldKnowSinceWhenItMayHaveBeenLearnedWhenItWasAnExample() {
        traces.about(record(TOPICS.embeddedPosts(), 0, "p", embedded("p", new Source("posts", 0, 1L))));
        assertThat(traces.labelledSince()).isEmpty();

        traces.about(record(TOPICS.labeledVectors(), 0, "p", embedded("p", new Source("posts", 0, 1L))));
        assertThat(traces.labelledSince()).isEqualTo(Optional.of(TestModels.TIME));
        assertThat(traces.isVector(VECTOR.duplicate())).isTrue();
        assertThat(traces.isVector(Vectors.toBytes(new float[] {1, 3}))).isFalse();
    }

    private <V extends SpecificRecord> ConsumerRecord<byte[], byte[]> record(
            Topic<V> topic, int partition, String key, V value) {
        return new ConsumerRecord<>(
                topic.name(),
                partition,
                offset,
                offset++,
                TimestampType.CREATE_TIME,
                0,
                0,
                key == null ? null : key.getBytes(UTF_8),
                value == null ? null : topic.codec().encode(value),
                new RecordHeaders(),
                Optional.empty());
    }

    private static Label label(String postId) {
        return Label.newBuilder().setPostId(postId).setLabel("a").build();
    }

    private static EmbeddedPost embedded(String id, Source source) {
        return EmbeddedPost.newBuilder()
                .setPost(Post.newBuilder().setId(id).build())
                .setSource(source)
                .setText("a")
                .setEmbedding(VECTOR.duplicate())
                .setSpace(TestModels.SPACE)
                .setEmbeddedAt(TestModels.TIME)
                .build();
    }
}
