package dev.sluice.classifier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Activation;
import dev.sluice.schemas.DenseLayer;
import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.TargetScale;
import dev.sluice.schemas.Vectors;
import java.util.List;
import org.junit.jupiter.api.Test;

class WarmUpTest {
    @Test
    void shouldDoAboutTheSameWorkWhenNetworksAreSmallOrLarge() {
        assertThat(WarmUp.of(network(1))).isEqualTo(WarmUp.MOST_CALLS);
        assertThat(WarmUp.of(network(400))).isEqualTo((int) (WarmUp.MULTIPLICATIONS / (400 * 405)));
        assertThat(WarmUp.of(network(4_000))).isEqualTo(WarmUp.LEAST_CALLS);
    }

    @Test
    void shouldWarmUpWhateverTheTask() {
        Predictor regression = Predictor.ofUnsealed(
                Samples.regression(1).setTargetScale(new TargetScale(1e6, 1e6)).build());

        assertThat(WarmUp.of(Predictor.ofUnsealed(Samples.binary(1).build()))).isEqualTo(WarmUp.MOST_CALLS);
        assertThat(WarmUp.of(regression)).isEqualTo(WarmUp.MOST_CALLS);
    }

    /** So many wide, from 2 numbers to 3 labels: 2n + n² + 3n multiplications. */
    private static Predictor network(int width) {
        return Predictor.ofUnsealed(Samples.model(1, 1)
                .setNetwork(new DenseNetwork(List.of(
                        layer(2, width, Activation.RELU),
                        layer(width, width, Activation.RELU),
                        layer(width, 3, Activation.SOFTMAX))))
                .build());
    }

    private static DenseLayer layer(int inputs, int outputs, Activation activation) {
        return new DenseLayer(
                inputs,
                outputs,
                activation,
                Vectors.toBytes(new float[inputs * outputs]),
                Vectors.toBytes(new float[outputs]));
    }
}
