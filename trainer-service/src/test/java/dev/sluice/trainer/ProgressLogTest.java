package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Epoch;
import org.junit.jupiter.api.Test;

class ProgressLogTest {
    @Test
    void shouldReadAsInKerasWhenAnEpochEnds() {
        assertThat(ProgressLog.line(
                        Epoch.newBuilder()
                                .setEpoch(3)
                                .setLoss(0.43214)
                                .setAccuracy(0.91226)
                                .setValLoss(0.50119)
                                .setValAccuracy(0.8877)
                                .build(),
                        20))
                .isEqualTo("Epoch 3/20 - loss: 0.4321 - accuracy: 0.9123 - val_loss: 0.5012 - val_accuracy: 0.8877");
    }

    @Test
    void shouldLeaveOutValidationWhenThereIsNone() {
        assertThat(ProgressLog.line(
                        Epoch.newBuilder()
                                .setEpoch(1)
                                .setLoss(1.0)
                                .setAccuracy(0.0)
                                .build(),
                        2))
                .isEqualTo("Epoch 1/2 - loss: 1.0000 - accuracy: 0.0000");
    }

    @Test
    void shouldTellTheAreaUnderTheCurveWhenThereAreTwoLabels() {
        assertThat(ProgressLog.line(
                        Epoch.newBuilder()
                                .setEpoch(1)
                                .setLoss(0.5)
                                .setAccuracy(0.75)
                                .setAuc(0.8)
                                .setValLoss(0.6)
                                .setValAccuracy(0.7)
                                .setValAuc(0.79)
                                .build(),
                        2))
                .isEqualTo("Epoch 1/2 - loss: 0.5000 - accuracy: 0.7500 - auc: 0.8000 - val_loss: 0.6000"
                        + " - val_accuracy: 0.7000 - val_auc: 0.7900");
    }

    @Test
    void shouldTellErrorsAndNoAccuracyWhenThereAreNumbers() {
        assertThat(ProgressLog.line(
                        Epoch.newBuilder()
                                .setEpoch(1)
                                .setLoss(4.0)
                                .setAccuracy(0)
                                .setMeanAbsoluteError(1.5)
                                .setValLoss(5.0)
                                .setValAccuracy(0.0)
                                .setValMeanAbsoluteError(1.75)
                                .build(),
                        2))
                .isEqualTo("Epoch 1/2 - loss: 4.0000 - mae: 1.5000 - val_loss: 5.0000 - val_mae: 1.7500");
    }
}
