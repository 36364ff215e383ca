package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.Mistake;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.TargetPoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetScoresTest {
    private final TargetScores scores = new TargetScores();

    private void add(String id, double target, double value) {
        scores.add(Given.numbered(id, target, Split.TEST, 1), new float[] {(float) value});
    }

    @Test
    void shouldCountByHandWhenTheCaseIsSmall() {
        // scikit-learn's own example: mean absolute error 0.5, mean squared error 0.375, R2 0.948...
        add("a", 3, 2.5);
        add("b", -0.5, 0);
        add("c", 2, 2);
        add("d", 7, 8);

        Evaluation evaluation = scores.evaluation(Split.TEST);

        assertThat(evaluation.getExamples()).isEqualTo(4);
        assertThat(evaluation.getMeanAbsoluteError().orElseThrow()).isCloseTo(0.5, within(1e-9));
        assertThat(evaluation.getLoss()).isCloseTo(0.375, within(1e-9));
        assertThat(evaluation.getRSquared().orElseThrow()).isCloseTo(1 - 1.5 / 29.1875, within(1e-9));
        assertThat(evaluation.getAccuracy()).isZero();
        assertThat(evaluation.getPerLabel()).isEmpty();
        assertThat(evaluation.getConfusion()).isEmpty();
        assertThat(evaluation.getAuc()).isEmpty();
        assertThat(evaluation.getMeanConfidence()).isEmpty();
        assertThat(evaluation.getTargets())
                .containsExactly(
                        new TargetPoint(3.0, 2.5),
                        new TargetPoint(-0.5, 0.0),
                        new TargetPoint(2.0, 2.0),
                        new TargetPoint(7.0, 8.0));
        assertThat(evaluation.getMistakes()).extracting(Mistake::getPostId).containsExactly("d", "a", "b");
        assertThat(evaluation.getMistakes().get(0).getTarget()).contains(7.0);
        assertThat(evaluation.getMistakes().get(0).getValue()).contains(8.0);
        assertThat(evaluation.getMistakes().get(0).getTruth()).isEmpty();
    }

    @Test
    void shouldBeZeroWhenEveryAnswerIsTheMeanAndBelowWhenTheyAreWorse() {
        add("a", 1, 2);
        add("b", 3, 2);
        assertThat(scores.rSquared().orElseThrow()).isCloseTo(0, within(1e-12));

        add("c", 2, 9);
        assertThat(scores.rSquared().orElseThrow()).isNegative();
    }

    @Test
    void shouldHaveNoRSquaredWhenTheTargetsAreEqual() {
        add("a", 0.1, 1);
        add("b", 0.1, 2);
        add("c", 0.1, 3);

        assertThat(scores.evaluation(Split.TEST).getRSquared()).isEmpty();
        assertThat(scores.evaluation(Split.TEST).getMeanAbsoluteError()).isPresent();
    }

    @Test
    void shouldHaveNoRSquaredWhenItIsNotFinite() {
        add("a", 1, 1);
        add("b", 2, Double.POSITIVE_INFINITY);
        assertThat(scores.rSquared()).isEmpty();

        add("c", 3, Double.NaN);
        assertThat(scores.rSquared()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"499,499,20", "500,500,20", "501,500,20", "19,19,19", "20,20,20", "21,21,20", "5000,500,20"})
    void shouldKeepSomePointsAndTheLargestErrorsWhenThereAreMany(int count, int points, int mistakes) {
        for (int i = 0; i < count; i++) {
            add(String.format("%05d", i), i, i + (double) (i * 7919L % count) + 1);
        }

        Evaluation evaluation = scores.evaluation(Split.TEST);

        assertThat(evaluation.getTargets()).hasSize(points).doesNotHaveDuplicates();
        assertThat(evaluation.getTargets().get(points - 1).getTarget()).isGreaterThan(0.99 * count - 10);
        assertThat(evaluation.getMistakes())
                .hasSize(mistakes)
                .extracting(mistake ->
                        mistake.getValue().orElseThrow() - mistake.getTarget().orElseThrow())
                .isSortedAccordingTo((a, b) -> Double.compare(b, a))
                .first()
                .isEqualTo((double) count);
    }
}
