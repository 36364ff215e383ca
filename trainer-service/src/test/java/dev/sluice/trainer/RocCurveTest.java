package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.schemas.RocPoint;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RocCurveTest {
    private float[] probabilities = {};
    private boolean[] truths = {};

    private RocCurve curve() {
        RocCurve curve = new RocCurve();
        for (int i = 0; i < probabilities.length; i++) {
            curve.add(probabilities[i], truths[i]);
        }
        return curve;
    }

    /** @param steps so many different probabilities at most: the fewer, the more ties */
    private RocCurve random(int count, int steps, long seed) {
        Random random = new Random(seed);
        probabilities = new float[count];
        truths = new boolean[count];
        for (int i = 0; i < count; i++) {
            truths[i] = random.nextInt(3) == 0;
            double noisy = 0.5 + random.nextGaussian() / 5 + (truths[i] ? 0.1 : 0);
            probabilities[i] = (float) Math.round(Math.min(Math.max(noisy, 0), 1) * steps) / steps;
        }
        return curve();
    }

    private long count(boolean positive, double from) {
        long count = 0;
        for (int i = 0; i < truths.length; i++) {
            count += truths[i] == positive && probabilities[i] >= from ? 1 : 0;
        }
        return count;
    }

    private double precision(double threshold) {
        return (double) count(true, threshold) / (count(true, threshold) + count(false, threshold));
    }

    private double f1(double threshold) {
        return 2.0 * count(true, threshold) / (count(true, threshold) + count(false, threshold) + count(true, 0));
    }

    @ParameterizedTest
    @CsvSource({"2,1", "7,2", "500,3", "500,10", "500,1000000", "63,5", "64,5", "65,5"})
    void shouldBeTheShareOfPairsWonWhenThereAreTies(int count, int steps) {
        for (long seed = 0; seed < 10; seed++) {
            RocCurve curve = random(count, steps, seed);
            double won = 0;
            long pairs = 0;
            for (int i = 0; i < count; i++) {
                for (int j = 0; j < count; j++) {
                    if (truths[i] && !truths[j]) {
                        pairs++;
                        won += probabilities[i] > probabilities[j] ? 1 : probabilities[i] == probabilities[j] ? 0.5 : 0;
                    }
                }
            }
            if (pairs == 0) {
                assertThat(curve.auc()).isEmpty();
            } else {
                assertThat(curve.auc().orElseThrow()).isCloseTo(won / pairs, within(1e-12));
            }
        }
    }

    @Test
    void shouldGoFromNothingToAllWhenTheThresholdFalls() {
        probabilities = new float[] {0.9f, 0.8f, 0.8f, 0.3f, 0.1f};
        truths = new boolean[] {true, false, true, true, false};

        List<RocPoint> points = curve().points();

        assertThat(points)
                .containsExactly(
                        new RocPoint(2.0, 0.0, 0.0),
                        new RocPoint((double) 0.9f, 0.0, 1.0 / 3),
                        new RocPoint((double) 0.8f, 0.5, 2.0 / 3),
                        new RocPoint((double) 0.3f, 0.5, 1.0),
                        new RocPoint((double) 0.1f, 1.0, 1.0));
    }

    @Test
    void shouldSayOfEachPointWhatItsThresholdGives() {
        RocCurve curve = random(400, 50, 4);

        assertThat(curve.points()).allSatisfy(point -> {
            assertThat(point.getTruePositiveRate() * count(true, 0))
                    .isCloseTo((double) count(true, point.getThreshold()), within(1e-9));
            assertThat(point.getFalsePositiveRate() * count(false, 0))
                    .isCloseTo((double) count(false, point.getThreshold()), within(1e-9));
        });
    }

    @Test
    void shouldHaveSomeHundredPointsAtMostAndBothEndsWhenThereAreManyAnswers() {
        List<RocPoint> points = random(20_000, 1_000_000, 5).points();

        assertThat(points).hasSize(200).doesNotHaveDuplicates();
        assertThat(points.get(0)).isEqualTo(new RocPoint(2.0, 0.0, 0.0));
        assertThat(points.get(199).getTruePositiveRate()).isEqualTo(1);
        assertThat(points.get(199).getFalsePositiveRate()).isEqualTo(1);
        double area = 0;
        for (int i = 1; i < 200; i++) {
            area += (points.get(i).getFalsePositiveRate() - points.get(i - 1).getFalsePositiveRate())
                    * (points.get(i).getTruePositiveRate() + points.get(i - 1).getTruePositiveRate())
                    / 2;
        }
        assertThat(area).isCloseTo(curve().auc().orElseThrow(), within(0.005));
    }

    @Test
    void shouldLeaveOutThePointsOfAStraightLineWhenAllIsToldApart() {
        probabilities = new float[] {0.9f, 0.8f, 0.7f, 0.2f, 0.1f};
        truths = new boolean[] {true, true, true, false, false};

        assertThat(curve().points()).hasSize(3);
        assertThat(curve().auc()).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldHaveNoAreaWhenOneLabelAloneOccurs(boolean positive) {
        probabilities = new float[] {0.9f, 0.1f};
        truths = new boolean[] {positive, positive};

        assertThat(curve().auc()).isEmpty();
        assertThat(curve().points()).isEmpty();
        assertThat(new RocCurve().auc()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 20, 1000})
    void shouldChooseTheThresholdWithTheBestF1(int steps) {
        double chosen = random(300, steps, 6).bestF1();

        for (float other : probabilities) {
            assertThat(f1(chosen)).isGreaterThanOrEqualTo(f1(other));
        }
        assertThat(probabilities).isNotEmpty().doesNotContain((float) chosen);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.3, 0.5, 0.6})
    void shouldFindAsManyAsItCanWhenAPrecisionIsWanted(double wanted) {
        double chosen = random(300, 100, 7).atPrecision(wanted);

        assertThat(precision(chosen)).isGreaterThanOrEqualTo(wanted);
        for (float other : probabilities) {
            if (precision(other) >= wanted) {
                assertThat(count(true, chosen)).isGreaterThanOrEqualTo(count(true, other));
            }
        }
    }

    @Test
    void shouldBeAsPreciseAsItCanWhenAPrecisionIsOutOfReach() {
        probabilities = new float[] {0.9f, 0.8f, 0.7f, 0.6f};
        truths = new boolean[] {false, true, true, false};

        assertThat(curve().atPrecision(0.95)).isCloseTo(0.65, within(1e-6)); // two of three
    }

    @Test
    void shouldStandMidwayToTheNextAnswerWhenItIsChosen() {
        probabilities = new float[] {0.75f, 0.5f, 0.25f};
        truths = new boolean[] {true, true, false};

        assertThat(curve().bestF1()).isEqualTo(0.375);
    }

    @Test
    void shouldBeHalfWhenAPolicyHasNothingToChooseFrom() {
        probabilities = new float[] {0.75f};
        truths = new boolean[] {true};

        assertThat(ThresholdPolicy.of("best_f1").choose(curve())).isEqualTo(0.5);
        assertThat(ThresholdPolicy.of("precision:0.9").choose(new RocCurve())).isEqualTo(0.5);
        assertThat(ThresholdPolicy.of("0.2").choose(curve())).isEqualTo(0.2);
    }
}
