package dev.sluice.embedder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.runtime.RecordLimits;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import dev.sluice.schemas.Vectors;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DraftsTest {
    private static final Topics TOPICS = Topics.ofDefaults();
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00.123Z");

    private final Drafts drafts = new Drafts(
            TOPICS.posts(),
            TOPICS.embeddedPosts(),
            new PostText(5000),
            List.of(FakeEmbeddingModel.SPACE),
            DeadLetters.of("embedder", TOPICS, Clock.systemUTC()),
            Clock.fixed(NOW.plusNanos(456_789), ZoneOffset.UTC));

    private static ConsumerRecord<byte[], byte[]> record(String value) {
        return new ConsumerRecord<>("posts", 1, 7, "k7".getBytes(UTF_8), value.getBytes(UTF_8));
    }

    @Test
    void shouldNestThePostAndAddItsVectorWhenAllIsWell() {
        ConsumerRecord<byte[], byte[]> record = record("{\"text\":\"Ann ann@a.org\",\"label\":\"x\"}");
        record.headers().add("trace", "t".getBytes(UTF_8));

        Outcome outcome = drafts.outcome(drafts.of(record), Answer.of(new float[] {4, 1}));

        EmbeddedPost embedded =
                TOPICS.embeddedPosts().codec().decode(outcome.output().value());
        assertThat(outcome.refusal()).isEmpty();
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
    void shouldWriteWhatTheNextServiceTakesWhenThePostHasAsManyHeadersAsItMay() {
        ConsumerRecord<byte[], byte[]> record = record("{\"text\":\"good\"}");
        for (int i = 0; i < RecordLimits.MAX_HEADERS; i++) {
            record.headers().add("h", new byte[RecordLimits.MAX_HEADER_BYTES / RecordLimits.MAX_HEADERS - 1]);
        }

        var output =
                drafts.outcome(drafts.of(record), Answer.of(new float[] {4, 1})).output();

        assertThat(output.headers().toArray()).hasSize(RecordLimits.MAX_HEADERS + 1); // the time
        RecordLimits.check(output.key(), output.value(), output.headers(), Topics.MAX_NESTED_POST_BYTES);
    }

    @Test
    void shouldForgetHowOftenThePostWasSentAgainWhenItIsEmbedded() {
        ConsumerRecord<byte[], byte[]> record = record("{\"text\":\"good\"}");
        record.headers().add(DeadLetters.REDRIVES, "3".getBytes(UTF_8));
        Draft draft = drafts.of(record);

        Outcome embedded = drafts.outcome(draft, Answer.of(new float[] {4, 1}));
        Outcome refused = drafts.outcome(draft, Answer.refused(new TextRefusedException("not this one")));

        assertThat(embedded.output().headers().headers(DeadLetters.REDRIVES)).isEmpty();
        assertThat(refused.output().headers().lastHeader(DeadLetters.REDRIVES).value())
                .isEqualTo("3".getBytes(UTF_8));
    }

    @Test
    void shouldMakeADeadLetterWithTheReasonWhenTheTextIsRefused() {
        Outcome outcome = drafts.outcome(
                drafts.of(record("{\"text\":\"good\"}")), Answer.refused(new TextRefusedException("not this one")));

        assertThat(outcome.refusal()).isPresent();
        assertThat(outcome.output().topic()).isEqualTo("posts.dead-letter");
        assertThat(outcome.output().headers().lastHeader(DeadLetters.MESSAGE).value())
                .isEqualTo("not this one".getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"garbage", "{\"text\":[1]}", "", "{\"label\":\"x\"}", "{\"text\":\" \"}"})
    void shouldRefuseWhenTheRecordIsNoPostOrHasNoText(String value) {
        assertThatThrownBy(() -> drafts.of(record(value)))
                .isInstanceOfAny(UnreadableRecordException.class, UnusablePostException.class);
    }

    @Test
    void shouldFallBackToADeadLetterAndThenToItsReasonWhenKafkaTakesNothingSoLarge() {
        Outcome outcome = drafts.outcome(drafts.of(record("{\"text\":\"good\"}")), Answer.of(new float[] {4, 1}));

        Outcome letter = outcome.tooLarge();
        Outcome reason = letter.tooLarge();

        assertThat(letter.output().topic()).isEqualTo("posts.dead-letter");
        assertThat(letter.output().value()).isEqualTo("{\"text\":\"good\"}".getBytes(UTF_8));
        assertThat(reason.output().topic()).isEqualTo("posts.dead-letter");
        assertThat(reason.output().value()).isNull();
        assertThat(reason.output().headers().lastHeader(DeadLetters.OFFSET).value())
                .isEqualTo("7".getBytes(UTF_8));
    }

    @Test
    void shouldTakeTheVectorApartWhenItIsOfTwoSpaces() {
        EmbeddingSpace next = EmbeddingSpace.newBuilder(FakeEmbeddingModel.SPACE)
                .setModel("next")
                .setDimensions(3)
                .build();
        Drafts inBoth = new Drafts(
                TOPICS.posts(),
                TOPICS.embeddedPosts(),
                new PostText(5000),
                List.of(FakeEmbeddingModel.SPACE, next),
                DeadLetters.of("embedder", TOPICS, Clock.systemUTC()),
                Clock.systemUTC());
        Draft draft = inBoth.of(record("{\"text\":\"good\"}"));

        EmbeddedPost both = decoded(inBoth.outcome(draft, Answer.of(new float[] {4, 1, 7, 8, 9})));
        EmbeddedPost first = decoded(inBoth.outcome(draft, Answer.of(new float[] {4, 1})));

        assertThat(Vectors.fromBytes(both.getEmbedding())).containsExactly(4, 1);
        assertThat(both.getSpace()).isEqualTo(FakeEmbeddingModel.SPACE);
        assertThat(both.getAlternatives()).singleElement().satisfies(other -> {
            assertThat(other.getSpace()).isEqualTo(next);
            assertThat(Vectors.fromBytes(other.getEmbedding())).containsExactly(7, 8, 9);
        });
        assertThat(first.getAlternatives()).isEmpty();
    }

    private static EmbeddedPost decoded(Outcome outcome) {
        return TOPICS.embeddedPosts().codec().decode(outcome.output().value());
    }
}
