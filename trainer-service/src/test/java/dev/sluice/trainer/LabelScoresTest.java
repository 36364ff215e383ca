package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.schemas.CalibrationBin;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LabelScoresTest {
    private int number;

    private static LabelScores of(List<String> labels) {
        return new LabelScores(labels, Predictor::argMax, false);
    }

    private Example labelled(String label) {
        return Given.example("post-" + number++, label, Split.TEST, 1);
    }

    @Test
    void shouldCountByHandWhenTheCaseIsSmall() {
        LabelScores scores = of(List.of("a", "b"));
        scores.add(labelled("a"), new float[] {0.75f, 0.25f});
        scores.add(labelled("a"), new float[] {0.25f, 0.75f});
        scores.add(labelled("b"), new float[] {0.5f, 0.5f});
        scores.add(labelled("b"), new float[] {0, 1});

        Evaluation evaluation = scores.evaluation(Split.TEST);

        assertThat(evaluation.getExamples()).isEqualTo(4);
        assertThat(evaluation.getAccuracy()).isEqualTo(0.5);
        assertThat(evaluation.getLoss())
                .isCloseTo(-(Math.log(0.75) + Math.log(0.25) + Math.log(0.5)) / 4, within(1e-12));
        assertThat(evaluation.getConfusion()).containsExactly(List.of(1L, 1L), List.of(1L, 1L));
        assertThat(evaluation.getMacroF1()).isEqualTo(0.5);
    }

    @Test
    void shouldCallItWrongWhenTheLabelIsUnknown() {
        LabelScores scores = of(List.of("a", "b"));
        scores.add(labelled("a"), new float[] {1, 0});
        scores.add(labelled("stranger"), new float[] {1, 0});

        Evaluation evaluation = scores.evaluation(Split.TEST);

        assertThat(evaluation.getAccuracy()).isEqualTo(0.5);
        assertThat(evaluation.getLoss()).isCloseTo(-Math.log(1e-7) / 2, within(1e-9));
        assertThat(evaluation.getConfusion()).containsExactly(List.of(1L, 0L), List.of(0L, 0L));
    }

    @Test
    void shouldCompareConfidenceWithWhatIsRightBinByBin() {
        LabelScores scores = of(List.of("a", "b"));
        scores.add(labelled("a"), new float[] {0.95f, 0.05f}); // the last bin: 1.85 of confidence, one right
        scores.add(labelled("b"), new float[] {0.9625f, 0.0375f});
        scores.add(labelled("a"), new float[] {0.55f, 0.45f}); // another: 0.55, one right
        scores.add(labelled("b"), new float[] {0, 1}); // certain and right, in the last bin as well

        Evaluation evaluation = scores.evaluation(Split.VALIDATION);

        assertThat(evaluation.getMeanConfidence().orElseThrow())
                .isCloseTo((0.95 + 0.9625 + 0.55 + 1) / 4, within(1e-6));
        assertThat(evaluation.getCalibrationError().orElseThrow())
                .isCloseTo((Math.abs(0.95 + 0.9625 + 1 - 2) + Math.abs(0.55 - 1)) / 4, within(1e-6));
        assertThat(evaluation.getUncalibratedError()).isEmpty();
    }

    @Test
    void shouldLeaveOutLabelsThatDoNotOccurWhenItTakesTheMeanF1() {
        LabelScores scores = of(List.of("a", "b", "c"));
        scores.add(labelled("a"), new float[] {1, 0, 0});
        scores.add(labelled("b"), new float[] {0, 1, 0});

        assertThat(scores.evaluation(Split.TEST).getMacroF1()).isEqualTo(1);
    }

    @Test
    void shouldAgreeWithCountingOneByOneWhenAnswersAreRandom() {
        // given
        Random random = new Random(7);
        List<String> labels = List.of("a", "b", "c", "d");
        LabelScores scores = of(labels);
        List<Integer> truths = new ArrayList<>();
        List<Integer> answers = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            int truth = random.nextInt(4);
            int answer = random.nextInt(3); // the last label is never answered
            float[] probabilities = {0.1f, 0.1f, 0.1f, 0.1f};
            probabilities[answer] = 0.7f;
            truths.add(truth);
            answers.add(answer);
            scores.add(labelled(labels.get(truth)), probabilities);
        }

        // when
        Evaluation evaluation = scores.evaluation(Split.VALIDATION);

        // then
        double f1s = 0;
        for (int label = 0; label < 4; label++) {
            int hit = 0;
            int missed = 0;
            int mistaken = 0;
            for (int i = 0; i < 500; i++) {
                boolean is = truths.get(i) == label;
                boolean said = answers.get(i) == label;
                hit += is && said ? 1 : 0;
                missed += is && !said ? 1 : 0;
                mistaken += !is && said ? 1 : 0;
            }
            double precision = hit + mistaken == 0 ? 0 : (double) hit / (hit + mistaken);
            double recall = (double) hit / (hit + missed);
            double f1 = precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
            f1s += f1;
            var score = evaluation.getPerLabel().get(label);
            assertThat(score.getPrecision()).isCloseTo(precision, within(1e-12));
            assertThat(score.getRecall()).isCloseTo(recall, within(1e-12));
            assertThat(score.getF1()).isCloseTo(f1, within(1e-12));
            assertThat(score.getSupport()).isEqualTo(hit + missed);
        }
        assertThat(evaluation.getMacroF1()).isCloseTo(f1s / 4, within(1e-12));
    }

    @Test
    void shouldChooseByTheThresholdAndRankByTheProbabilityWhenThereAreTwoLabels() {
        // given: the threshold is 0.8
        LabelScores scores = new LabelScores(List.of("ham", "spam"), answer -> answer[1] >= 0.8 ? 1 : 0, true);
        scores.add(labelled("spam"), new float[] {0.25f, 0.75f});
        scores.add(labelled("spam"), new float[] {0.125f, 0.875f});
        scores.add(labelled("ham"), new float[] {0.5f, 0.5f});
        scores.add(labelled("ham"), new float[] {0.0625f, 0.9375f});
        scores.add(labelled("stranger"), new float[] {0.9375f, 0.0625f});

        Evaluation evaluation = scores.evaluation(Split.TEST);

        assertThat(evaluation.getConfusion()).containsExactly(List.of(1L, 1L), List.of(1L, 1L));
        assertThat(evaluation.getAccuracy()).isEqualTo(0.4);
        assertThat(evaluation.getAuc()).contains(0.5); // of four pairs two are won; who is neither is in none
        assertThat(evaluation.getRoc()).hasSize(4); // the third of the five is on a line
        assertThat(evaluation.getMeanConfidence().orElseThrow())
                .isCloseTo((0.25 + 0.875 + 0.5 + 0.9375 + 0.9375) / 5, within(1e-9));
    }

    @Test
    void shouldNameTheWrongAnswersThatItWasSurestOfWhenThereAreMany() {
        LabelScores scores = of(List.of("a", "b"));
        for (int i = 0; i < 3000; i++) {
            float confidence = 0.5f + i * 7919 % 3000 / 6001f;
            scores.add(labelled(i % 2 == 0 ? "a" : "b"), new float[] {confidence, 1 - confidence});
        }

        Evaluation evaluation = scores.evaluation(Split.TEST);

        assertThat(evaluation.getMistakes())
                .hasSize(20)
                .allSatisfy(mistake -> {
                    assertThat(mistake.getTruth()).isEqualTo("b");
                    assertThat(mistake.getAnswer()).isEqualTo("a");
                    int i = Integer.parseInt(mistake.getPostId().substring("post-".length()));
                    assertThat(mistake.getConfidence()).isEqualTo(0.5f + i * 7919 % 3000 / 6001f);
                })
                .extracting(mistake -> mistake.getConfidence())
                .isSortedAccordingTo((a, b) -> Double.compare(b, a));
        assertThat(evaluation.getMistakes().get(0).getConfidence()).isGreaterThan(0.999);
        assertThat(evaluation.getMistakes().get(19).getConfidence()).isGreaterThan(0.99);
    }

    @Test
    void shouldShowConfidenceAgainstWhatIsRightWhenItTellsHowReliableItIs() {
        LabelScores scores = of(List.of("a", "b"));
        scores.add(labelled("a"), new float[] {0.96875f, 0.03125f});
        scores.add(labelled("b"), new float[] {0.9375f, 0.0625f});
        scores.add(labelled("a"), new float[] {0.5625f, 0.4375f});

        assertThat(scores.evaluation(Split.TEST).getReliability())
                .containsExactly(new CalibrationBin(1L, 0.5625, 1.0), new CalibrationBin(2L, 0.953125, 0.5));
    }
}
