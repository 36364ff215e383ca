package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Epoch;
import org.junit.jupiter.api.Test;

class ProgressLogTest {
    @Test
    void shouldReadAsInKerasWhenAnEpochEnds() {
        assertThat(ProgressLog.line(new Epoch(3, 0.43214, 0.91226, 0.50119, 0.8877), 20))
                .isEqualTo("Epoch 3/20 - loss: 0.4321 - accuracy: 0.9123 - val_loss: 0.5012 - val_accuracy: 0.8877");
    }

    @Test
    void shouldLeaveOutValidationWhenThereIsNone() {
        assertThat(ProgressLog.line(new Epoch(1, 1.0, 0.0, null, null), 2))
                .isEqualTo("Epoch 1/2 - loss: 1.0000 - accuracy: 0.0000");
    }
}
