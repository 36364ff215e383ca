package dev.sluice.classifier;

import static dev.sluice.classifier.Samples.TIME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Drift;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.LabelCounts;
import dev.sluice.schemas.LabelShare;
import dev.sluice.schemas.LiveCounts;
import dev.sluice.schemas.Split;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HoldoutTest {
    /** Three labels (med, space, other), answered 6, 3 and 1 times. */
    static Evaluation evaluation(Split split) {
        return Evaluation.newBuilder()
                .setSplit(split)
                .setExamples(10)
                .setAccuracy(0.7)
                .setLoss(1)
                .setMacroF1(0.7)
                .setPerLabel(List.of())
                .setConfusion(List.of(List.of(4L, 1L, 0L), List.of(1L, 2L, 0L), List.of(1L, 0L, 1L)))
                .setMeanConfidence(0.8)
                .build();
    }

    static LiveCounts answered(long med, long space, long other) {
        return LiveCounts.newBuilder()
                .setVersion(1)
                .setArm(Arm.LIVE)
                .setStart(TIME)
                .setPredictions(med + space + other)
                .setConfidence((med + space + other) * 0.5)
                .setPerLabel(Map.of(
                        "med", new LabelCounts(med, 0L, 0L, 0L),
                        "space", new LabelCounts(space, 0L, 0L, 0L),
                        "other", new LabelCounts(other, 0L, 0L, 0L)))
                .build();
    }

    private static Optional<Holdout> of(Evaluation... evaluations) {
        return Holdout.of(
                Samples.model(1, 1).setEvaluations(List.of(evaluations)).build());
    }

    @Test
    void shouldAddUpTheColumnsOfTheConfusionMatrix() {
        assertThat(of(evaluation(Split.VALIDATION)))
                .contains(new Holdout(List.of("med", "space", "other"), List.of(6L, 3L, 1L), Optional.of(0.8)));
    }

    @Test
    void shouldPreferValidationAndDoWithTestAndWithoutEither() {
        Evaluation other = Evaluation.newBuilder(evaluation(Split.TEST))
                .setMeanConfidence(null)
                .build();

        assertThat(of(other, evaluation(Split.VALIDATION)).orElseThrow().confidence())
                .contains(0.8);
        assertThat(of(other).orElseThrow().confidence()).isEmpty();
        assertThat(of()).isEmpty();
        assertThat(of(Evaluation.newBuilder(other).setConfusion(List.of()).build()))
                .isEmpty();
        assertThat(of(Evaluation.newBuilder(other)
                        .setConfusion(List.of(List.of(1L, 2L), List.of(1L, 2L), List.of(1L, 2L)))
                        .build()))
                .isEmpty();
        assertThatThrownBy(() -> new Holdout(List.of("a"), List.of(), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldBeTheIndexByHandWhenSharesDiffer() {
        // smoothed by 0.5: (80.5, 15.5, 5.5) / 101.5 beside (6.5, 3.5, 1.5) / 11.5
        double expected = (80.5 / 101.5 - 6.5 / 11.5) * Math.log((80.5 / 101.5) / (6.5 / 11.5))
                + (15.5 / 101.5 - 3.5 / 11.5) * Math.log((15.5 / 101.5) / (3.5 / 11.5))
                + (5.5 / 101.5 - 1.5 / 11.5) * Math.log((5.5 / 101.5) / (1.5 / 11.5));

        double index = Holdout.stabilityIndex(List.of(80L, 15L, 5L), List.of(6L, 3L, 1L));

        assertThat(index).isCloseTo(expected, within(1e-12)).isCloseTo(0.249, within(1e-3));
        assertThat(Holdout.stabilityIndex(List.of(6L, 3L, 1L), List.of(80L, 15L, 5L)))
                .isCloseTo(index, within(1e-12));
    }

    @Test
    void shouldBeNothingWhenSharesAreTheSameAndFiniteWhenALabelIsMissing() {
        assertThat(Holdout.stabilityIndex(List.of(6L, 3L, 1L), List.of(6L, 3L, 1L)))
                .isZero();
        assertThat(Holdout.stabilityIndex(List.of(10_000L, 0L), List.of(0L, 10_000L)))
                .isFinite()
                .isGreaterThan(10);
    }

    @Test
    void shouldTellSharesAndConfidencesOfTheWindow() {
        Drift drift = of(evaluation(Split.VALIDATION))
                .orElseThrow()
                .beside(answered(80, 15, 5))
                .orElseThrow();

        assertThat(drift.getPredictions()).isEqualTo(100);
        assertThat(drift.getMeanConfidence()).isEqualTo(0.5);
        assertThat(drift.getHoldoutConfidence()).contains(0.8);
        assertThat(drift.getShares())
                .containsExactly(
                        new LabelShare("med", 0.8, 0.6),
                        new LabelShare("space", 0.15, 0.3),
                        new LabelShare("other", 0.05, 0.1));
        assertThat(of(evaluation(Split.TEST)).orElseThrow().beside(answered(0, 0, 0)))
                .isEmpty();
    }
}
