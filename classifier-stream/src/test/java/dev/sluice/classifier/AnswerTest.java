package dev.sluice.classifier;

import static dev.sluice.classifier.Samples.TOPICS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.runtime.TopicLimits;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Input;
import dev.sluice.schemas.InputKind;
import dev.sluice.schemas.LabelProbability;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Trust;
import dev.sluice.schemas.Vectors;
import dev.sluice.schemas.Vocabulary;
import dev.sluice.schemas.WordCounts;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What versions of two labels, and of none, say of a post; three labels and more are tested with the topology. */
class AnswerTest {
    private static final Instant NOW = Samples.TIME.plusSeconds(1);

    private static Serving serving(ModelVersion.Builder version) {
        return Serving.of(
                TOPICS.models().codec(),
                "default",
                Trust.OPEN,
                ModelVersions.keyOf("default", version.getVersion()),
                Samples.sealed(version));
    }

    private static PostVector post(float x) {
        byte[] value =
                TOPICS.embeddedPosts().codec().encode(Samples.post("p", x, 0).build());
        return PostVector.read(TOPICS.embeddedPosts().codec(), null, value, List.of());
    }

    private static Answer answer(ModelVersion.Builder version, float x, double minConfidence) {
        return Answer.of(Arm.LIVE, Optional.of(serving(version)), post(x), minConfidence);
    }

    @ParameterizedTest
    @CsvSource({"-0.01, ham", "0, spam", "0.01, spam"})
    void shouldAnswerWithTheLikelierOfTwoLabelsWhenThereIsNoThreshold(float x, String label) {
        Answer answer = answer(Samples.binary(1), x, 0);

        assertThat(answer.status()).isEqualTo(PredictionStatus.CLASSIFIED);
        assertThat(answer.label().orElseThrow().getLabel()).isEqualTo(label);
        assertThat(answer.probabilities())
                .extracting(LabelProbability::getLabel)
                .containsExactlyInAnyOrder("ham", "spam");
        assertThat(answer.value()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"win a prize, spam", "see you there, ham"})
    void shouldAnswerByTheWordsOfThePostWhenTheVersionReadsThem(String text, String label) {
        ModelVersion.Builder version = Samples.binary(1);
        version.setInputs(List.of(version.getInputs().get(0), new Input(InputKind.WORDS, 1)))
                .setWide(new Vocabulary(new long[] {WordCounts.of("prize").hash(0)}, new float[] {1})
                        .asRecord()
                        .setWeights(Vectors.toBytes(new float[] {5}))
                        .build());
        byte[] value = TOPICS.embeddedPosts()
                .codec()
                .encode(Samples.post("p", -1, 0).setText(text).build());
        PostVector post = PostVector.read(TOPICS.embeddedPosts().codec(), null, value, List.of());

        Answer answer = Answer.of(Arm.LIVE, Optional.of(serving(version)), post, 0);

        assertThat(answer.label().orElseThrow().getLabel()).isEqualTo(label);
    }

    /** The probability of spam is a quarter at x = ln(1/3) = -1.0986. */
    @ParameterizedTest
    @CsvSource({"-1.1, ham, 0.7502", "-1.09, spam, 0.2516", "1, spam, 0.7311"})
    void shouldAnswerWithTheSecondLabelFromTheThresholdOnThoughItMayBeTheLessLikelyOne(
            float x, String label, float confidence) {
        Answer answer = answer(Samples.binary(1).setThreshold(0.25), x, 0);

        assertThat(answer.label().orElseThrow().getLabel()).isEqualTo(label);
        assertThat(answer.label().orElseThrow().getProbability()).isCloseTo(confidence, within(1e-4f));
        assertThat(answer.probabilities().get(0).getProbability()).isGreaterThanOrEqualTo(0.5f);
        assertThat(answer.probabilities().get(0).getProbability()
                        + answer.probabilities().get(1).getProbability())
                .isCloseTo(1f, within(1e-6f));
    }

    @ParameterizedTest
    @CsvSource({"0.2515, CLASSIFIED", "0.2517, ABSTAINED"})
    void shouldAbstainByTheLabelThatItWouldAnswerWith(double minConfidence, PredictionStatus status) {
        Answer answer = answer(Samples.binary(1).setThreshold(0.25), -1.09f, minConfidence);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.label().isPresent()).isEqualTo(status == PredictionStatus.CLASSIFIED);
        assertThat(answer.probabilities()).hasSize(2);
        assertThat(answer.version()).contains(1);
    }

    @Test
    void shouldAnswerWithANumberWhateverTheLeastConfidence() {
        Answer answer = answer(Samples.regression(4), -0.5f, 1);

        assertThat(answer)
                .isEqualTo(new Answer(
                        Arm.LIVE,
                        PredictionStatus.CLASSIFIED,
                        Optional.empty(),
                        List.of(),
                        Optional.of(-2.0),
                        Optional.of(4)));
    }

    @Test
    void shouldAbstainWhenTheNumberIsNoneAnyMore() {
        Answer answer = answer(Samples.regression(4), Float.MAX_VALUE, 0);

        assertThat(answer.status()).isEqualTo(PredictionStatus.ABSTAINED);
        assertThat(answer.value()).isEmpty();
        assertThat(answer.version()).contains(4);
    }

    @Test
    void shouldAnswerAReplayAsItAnswersLive() {
        ReplayPost replay = new ReplayPost(
                TOPICS.embeddedPosts().codec(),
                TOPICS.predictions().name(),
                serving(Samples.regression(4)),
                new PredictionWriter(TOPICS.predictions().codec(), "default", false, 10),
                new RecordSizes(new TopicLimits(TOPICS), "prediction", "predictions"),
                "r-1",
                Instant.EPOCH.minusSeconds(1), // a record without a time has -1 ms
                Optional.empty(),
                0.9,
                Clock.fixed(NOW, ZoneOffset.UTC));
        byte[] value =
                TOPICS.embeddedPosts().codec().encode(Samples.post("p", 0.5f, 0).build());

        var prediction = TOPICS.predictions()
                .codec()
                .decode(replay.answer(new ConsumerRecord<>("embedded-posts", 0, 0, new byte[0], value))
                        .orElseThrow()
                        .prediction()
                        .value());

        assertThat(prediction.getReplay()).contains("r-1");
        assertThat(prediction.getValue()).contains(8.0);
        assertThat(prediction.getStatus()).isEqualTo(PredictionStatus.CLASSIFIED);
    }
}
