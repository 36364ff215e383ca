package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.schemas.Activation;
import dev.sluice.schemas.Task;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Loss and gradient of a step beside differences of a loss that is reckoned in 64 bits. */
class GradientTest {
    private static final int BATCH = 7;
    private static final double STEP = 1e-5;

    static Stream<Arguments> plans() {
        return Stream.of(Task.MULTICLASS, Task.BINARY, Task.REGRESSION).flatMap(task -> Stream.of(
                        List.of(5), List.of(5, 6), List.of(5, 6, 4))
                .flatMap(widths -> Stream.of(Activation.RELU, Activation.TANH, Activation.SIGMOID, Activation.IDENTITY)
                        .flatMap(activation ->
                                Stream.of(0.0, 0.3).map(dropout -> Arguments.of(task, widths, activation, dropout)))));
    }

    @ParameterizedTest
    @MethodSource("plans")
    void shouldFindTheGradientWhenDifferencesTellIt(
            Task task, List<Integer> hidden, Activation activation, double dropout) {
        // given: plain descent at a rate of 1, whose step is the gradient; L2, weights, and sums from beside
        Random random = new Random(5);
        int outputs = task == Task.MULTICLASS ? 3 : 1;
        List<Integer> widths =
                Stream.concat(hidden.stream(), Stream.of(outputs)).toList();
        NetworkPlan plan = new NetworkPlan(widths, task, activation, dropout, 0.01, new Optimizer.Sgd(1, 0), 7);
        float[][] vectors = Plans.vectors(BATCH, 5, random);
        float[] truths = Plans.truths(BATCH, task, outputs, random);
        float[] weights = {1, 0.5f, 2, 0, 1, 3, 1};
        float[][] beside = Plans.vectors(BATCH, outputs, random);
        TrainableNetwork network = new TrainableNetwork(plan);
        float[] before = away(network.weights(), random);
        network.restore(before);

        // when
        TrainableNetwork.Step step = network.fit(vectors, truths, weights, beside);

        // then
        DoubleNetwork reference = new DoubleNetwork(plan, vectors, truths, weights, beside);
        double[] parameters = doubles(before);
        assertThat(step.loss()).isCloseTo(reference.loss(parameters, false), within(1e-5));
        float[] after = network.weights();
        for (int i = 0; i < parameters.length; i++) {
            double stays = parameters[i];
            parameters[i] = stays + STEP;
            double above = reference.loss(parameters, true);
            parameters[i] = stays - STEP;
            double below = reference.loss(parameters, true);
            parameters[i] = stays;
            assertThat((double) before[i] - after[i])
                    .as("parameter %d", i)
                    .isCloseTo((above - below) / (2 * STEP), within(2e-5));
        }
    }

    @ParameterizedTest
    @MethodSource("plans")
    void shouldTellTheErrorsWhenSomethingStandsBeside(
            Task task, List<Integer> hidden, Activation activation, double dropout) {
        Random random = new Random(6);
        int outputs = task == Task.MULTICLASS ? 3 : 1;
        List<Integer> widths =
                Stream.concat(hidden.stream(), Stream.of(outputs)).toList();
        NetworkPlan plan = new NetworkPlan(widths, task, activation, dropout, 0, new Optimizer.Sgd(1, 0), 7);
        float[][] vectors = Plans.vectors(BATCH, 5, random);
        float[] truths = Plans.truths(BATCH, task, outputs, random);
        float[] weights = {1, 0.5f, 2, 0, 1, 3, 1};
        float[][] beside = Plans.vectors(BATCH, outputs, random);
        TrainableNetwork network = new TrainableNetwork(plan);
        double[] parameters = doubles(network.weights());

        TrainableNetwork.Step step = network.fit(vectors, truths, weights, beside);

        float change = 1f / 64;
        for (int row = 0; row < BATCH; row++) {
            for (int i = 0; i < outputs; i++) {
                float stays = beside[row][i];
                beside[row][i] = stays + change;
                double above = new DoubleNetwork(plan, vectors, truths, weights, beside).loss(parameters, false);
                beside[row][i] = stays - change;
                double below = new DoubleNetwork(plan, vectors, truths, weights, beside).loss(parameters, false);
                beside[row][i] = stays;
                assertThat((double) step.errors()[row][i]).isCloseTo((above - below) / (2 * change), within(5e-5));
            }
        }
    }

    /** Biases too, which begin at 0, where not every slope shows. */
    private static float[] away(float[] parameters, Random random) {
        float[] moved = parameters.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += (float) random.nextGaussian() / 10;
        }
        return moved;
    }

    private static double[] doubles(float[] numbers) {
        double[] doubles = new double[numbers.length];
        Arrays.setAll(doubles, i -> numbers[i]);
        return doubles;
    }
}
