package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropoutTest {
    private static final int COUNT = 100_000;

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.5, 0.9})
    void shouldLeaveItsShareOutAndKeepTheMeanWhenDrawn(double share) {
        float[] factors = new float[COUNT];
        new Dropout(share, 1).draw(factors, COUNT);

        int out = 0;
        double sum = 0;
        for (float factor : factors) {
            out += factor == 0 ? 1 : 0;
            sum += factor;
        }
        assertThat((double) out / COUNT).isCloseTo(share, within(0.01));
        assertThat(sum / COUNT).isCloseTo(1, within(0.05));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.5, 0.9})
    void shouldLeaveOthersOutWhenDrawnAgain(double share) {
        Dropout dropout = new Dropout(share, 1);
        float[] one = new float[1000];
        float[] two = new float[1000];
        dropout.draw(one, 1000);
        dropout.draw(two, 1000);

        assertThat(dropout.leavesOut()).isTrue();
        assertThat(new Dropout(0, 1).leavesOut()).isFalse();
        assertThat(two).isNotEqualTo(one);
    }
}
