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
}
