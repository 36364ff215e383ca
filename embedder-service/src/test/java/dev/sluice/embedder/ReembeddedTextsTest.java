package dev.sluice.embedder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.AlternativeEmbedding;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Vectors;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class ReembeddedTextsTest {
    private static final Topics TOPICS = Topics.ofDefaults();
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    private final SpaceModel present = new SpaceModel("present");
    private final SpaceModel next = new SpaceModel("next");
    private final ReembeddedTexts texts =
            new ReembeddedTexts(List.of(TOPICS), present, next, List::size, Clock.fixed(NOW, ZoneOffset.UTC));

    static EmbeddingSpace space(String model) {
        return EmbeddingSpace.newBuilder(FakeEmbeddingModel.SPACE)
                .setModel(model)
                .build();
    }

    /** A fake of a space of its own. */
    private static final class SpaceModel implements EmbeddingModel {
        final FakeEmbeddingModel model = new FakeEmbeddingModel();
        final EmbeddingSpace space;

        SpaceModel(String name) {
            space = ReembeddedTextsTest.space(name);
        }

        @Override
        public EmbeddingSpace space() {
            return space;
        }

        @Override
        public List<float[]> embed(List<String> texts) {
            return model.embed(texts);
        }

        @Override
        public void close() {
            model.close();
        }
    }

    private static EmbeddedPost.Builder labelled(String text, String space) {
        return EmbeddedPost.newBuilder()
                .setPost(Post.newBuilder()
                        .setId("p")
                        .setText(text + " <a@b.c>")
                        .setLabel("spam")
                        .build())
                .setSource(new Source("posts", 0, 7L))
                .setText(text)
                .setEmbedding(Vectors.toBytes(new float[] {9, 9}))
                .setSpace(space(space))
                .setEmbeddedAt(Instant.EPOCH);
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset, EmbeddedPost.Builder post) {
        return record(offset, TOPICS.labeledVectors().codec().encode(post.build()));
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset, byte[] value) {
        return new ConsumerRecord<>("labeled-vectors", 1, offset, ("k" + offset).getBytes(UTF_8), value);
    }

    private static EmbeddedPost decoded(ReembeddedTexts.Output output) {
        return TOPICS.reembeddedVectors().codec().decode(output.record().value());
    }

    @Test
    void shouldMakeAVectorOfTheNextSpaceWhenThereIsNone() throws Exception {
        List<ReembeddedTexts.Output> outputs = texts.of(List.of(record(3, labelled("hello", "present"))));

        assertThat(outputs).singleElement().satisfies(output -> {
            assertThat(output.partition().partition()).isEqualTo(1);
            assertThat(output.record().topic()).isEqualTo("reembedded-vectors");
            assertThat(output.record().key()).isEqualTo("k3".getBytes(UTF_8));
            EmbeddedPost again = decoded(output);
            assertThat(again.getSpace()).isEqualTo(space("next"));
            assertThat(Vectors.fromBytes(again.getEmbedding())).containsExactly(5, 1);
            assertThat(again.getText()).isEqualTo("hello");
            assertThat(again.getEmbeddedAt()).isEqualTo(NOW);
            assertThat(again.getAlternatives()).isEmpty();
            assertThat(again.getPost().getText())
                    .as("no copy of the post itself")
                    .isEmpty();
        });
        assertThat(present.model.calls).isEmpty();
    }

    @Test
    void shouldAskForNothingWhenTheVectorIsThereOrThePostWithdrawn() throws Exception {
        List<ReembeddedTexts.Output> outputs = texts.of(List.of(
                record(1, labelled("a", "next")),
                record(
                        2,
                        labelled("b", "present")
                                .setAlternatives(List.of(
                                        new AlternativeEmbedding(Vectors.toBytes(new float[] {1, 2}), space("next"))))),
                record(3, (byte[]) null),
                record(4, "garbage".getBytes(UTF_8)),
                record(5, labelled(" ", "present"))));

        assertThat(outputs).singleElement().satisfies(output -> {
            assertThat(output.record().key()).isEqualTo("k3".getBytes(UTF_8));
            assertThat(output.record().value()).isNull();
        });
        assertThat(next.model.calls).isEmpty();
    }

    @Test
    void shouldMakeBothVectorsWhenThePostIsOlderThanThePresentModelToo() throws Exception {
        EmbeddedPost again =
                decoded(texts.of(List.of(record(1, labelled("abc", "oldest")))).get(0));

        assertThat(again.getSpace()).isEqualTo(space("next"));
        assertThat(again.getAlternatives()).singleElement().satisfies(other -> {
            assertThat(other.getSpace()).isEqualTo(space("present"));
            assertThat(Vectors.fromBytes(other.getEmbedding())).containsExactly(3, 1);
        });
    }

    @Test
    void shouldAskOnceWhenTheNextModelIsThePresentOne() throws Exception {
        ReembeddedTexts same = new ReembeddedTexts(List.of(TOPICS), next, next, List::size, Clock.systemUTC());

        EmbeddedPost again =
                decoded(same.of(List.of(record(1, labelled("abc", "gone")))).get(0));

        assertThat(again.getAlternatives()).isEmpty();
        assertThat(next.model.calls).hasSize(1);
    }

    @Test
    void shouldMakeADeadLetterOfTheOneWhenTheNextModelRefusesIt() throws Exception {
        List<ReembeddedTexts.Output> outputs =
                texts.of(List.of(record(1, labelled("refuse me", "present")), record(2, labelled("good", "present"))));

        assertThat(outputs)
                .extracting(output -> output.record().topic())
                .containsExactly("labeled-vectors.dead-letter", "reembedded-vectors");
    }
}
