package dev.sluice.classifier;

import static dev.sluice.classifier.Samples.TIME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.LabelCounts;
import dev.sluice.schemas.LabelProbability;
import dev.sluice.schemas.LabelScore;
import dev.sluice.schemas.LiveCounts;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Score;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Tally;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CountsTest {
    static Score.Builder score(String truth, String answer) {
        return Score.newBuilder()
                .setPostId("p")
                .setVersion(3)
                .setArm(Arm.LIVE)
                .setTruth(truth)
                .setAnswer(answer)
                .setConfidence(0.75f)
                .setSign(1)
                .setAnsweredAt(TIME)
                .setScoredAt(TIME);
    }

    static Prediction.Builder prediction(PredictionStatus status, String label) {
        return Prediction.newBuilder()
                .setPostId("p")
                .setSource(new Source("posts", 0, 1L))
                .setStatus(status)
                .setModelVersion(3)
                .setProbabilities(List.of(new LabelProbability(label, 0.75f), new LabelProbability("else", 0.25f)))
                .setEmbeddedAt(TIME)
                .setClassifiedAt(TIME);
    }

    static Score.Builder number(double target, double value) {
        return score("", "").setConfidence(0).setTarget(target).setValue(value);
    }

    static Prediction.Builder prediction(double value) {
        return prediction(PredictionStatus.CLASSIFIED, "")
                .setProbabilities(List.of())
                .setValue(value);
    }

    private static LiveCounts sum(List<Score> scores) {
        return scores.stream().map(score -> Counts.of(score, 0)).reduce(Counts.none(3, Arm.LIVE, 0), Counts::plus);
    }

    @Test
    void shouldCountAsByHandWhenLabelsComeLater() {
        // given: of 3 that are a, 2 are answered so; of 2 that are b, 1
        LiveCounts counts =
                sum(Stream.of(score("a", "a"), score("a", "a"), score("a", "b"), score("b", "b"), score("b", "c"))
                        .map(Score.Builder::build)
                        .toList());

        // when
        Tally tally = Counts.tally(counts);

        // then
        assertThat(tally.getExamples()).isEqualTo(5);
        assertThat(tally.getAbstained()).isZero();
        assertThat(tally.getAccuracy()).contains(0.6);
        assertThat(tally.getPerLabel())
                .containsExactly(
                        new LabelScore("a", 1.0, 2 / 3.0, 0.8, 3L),
                        new LabelScore("b", 0.5, 0.5, 0.5, 2L),
                        new LabelScore("c", 0.0, 0.0, 0.0, 0L));
    }

    @Test
    void shouldReckonErrorsAsByHandWhenAnswersAreNumbers() {
        // given: errors 1, -1, 2 and 0; targets with mean 4 and squared distances from it of 9 + 1 + 1 + 9
        List<Score> scores = Stream.of(number(1, 2), number(3, 2), number(5, 7), number(7, 7))
                .map(Score.Builder::build)
                .toList();

        // when
        Tally tally = Counts.tally(sum(scores));

        // then
        assertThat(tally.getExamples()).isEqualTo(4);
        assertThat(tally.getMeanAbsoluteError()).contains(1.0);
        assertThat(tally.getRSquared()).contains(1 - 6 / 20.0);
        assertThat(tally.getAccuracy()).isEmpty();
        assertThat(tally.getPerLabel()).isEmpty();
        assertThat(tally.getAbstained()).isZero();
    }

    @Test
    void shouldSayNothingOfErrorsWhereAnswersAreLabelsOrNothingIsKnown() {
        Tally labels = Counts.tally(sum(List.of(score("a", "a").build())));
        assertThat(labels.getMeanAbsoluteError()).isEmpty();
        assertThat(labels.getRSquared()).isEmpty();
        Tally nothing = Counts.tally(Counts.plus(
                Counts.none(3, Arm.LIVE, 0),
                Counts.of(prediction(1.5).build(), 0).orElseThrow()));
        assertThat(nothing.getMeanAbsoluteError()).isEmpty();
        assertThat(nothing.getAccuracy()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0, false", "1e-6, false", "1e-4, true", "1, true"})
    void shouldTellOfRSquaredOnlyWhereTargetsDifferByMoreThanRoundingDoes(double relative, boolean told) {
        double target = 1e6;
        List<Score> scores = IntStream.range(0, 1_000)
                .mapToObj(i -> target * (1 + (i % 2 == 0 ? relative : -relative)))
                .map(each -> number(each, target).build())
                .toList();

        Tally tally = Counts.tally(sum(scores));

        assertThat(tally.getMeanAbsoluteError().orElseThrow()).isCloseTo(target * relative, within(1e-3));
        assertThat(tally.getRSquared().isPresent()).isEqualTo(told);
        tally.getRSquared().ifPresent(it -> assertThat(it).isCloseTo(0, within(1e-3)));
        assertThat(Counts.tally(sum(scores.subList(0, 1))).getRSquared()).isEmpty();
    }

    @Test
    void shouldBeAsIfItHadNeverBeenWhenANumberIsTakenBack() {
        Score kept = number(0.1, 0.3).build();
        Score gone = number(0.7, 0.9).build();
        LiveCounts counts =
                sum(List.of(kept, gone, Score.newBuilder(gone).setSign(-1).build()));

        assertThat(counts.getExamples()).isEqualTo(1);
        assertThat(Counts.tally(counts).getMeanAbsoluteError().orElseThrow()).isCloseTo(0.2, within(1e-12));
        LiveCounts nothing =
                Counts.plus(counts, Counts.of(Score.newBuilder(kept).setSign(-1).build(), 0));
        assertThat(Counts.tally(nothing)).isEqualTo(Counts.tally(Counts.none(3, Arm.LIVE, 0)));
    }

    @Test
    void shouldTellOfNoErrorBelowNoneWhenRoundingLeavesATrace() {
        LiveCounts counts = sum(List.of(
                number(0, 0.1).build(),
                number(0, 0.7).build(),
                number(0, 0.7).setSign(-1).build(),
                number(0, 0.1).setSign(-1).build(),
                number(2, 2).build()));

        assertThat(counts.getAbsoluteErrors()).as("the trace").isNegative();
        assertThat(Counts.tally(counts).getMeanAbsoluteError()).contains(0.0);
    }

    @Test
    void shouldCountAnAnswerWithoutALabel() {
        LiveCounts counts = Counts.plus(
                Counts.of(prediction(1.5).build(), 5).orElseThrow(),
                Counts.of(prediction(-2).build(), 5).orElseThrow());

        assertThat(counts.getPredictions()).isEqualTo(2);
        assertThat(counts.getConfidence()).isZero();
        assertThat(counts.getPerLabel()).isEmpty();
    }

    @Test
    void shouldLeaveAbstentionsOutOfAccuracy() {
        Tally tally = Counts.tally(sum(List.of(
                score("a", "a").build(),
                score("a", "b").setAbstained(true).build(),
                score("b", "b").setAbstained(true).build())));

        assertThat(tally.getExamples()).isEqualTo(3);
        assertThat(tally.getAbstained()).isEqualTo(2);
        assertThat(tally.getAccuracy()).contains(1.0);
        assertThat(tally.getPerLabel()).containsExactly(new LabelScore("a", 1.0, 1.0, 1.0, 1L));
        assertThat(Counts.tally(sum(List.of(score("b", "b").setAbstained(true).build())))
                        .getAccuracy())
                .isEmpty();
    }

    @Test
    void shouldBeAsIfItHadNeverBeenWhenAScoreIsTakenBackInWhateverOrder() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            // given: some scores, and others that come and are taken back
            List<Score> kept = new ArrayList<>();
            List<Score> all = new ArrayList<>();
            for (int i = random.nextInt(20); i >= 0; i--) {
                Score each = score("l" + random.nextInt(4), "l" + random.nextInt(4))
                        .setAbstained(random.nextInt(4) == 0)
                        .build();
                all.add(each);
                if (random.nextBoolean()) {
                    kept.add(each);
                } else {
                    all.add(Score.newBuilder(each).setSign(-1).build());
                }
            }
            Collections.shuffle(all, random);

            // then
            assertThat(Counts.tally(sum(all))).isEqualTo(Counts.tally(sum(kept)));
        }
    }

    @Test
    void shouldTellOnlySoManyLabelsApartAndStillTakeBackWhatWasCounted() {
        // given: a label of its own for each post, which are answered by two
        List<Score> scores = new ArrayList<>();
        for (int i = 0; i < 1_200; i++) {
            scores.add(score("id-" + i, i % 2 == 0 ? "a" : "b").build());
        }
        LiveCounts counts = sum(scores);
        assertThat(counts.getPerLabel()).containsKeys("a", "b", "id-997").hasSize(1_001);
        assertThat(counts.getPerLabel().get(LabelRoom.OTHERS).getSupport()).isEqualTo(202);

        // when a version gives one more label, and then
        LiveCounts answered = Counts.plus(counts, Counts.of(score("c", "c").build(), 0));
        assertThat(answered.getPerLabel()).containsKey("c").hasSize(1_002);
        assertThat(Counts.tally(answered).getPerLabel())
                .hasSize(1_000)
                .extracting(LabelScore::getLabel)
                .contains(LabelRoom.OTHERS)
                .isSorted();
        assertThat(Counts.tally(answered).getAccuracy()).contains(1 / 1201.0);

        // and when all is taken back
        for (Score score : scores) {
            answered = Counts.plus(
                    answered, Counts.of(Score.newBuilder(score).setSign(-1).build(), 0));
        }
        assertThat(Counts.tally(answered).getPerLabel()).containsExactly(new LabelScore("c", 1.0, 1.0, 1.0, 1L));
    }

    @ParameterizedTest
    @CsvSource({"131, true", "132, true", "133, false"})
    void shouldHaveRoomForSoManyBytes(int characters, boolean fits) {
        Set<String> known = new HashSet<>();
        for (int i = 0; i < 130; i++) {
            known.add(Character.toString(0x20ac).repeat(300) + (100 + i));
        }
        int left = 128 * 1024 - 130 * 903;

        assertThat(LabelRoom.TRUTHS.fits(known, "x".repeat(left - 132 + characters)))
                .isEqualTo(fits);
        assertThat(LabelRoom.ANSWERS.fits(known, "x".repeat(left + 1))).isTrue();
    }

    @Test
    void shouldCountTheMostLikelyLabelOfAnAnswer() {
        LiveCounts counts = Stream.of(
                        prediction(PredictionStatus.CLASSIFIED, "a"),
                        prediction(PredictionStatus.ABSTAINED, "a"),
                        prediction(PredictionStatus.CLASSIFIED, "b"))
                .map(each -> Counts.of(each.build(), 5).orElseThrow())
                .reduce(Counts::plus)
                .orElseThrow();

        assertThat(counts.getPredictions()).isEqualTo(3);
        assertThat(counts.getConfidence()).isCloseTo(2.25, within(1e-9));
        assertThat(counts.getStart()).hasToString("1970-01-01T00:00:00.005Z");
        assertThat(counts.getPerLabel())
                .containsOnly(entry("a", new LabelCounts(2L, 0L, 0L, 0L)), entry("b", new LabelCounts(1L, 0L, 0L, 0L)));
        assertThat(Counts.tally(counts).getPerLabel()).isEmpty();
    }

    @Test
    void shouldNotCountWhatNoVersionSaidAsThePostCame() {
        assertThat(Counts.of(prediction(PredictionStatus.NO_MODEL, "a").build(), 0))
                .isEmpty();
        assertThat(Counts.of(
                        prediction(PredictionStatus.OTHER_EMBEDDING_SPACE, "a").build(), 0))
                .isEmpty();
        assertThat(Counts.of(
                        prediction(PredictionStatus.CLASSIFIED, "a")
                                .setReplay("r")
                                .build(),
                        0))
                .isEmpty();
        assertThat(Counts.of(
                        prediction(PredictionStatus.CLASSIFIED, "a")
                                .setModelVersion(null)
                                .build(),
                        0))
                .isEmpty();
        assertThat(Counts.of(
                        prediction(PredictionStatus.CLASSIFIED, "a")
                                .setProbabilities(List.of())
                                .build(),
                        0))
                .isEmpty();
    }
}
