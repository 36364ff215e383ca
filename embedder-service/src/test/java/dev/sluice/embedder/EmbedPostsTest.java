package dev.sluice.embedder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Vectors;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class EmbedPostsTest {
    private static final Topics TOPICS = Topics.ofDefaults();
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00.123Z");

    private final FakeEmbeddingModel model = new FakeEmbeddingModel();
    private final EmbedPosts embedPosts = new EmbedPosts(
            TOPICS.posts(),
            TOPICS.embeddedPosts(),
            new PostText(5000),
            model,
            Clock.fixed(NOW.plusNanos(456_789), ZoneOffset.UTC));

    private static ConsumerRecord<byte[], byte[]> record(long offset, String value) {
        return new ConsumerRecord<>(
                "posts", 1, offset, ("k" + offset).getBytes(UTF_8), value == null ? null : value.getBytes(UTF_8));
    }

    private static ConsumerRecord<byte[], byte[]> post(long offset, String text) {
        return record(offset, "{\"text\":\"" + text + "\"}");
    }

    private static EmbeddedPost embedded(Outcome outcome) {
        assertThat(outcome.refusal()).isEmpty();
        return TOPICS.embeddedPosts().codec().decode(outcome.output().value());
    }

    @Test
    void shouldNestThePostAndAddItsVectorWhenAllIsWell() throws Exception {
        ConsumerRecord<byte[], byte[]> record = record(7, "{\"text\":\"Ann ann@a.org\",\"label\":\"x\"}");
        record.headers().add("trace", "t".getBytes(UTF_8));

        Outcome outcome = embedPosts.of(List.of(record)).get(0);

        EmbeddedPost embedded = embedded(outcome);
        assertThat(embedded.getPost().getId()).contains("k7");
        assertThat(embedded.getPost().getLabel()).contains("x");
        assertThat(embedded.getPost().getText()).contains("Ann ann@a.org");
        assertThat(embedded.getText()).isEqualTo("Ann ");
        assertThat(embedded.getSource()).isEqualTo(new Source("posts", 1, 7L));
        assertThat(Vectors.fromBytes(embedded.getEmbedding())).containsExactly(4, 1);
        assertThat(embedded.getSpace()).isEqualTo(FakeEmbeddingModel.SPACE);
        assertThat(embedded.getEmbeddedAt()).isEqualTo(NOW);
        assertThat(outcome.output().topic()).isEqualTo("embedded-posts");
        assertThat(outcome.output().key()).isEqualTo("k7".getBytes(UTF_8));
        assertThat(outcome.output().timestamp()).isNull(); // the time it is produced
        assertThat(outcome.output().headers().lastHeader("trace").value()).isEqualTo("t".getBytes(UTF_8));
    }

    @Test
    void shouldCallTheModelOnceWhenThereAreSeveralPosts() throws Exception {
        List<Outcome> outcomes = embedPosts.of(List.of(post(0, "a"), post(1, "bb"), post(2, "ccc")));

        assertThat(model.calls).containsExactly(List.of("a", "bb", "ccc"));
        assertThat(outcomes)
                .extracting(it -> Vectors.fromBytes(embedded(it).getEmbedding())[0])
                .containsExactly(1f, 2f, 3f);
    }

    @Test
    void shouldRefuseOnlyTheUnusableWhenTheyStandAmongOthers() throws Exception {
        List<Outcome> outcomes = embedPosts.of(List.of(
                record(0, "garbage"),
                post(1, "good"),
                record(2, "{\"text\":[1]}"),
                record(3, null),
                record(4, "{}"),
                post(5, " "),
                post(6, "good too")));

        assertThat(model.calls).containsExactly(List.of("good", "good too"));
        assertThat(outcomes).extracting(it -> it.record().offset()).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(outcomes)
                .extracting(it -> it.refusal().isPresent())
                .containsExactly(true, false, true, true, true, true, false);
        assertThat(outcomes.get(0).output().topic()).isEqualTo("posts.dead-letter");
        assertThat(outcomes.get(0).output().value()).isEqualTo("garbage".getBytes(UTF_8));
    }

    @Test
    void shouldNotCallTheModelWhenNoPostIsUsable() throws Exception {
        assertThat(embedPosts.of(List.of(record(0, "garbage")))).hasSize(1);
        assertThat(model.calls).isEmpty();
    }

    @Test
    void shouldFindTheRefusedTextsWhenTheModelRefusesTheBatch() throws Exception {
        for (int bad = 0; bad < 7; bad++) {
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                records.add(post(i, i == bad || i == 6 ? "refuse me" : "good"));
            }
            int first = bad;

            List<Outcome> outcomes = embedPosts.of(records);

            assertThat(IntStream.range(0, 7)
                            .filter(i -> outcomes.get(i).refusal().isPresent())
                            .boxed())
                    .containsExactlyElementsOf(first == 6 ? List.of(6) : List.of(first, 6));
            assertThat(new String(
                            outcomes.get(6)
                                    .output()
                                    .headers()
                                    .lastHeader(DeadLetters.MESSAGE)
                                    .value(),
                            UTF_8))
                    .isEqualTo("refused by the fake");
        }
    }

    @Test
    void shouldBlameTheSettingsWhenTheModelRefusesEverything() {
        model.refusesAll = true;

        assertThatThrownBy(() -> embedPosts.of(List.of(post(0, "good"), post(1, "good"))))
                .isInstanceOf(ProviderMisconfiguredException.class)
                .hasMessageContaining("refuses even a plain sentence");
    }

    @Test
    void shouldPassOnTheFailureWhenTheModelIsAway() {
        model.failures.add(new ProviderUnavailableException("away"));

        assertThatThrownBy(() -> embedPosts.of(List.of(post(0, "good"), record(1, "garbage"))))
                .isInstanceOf(ProviderUnavailableException.class);
    }

    @Test
    void shouldFallBackToADeadLetterAndThenToItsReasonWhenKafkaTakesNothingSoLarge() throws Exception {
        Outcome outcome = embedPosts.of(List.of(post(9, "good"))).get(0);

        Outcome letter = outcome.tooLarge();
        Outcome reason = letter.tooLarge();

        assertThat(letter.output().topic()).isEqualTo("posts.dead-letter");
        assertThat(letter.output().value()).isEqualTo("{\"text\":\"good\"}".getBytes(UTF_8));
        assertThat(reason.output().topic()).isEqualTo("posts.dead-letter");
        assertThat(reason.output().value()).isNull();
        assertThat(new String(
                        reason.output().headers().lastHeader(DeadLetters.OFFSET).value(), UTF_8))
                .isEqualTo("9");
    }
}
