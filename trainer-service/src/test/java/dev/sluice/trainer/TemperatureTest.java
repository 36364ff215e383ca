package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TemperatureTest {
    private static final int EXAMPLES = 20_000;

    /** Sums whose softmax at this temperature is the very chance of each label, drawn once. */
    private static double fittedTo(double temperature, int examples, int labels) {
        Random random = new Random(5);
        float[][] sums = new float[examples][labels];
        int[] truths = new int[examples];
        for (int i = 0; i < examples; i++) {
            double[] powers = new double[labels];
            double total = 0;
            for (int label = 0; label < labels; label++) {
                double fair = 2 * random.nextGaussian();
                powers[label] = Math.exp(fair);
                total += powers[label];
                sums[i][label] = (float) (fair * temperature);
            }
            double drawn = random.nextDouble() * total;
            while (truths[i] < labels - 1 && drawn >= powers[truths[i]]) {
                drawn -= powers[truths[i]];
                truths[i]++;
            }
        }
        return Temperature.of(sums, truths);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.25, 1, 3, 9})
    void shouldFindTheTemperatureWhenTheTruthsWereDrawnByIt(double temperature) {
        assertThat(fittedTo(temperature, EXAMPLES, 4) / temperature).isCloseTo(1, within(0.03));
        assertThat(fittedTo(temperature, EXAMPLES, 2) / temperature).isCloseTo(1, within(0.03));
    }

    @Test
    void shouldNotCallEveryAnswerCertainWhenAllAreRight() {
        float[][] sums = new float[50][];
        int[] truths = new int[50];
        for (int i = 0; i < 50; i++) {
            truths[i] = i % 2;
            sums[i] = i % 2 == 0 ? new float[] {1, 0} : new float[] {0, 1};
        }

        double temperature = Temperature.of(sums, truths);

        // 51.5 of 52 truths, half of the rest for each label: (1 - p) is 1/104
        double confidence = 1 / (1 + Math.exp(-1 / temperature));
        assertThat(confidence).isCloseTo(1 - 1.0 / 104, within(1e-4));
    }

    @Test
    void shouldStayWithinItsBoundsWhenTheSumsTellNothingOrTheOpposite() {
        assertThat(Temperature.of(new float[][] {{0, 0}, {0, 0}}, new int[] {0, 1}))
                .isBetween(Temperature.LOWEST, Temperature.HIGHEST);
        assertThat(Temperature.of(new float[][] {{9, 0}, {0, 9}}, new int[] {1, 0}))
                .isCloseTo(Temperature.HIGHEST, within(0.01));
    }

    @Test
    void shouldBeFiniteWhenTheSumsAreHuge() {
        assertThat(Temperature.of(new float[][] {{3e38f, -3e38f}, {-3e38f, 3e38f}}, new int[] {0, 0}))
                .isBetween(Temperature.LOWEST, Temperature.HIGHEST);
    }
}
