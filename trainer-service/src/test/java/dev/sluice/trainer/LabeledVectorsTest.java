package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.MockProducer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabeledVectorsTest {
    private final Topic<EmbeddedPost> topic = Topics.ofDefaults().labeledVectors();
    private final Topic<EmbeddedPost> again = Topics.ofDefaults().reembeddedVectors();
    private final MockTopics kafka = new MockTopics(topic.name(), 2).beside(again.name());
    private final MockProducer<byte[], byte[]> dead = MockTopics.producer();
    private final LabeledVectors vectors = new LabeledVectors(
            kafka.consumer,
            topic,
            again,
            new DeadLetterBox(
                    dead, DeadLetters.of("trainer", Topics.ofDefaults(), Clock.systemUTC()), new SimpleMeterRegistry()),
            new Examples(false, Given.file()));

    @BeforeEach
    void begin() {
        vectors.begin();
    }

    private byte[] encoded(EmbeddedPost.Builder post) {
        return topic.codec().encode(post.build());
    }

    private void poll() {
        vectors.poll(Duration.ZERO);
    }

    private List<Example> learnable() {
        return vectors.examples().snapshot().map(Examples.Snapshot::learnable).orElse(List.of());
    }

    private String reason() {
        return new String(
                dead.history().get(0).headers().lastHeader(DeadLetters.MESSAGE).value(), StandardCharsets.UTF_8);
    }

    @Test
    void shouldKeepTheLastRecordWhenAKeyComesTwice() {
        kafka.add(0, "p", encoded(Given.embedded("p", "old", Split.TRAIN, 1)));
        kafka.add(0, "p", encoded(Given.embedded("p", "new", Split.TRAIN, 2)));
        poll();

        assertThat(learnable()).singleElement().satisfies(example -> {
            assertThat(example.label()).contains("new");
            assertThat(example.place()).isEqualTo(Given.place(0, 1));
        });
    }

    @Test
    void shouldForgetAnExampleWhenItsRecordIsEmptied() {
        kafka.add(0, "p", encoded(Given.embedded("p", "a", Split.TRAIN, 1)));
        kafka.add(0, "p", null);
        poll();

        assertThat(learnable()).isEmpty();
        assertThat(dead.history()).isEmpty();
    }

    @Test
    void shouldKnowHowFarItHasReadWhenPolled() {
        kafka.add(0, "p", encoded(Given.embedded("p", "a", Split.TRAIN, 1)));
        kafka.add(1, "q", encoded(Given.embedded("q", "a", Split.TRAIN, 1)));
        kafka.add(1, "r", null);
        assertThat(vectors.read().reaches(vectors.ends())).isFalse();

        poll();

        assertThat(vectors.read()).isEqualTo(Given.lineage(Map.of(0, 1L, 1, 2L), Map.of(0, 0L)));
        assertThat(vectors.read().reaches(vectors.ends())).isTrue();
    }

    @Test
    void shouldPutItAmongTheDeadLettersWhenTheVectorIsNotOfItsSpace() {
        kafka.add(0, "p", encoded(Given.embedded("p", "a", Split.TRAIN, 1, 2).setSpace(Given.space("m", 3))));
        poll();

        assertThat(learnable()).isEmpty();
        assertThat(reason()).contains("2 numbers").contains("3 dimensions");
    }

    @Test
    void shouldPutItAmongTheDeadLettersWhenANumberIsNotFinite() {
        kafka.add(0, "p", encoded(Given.embedded("p", "a", Split.TRAIN, 1, Float.NaN)));
        kafka.add(0, "q", encoded(Given.embedded("q", "a", Split.TRAIN, 1, Float.POSITIVE_INFINITY)));
        poll();

        assertThat(learnable()).isEmpty();
        assertThat(MockTopics.keysOf(dead)).containsExactly("p", "q");
        assertThat(reason()).contains("finite");
    }

    @Test
    void shouldPutItAmongTheDeadLettersWhenThereIsNeitherALabelNorATarget() {
        EmbeddedPost.Builder post = Given.embedded("p", "a", Split.TRAIN, 1);
        kafka.add(0, "p", encoded(post.setPost(Post.newBuilder().setId("p").build())));
        poll();

        assertThat(reason()).contains("neither a label nor a target");
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1.1e30, -1e300})
    void shouldPutItAmongTheDeadLettersWhenItsTargetIsNotFiniteOrTooLarge(double target) {
        kafka.add(0, "p", encoded(Given.embeddedNumber("p", target, Split.TRAIN, 1)));
        poll();

        assertThat(learnable()).isEmpty();
        assertThat(reason()).contains("target is " + target);
    }

    @Test
    void shouldLearnFromItWhenItHasATargetAlone() {
        kafka.add(0, "p", encoded(Given.embeddedNumber("p", -0.5, Split.TRAIN, 1)));
        poll();

        assertThat(learnable()).singleElement().satisfies(example -> {
            assertThat(example.label()).isEmpty();
            assertThat(example.target()).hasValue(-0.5);
        });
    }

    @Test
    void shouldNotLearnFromItWhenTheSplitIsUnknown() {
        kafka.add(0, "p", encoded(Given.embedded("p", "a", Split.UNKNOWN, 1)));
        poll();

        assertThat(learnable()).isEmpty();
        assertThat(reason()).contains("split");
    }

    @Test
    void shouldPutItAmongTheDeadLettersWhenItHasNoKey() {
        kafka.add(0, null, encoded(Given.embedded("p", "a", Split.TRAIN, 1)));
        poll();

        assertThat(learnable()).isEmpty();
        assertThat(reason()).contains("no key");
    }

    /** The broker may have let it through: it counts bytes as they travel, compressed. */
    @ParameterizedTest
    @CsvSource({"-1, true", "0, true", "1, false"})
    void shouldPutItAmongTheDeadLettersWhenItsValueIsTooLarge(int more, boolean learnt) {
        byte[] value = ofBytes(Topics.MAX_NESTED_POST_BYTES + more);
        kafka.add(0, "p", value);
        kafka.addBeside(again.name(), "p", value);
        poll();

        assertThat(learnable()).hasSize(learnt ? 1 : 0);
        assertThat(dead.history()).hasSize(learnt ? 0 : 2);
        assertThat(MockTopics.reasonsOf(dead)).allMatch(reason -> reason.contains("the value has " + value.length));
    }

    private byte[] ofBytes(int size) {
        EmbeddedPost.Builder post = Given.embedded("p", "a", Split.TRAIN, 1);
        byte[] value = encoded(post.setText("x".repeat(size - 1000)));
        value = encoded(post.setText("x".repeat(size - 1000 + size - value.length)));
        assertThat(value).hasSize(size);
        return value;
    }

    @Test
    void shouldKeepTheOlderExampleWhenTheNewerIsGarbage() {
        kafka.add(0, "p", encoded(Given.embedded("p", "a", Split.TRAIN, 1)));
        kafka.add(0, "p", MockTopics.bytes("garbage"));
        poll();

        assertThat(learnable()).hasSize(1);
    }

    @Test
    void shouldReportGarbageOnceWhenItBeginsAgain() {
        kafka.add(0, "p", MockTopics.bytes("garbage"));
        poll();

        vectors.begin();
        kafka.add(0, 0, "p", MockTopics.bytes("garbage"));
        kafka.add(0, 1, "q", MockTopics.bytes("garbage"));
        kafka.add(1, 0, "r", MockTopics.bytes("garbage"));
        poll();

        assertThat(MockTopics.keysOf(dead)).containsExactlyInAnyOrder("p", "q", "r");
    }

    private void addReembedded(String id, String model, float... vector) {
        kafka.addBeside(
                again.name(),
                id,
                encoded(Given.embedded(id, "another label", Split.TEST, vector)
                        .setSpace(Given.space(model, vector.length))));
    }

    private List<Example> learnableIn(String model) {
        return vectors.examples().snapshot(vectors.examples().spaceNamed(model)).learnable();
    }

    @Test
    void shouldShowTheExampleInBothSpacesWhenItsTextWasEmbeddedAgain() {
        kafka.add(0, "p", encoded(Given.embedded("p", "a", Split.TRAIN, 1)));
        addReembedded("p", "next", 7, 8);
        poll();

        assertThat(learnableIn("next")).singleElement().satisfies(example -> {
            assertThat(example.label()).contains("a");
            assertThat(example.split()).isEqualTo(Split.TRAIN);
            assertThat(example.vector()).containsExactly(7, 8);
            assertThat(example.place()).isEqualTo(Given.place(0, 0));
        });
        assertThat(learnable()).singleElement().satisfies(example -> assertThat(example.vector())
                .containsExactly(1));
    }

    @Test
    void shouldLearnFromNoVectorWhoseExampleIsWithdrawnOrNeverWas() {
        kafka.add(0, "p", encoded(Given.embedded("p", "a", Split.TRAIN, 1)));
        addReembedded("p", "next", 7, 8);
        addReembedded("q", "next", 7, 8);
        kafka.add(0, "p", null);
        poll();

        assertThat(learnableIn("next")).isEmpty();
    }

    @Test
    void shouldForgetTheOtherSpaceWhenTheReembeddedRecordIsEmptied() {
        kafka.add(0, "p", encoded(Given.embedded("p", "a", Split.TRAIN, 1)));
        addReembedded("p", "next", 7, 8);
        kafka.addBeside(again.name(), "p", null);
        poll();

        assertThat(learnableIn("next")).isEmpty();
        assertThat(learnable()).hasSize(1);
    }

    @Test
    void shouldPutItAmongTheDeadLettersWhenAReembeddedVectorIsNotOfItsSpace() {
        kafka.addBeside(
                again.name(),
                "p",
                encoded(Given.embedded("p", "a", Split.TRAIN, 1, 2).setSpace(Given.space("m", 3))));
        poll();

        assertThat(dead.history()).singleElement().satisfies(letter -> assertThat(letter.topic())
                .isEqualTo("reembedded-vectors.dead-letter"));
    }

    @Test
    void shouldForgetEverythingWhenItEnds() {
        kafka.add(0, "p", encoded(Given.embedded("p", "a", Split.TRAIN, 1)));
        poll();

        vectors.end();

        assertThat(learnable()).isEmpty();
        assertThat(kafka.consumer.assignment()).isEmpty();
    }
}
