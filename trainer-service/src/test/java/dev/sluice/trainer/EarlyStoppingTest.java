package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EarlyStoppingTest {
    /** The epoch after which it is over, from 1; 0 if it never is. */
    private static int endOf(EarlyStopping stopping, double... accuracies) {
        for (int i = 0; i < accuracies.length; i++) {
            boolean improved = stopping.improvedBy(Epoch.newBuilder()
                    .setEpoch(i + 1)
                    .setLoss(1 - accuracies[i])
                    .setAccuracy(accuracies[i])
                    .build());
            assertThat(improved).isEqualTo(stopping.bestEpoch() == i + 1);
            if (stopping.isOver()) {
                return i + 1;
            }
        }
        return 0;
    }

    @ParameterizedTest
    @CsvSource({"2,4", "3,5", "4,6", "0,3", "1,3"})
    void shouldEndAfterSoManyEpochsWithoutAnImprovementWhenPatienceIs(int patience, int end) {
        EarlyStopping stopping = new EarlyStopping(Monitor.ACCURACY, patience);

        assertThat(endOf(stopping, 0.5, 0.9, 0.9, 0.8, 0.9, 0.9, 0.9)).isEqualTo(end);
        assertThat(stopping.bestEpoch()).isEqualTo(2);
    }

    @Test
    void shouldBeginToCountAnewWhenItImproves() {
        assertThat(endOf(new EarlyStopping(Monitor.ACCURACY, 2), 0.5, 0.4, 0.6, 0.5, 0.7, 0.7, 0.7))
                .isEqualTo(7);
    }

    @Test
    void shouldWantLessWhenItWatchesALoss() {
        assertThat(endOf(new EarlyStopping(Monitor.LOSS, 1), 0.5, 0.6, 0.7, 0.6))
                .isEqualTo(4);
    }

    @Test
    void shouldNeverEndWhenItWatchesNothing() {
        EarlyStopping stopping = new EarlyStopping(Monitor.NONE, 0);

        assertThat(endOf(stopping, 0.5, 0.4, 0.3)).isZero();
        assertThat(stopping.bestEpoch()).isZero();
    }

    @Test
    void shouldEndWhenTheFigureIsNotANumber() {
        assertThat(endOf(new EarlyStopping(Monitor.ACCURACY, 2), Double.NaN, Double.NaN, Double.NaN))
                .isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "ACCURACY,1,-",
        "LOSS,-2,-2",
        "VAL_ACCURACY,3,-",
        "VAL_LOSS,-4,-4",
        "AUC,5,-",
        "VAL_AUC,6,-",
        "MAE,-7,-7",
        "VAL_MAE,-8,-8"
    })
    void shouldLookAtItsFigureWhenAnEpochHasThemAll(Monitor monitor, double goodness, String ofNumbers) {
        Epoch epoch = Epoch.newBuilder()
                .setEpoch(1)
                .setAccuracy(1)
                .setLoss(2)
                .setValAccuracy(3.0)
                .setValLoss(4.0)
                .setAuc(5.0)
                .setValAuc(6.0)
                .setMeanAbsoluteError(7.0)
                .setValMeanAbsoluteError(8.0)
                .build();

        assertThat(monitor.goodness(epoch)).hasValue(goodness);
        assertThat(Monitor.of(monitor.setting())).isEqualTo(monitor);
        assertThat(monitor.needsValidation()).isEqualTo(monitor.name().startsWith("VAL_"));
        if (!ofNumbers.equals("-")) {
            assertThat(monitor.of(Task.REGRESSION).goodness(epoch)).hasValue(Double.parseDouble(ofNumbers));
        }
    }

    @Test
    void shouldLookAtTheLossWhenTheAccuracyIsOfNumbers() {
        assertThat(Monitor.ACCURACY.of(Task.REGRESSION)).isEqualTo(Monitor.LOSS);
        assertThat(Monitor.VAL_ACCURACY.of(Task.REGRESSION)).isEqualTo(Monitor.VAL_LOSS);
        assertThat(Monitor.ACCURACY.of(Task.BINARY)).isEqualTo(Monitor.ACCURACY);
    }
}
