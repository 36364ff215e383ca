package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizerTest {
    private static float[] stepped(Optimizer optimizer, float from, float[] gradients) {
        float[] parameters = {from, -from};
        Update update = Update.of(optimizer, 2);
        for (int step = 1; step <= gradients.length; step++) {
            float gradient = gradients[step - 1];
            update.apply(parameters, new float[] {gradient, -gradient}, (float) optimizer.rate(step));
        }
        return parameters;
    }

    private static float[] constant(float gradient, int steps) {
        float[] gradients = new float[steps];
        Arrays.fill(gradients, gradient);
        return gradients;
    }

    @ParameterizedTest
    @ValueSource(floats = {1e-3f, 1f, 1e3f})
    void shouldStepByTheLearningRateWhenAdamsGradientStaysTheSame(float gradient) {
        // both moments, corrected, are the gradient and its square, so that each step is as long as the rate
        float[] moved = stepped(new Optimizer.Adam(0.01), 1, constant(gradient, 10));

        assertThat(moved[0]).isCloseTo(0.9f, within(5e-4f));
        assertThat(moved[1]).isCloseTo(-0.9f, within(5e-4f));
    }

    @Test
    void shouldFollowItsDefinitionWhenAdamsGradientsVary() {
        // given
        Random random = new Random(1);
        float[] gradients = new float[100];
        double first = 0;
        double second = 0;
        double parameter = 1;
        for (int step = 1; step <= gradients.length; step++) {
            gradients[step - 1] = (float) random.nextGaussian();
            first = 0.9 * first + 0.1 * gradients[step - 1];
            second = 0.999 * second + 0.001 * gradients[step - 1] * gradients[step - 1];
            double rate = 0.05 * Math.sqrt(1 - Math.pow(0.999, step)) / (1 - Math.pow(0.9, step));
            parameter -= rate * first / (Math.sqrt(second) + 1e-7);
        }

        // when, then
        assertThat((double) stepped(new Optimizer.Adam(0.05), 1, gradients)[0]).isCloseTo(parameter, within(1e-5));
    }

    @Test
    void shouldShrinkByTheDecayWhenAdamWHasNoGradient() {
        float[] moved = stepped(new Optimizer.AdamW(0.1, 0.5), 2, constant(0, 3));

        assertThat((double) moved[0]).isCloseTo(2 * 0.95 * 0.95 * 0.95, within(1e-6));
    }

    @Test
    void shouldShrinkApartFromTheGradientWhenAdamWHasOne() {
        // decoupled: the decay is not divided by the gradient's size, as a penalty in the loss would be
        float[] moved = stepped(new Optimizer.AdamW(0.1, 0.5), 2, constant(1000, 1));

        assertThat((double) moved[0]).isCloseTo(2 * 0.95 - 0.1, within(1e-5));
    }

    @Test
    void shouldGatherSpeedWhenSgdHasMomentum() {
        // velocities -0.1, -0.15, -0.175
        float[] moved = stepped(new Optimizer.Sgd(0.1, 0.5), 1, constant(1, 3));

        assertThat((double) moved[0]).isCloseTo(1 - 0.1 - 0.15 - 0.175, within(1e-6));
        assertThat((double) moved[1]).isCloseTo(-1 + 0.1 + 0.15 + 0.175, within(1e-6));
    }

    @Test
    void shouldStepByTheGradientWhenSgdHasNoMomentum() {
        assertThat((double) stepped(new Optimizer.Sgd(0.1, 0), 1, constant(2, 3))[0])
                .isCloseTo(1 - 3 * 0.2, within(1e-6));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void shouldRefuseALearningRateWhenItIsNotAbove0(double rate) {
        assertThatIllegalArgumentException().isThrownBy(() -> new Optimizer.Adam(rate));
        assertThatIllegalArgumentException().isThrownBy(() -> new Optimizer.AdamW(rate, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Optimizer.Sgd(rate, 0));
    }

    @Test
    void shouldRefuseMomentumAndDecayWhenOutOfRange() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Optimizer.Sgd(1, -0.01));
        assertThatNoException().isThrownBy(() -> new Optimizer.Sgd(1, 0.99));
        assertThatIllegalArgumentException().isThrownBy(() -> new Optimizer.Sgd(1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Optimizer.AdamW(1, -0.01));
        assertThatNoException().isThrownBy(() -> new Optimizer.AdamW(1, 0));
    }
}
