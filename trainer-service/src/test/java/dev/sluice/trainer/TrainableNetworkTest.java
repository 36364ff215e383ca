package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.schemas.Activation;
import dev.sluice.schemas.Task;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The fast path beside DL4J's own fit of the same network. */
class TrainableNetworkTest {
    private static final Optimizer ADAM = new Optimizer.Adam(0.001);

    static Stream<Arguments> plans() {
        return Stream.of(
                // each head, without a hidden layer, with one, with two
                Arguments.of(Plans.plan(Task.MULTICLASS, Activation.RELU, 0, ADAM, 11, 3)),
                Arguments.of(Plans.plan(Task.MULTICLASS, Activation.RELU, 0, ADAM, 11, 13, 3)),
                Arguments.of(Plans.plan(Task.MULTICLASS, Activation.RELU, 0, ADAM, 11, 13, 6, 3)),
                Arguments.of(Plans.plan(Task.BINARY, Activation.RELU, 0, ADAM, 11, 1)),
                Arguments.of(Plans.plan(Task.BINARY, Activation.RELU, 0, ADAM, 11, 13, 1)),
                Arguments.of(Plans.plan(Task.BINARY, Activation.RELU, 0, ADAM, 11, 13, 6, 1)),
                Arguments.of(Plans.plan(Task.REGRESSION, Activation.RELU, 0, ADAM, 11, 1)),
                Arguments.of(Plans.plan(Task.REGRESSION, Activation.RELU, 0, ADAM, 11, 13, 1)),
                Arguments.of(Plans.plan(Task.REGRESSION, Activation.RELU, 0, ADAM, 11, 13, 6, 1)),
                // each activation, L2, each optimizer
                Arguments.of(Plans.plan(Task.MULTICLASS, Activation.TANH, 0, ADAM, 11, 13, 3)),
                Arguments.of(Plans.plan(Task.MULTICLASS, Activation.SIGMOID, 0, ADAM, 11, 13, 3)),
                Arguments.of(Plans.plan(Task.MULTICLASS, Activation.IDENTITY, 0, ADAM, 11, 13, 3)),
                Arguments.of(Plans.plan(Task.BINARY, Activation.RELU, 0.01, ADAM, 11, 13, 6, 1)),
                Arguments.of(Plans.plan(Task.REGRESSION, Activation.TANH, 0.01, new Optimizer.Sgd(0.01, 0), 11, 13, 1)),
                // more outputs than a block holds, and a last block that is not full; in a layer that passes back, too
                Arguments.of(Plans.plan(Task.MULTICLASS, Activation.RELU, 0, ADAM, 20, 300, 200, 3)),
                Arguments.of(Plans.plan(Task.MULTICLASS, Activation.RELU, 0, ADAM, 512, 150, 3)));
    }

    @ParameterizedTest
    @MethodSource("plans")
    void shouldEqualPlainDl4jWhenSteppedWithTheSameBatches(NetworkPlan plan) {
        // given
        Random random = new Random(1);
        TrainableNetwork fast = new TrainableNetwork(plan);
        PlainDl4j plain = new PlainDl4j(plan);
        assertThat(fast.weights()).isEqualTo(plain.weights());
        int outputs = plan.outputs(plan.layers() - 1);

        // when, then: batches of a few sizes, 32 among them
        for (int i = 0; i < 50; i++) {
            float[][] vectors = Plans.vectors(i % 3 == 0 ? 5 : 32, plan.inputs(0), random);
            float[] truths = Plans.truths(vectors.length, plan.task(), outputs, random);
            double penalty = plan.l2() * squares(plan, fast.weights());
            TrainableNetwork.Step step = fast.fit(vectors, truths, Plans.ones(vectors.length));
            double loss = plain.fit(vectors, truths);
            assertThat(step.loss() + penalty).as("step %d", i).isCloseTo(loss, within(1e-4 * loss));
        }
        assertThat(farthest(fast.weights(), plain.weights())).isLessThan(1e-5);
        float[][] asked = Plans.vectors(9, plan.inputs(0), random);
        for (int i = 0; i < asked.length; i++) {
            float[] expected = plain.outputs(asked)[i];
            assertThat(fast.outputs(asked)[i]).containsExactly(expected, within(1e-4f));
            assertThat(fast.outputs(asked, 1)[i]).containsExactly(expected, within(1e-4f));
        }
    }

    private static double squares(NetworkPlan plan, float[] weights) {
        double sum = 0;
        int at = 0;
        for (int layer = 0; layer < plan.layers(); layer++) {
            for (int i = at; i < at + plan.inputs(layer) * plan.outputs(layer); i++) {
                sum += (double) weights[i] * weights[i];
            }
            at += (int) plan.parameters(layer);
        }
        return sum;
    }

    private static double farthest(float[] one, float[] other) {
        assertThat(other).hasSameSizeAs(one);
        return IntStream.range(0, one.length)
                .mapToDouble(i -> Math.abs(one[i] - other[i]))
                .max()
                .orElseThrow();
    }

    @Test
    void shouldHaveDl4jsLossInEveryEpochWhen400RowsAreFitted() {
        // given
        int epochs = 20;
        NetworkPlan plan = Plans.multiclass(384, 384, 4);
        Random random = new Random(3);
        float[][] vectors = Plans.vectors(400, 384, random);
        float[] truths = Plans.truths(400, Task.MULTICLASS, 4, random);
        TrainableNetwork fast = new TrainableNetwork(plan);
        PlainDl4j plain = new PlainDl4j(plan);

        for (int epoch = 1; epoch <= epochs; epoch++) {
            // when
            double losses = 0;
            double dl4j = 0;
            for (int from = 0; from < 400; from += 32) {
                int to = Math.min(from + 32, 400);
                float[][] batch = Arrays.copyOfRange(vectors, from, to);
                float[] labels = Arrays.copyOfRange(truths, from, to);
                losses += fast.fit(batch, labels, Plans.ones(to - from)).loss() * (to - from);
                dl4j += plain.fit(batch, labels) * (to - from);
            }

            // then
            assertThat(losses).as("epoch %d", epoch).isCloseTo(dl4j, within(1e-4 * dl4j));
        }
    }

    @Test
    void shouldStayWithin1e5OfDl4jWhenALargeNetworkMade50Steps() {
        NetworkPlan plan = Plans.multiclass(768, 768, 20);
        Random random = new Random(4);
        TrainableNetwork fast = new TrainableNetwork(plan);
        PlainDl4j plain = new PlainDl4j(plan);

        for (int i = 0; i < 50; i++) {
            float[][] vectors = Plans.vectors(32, 768, random);
            float[] truths = Plans.truths(32, Task.MULTICLASS, 20, random);
            fast.fit(vectors, truths, Plans.ones(32));
            plain.fit(vectors, truths);
        }

        assertThat(farthest(fast.weights(), plain.weights())).isLessThan(1e-5);
    }

    @ParameterizedTest
    @CsvSource({"0", "0.5"})
    void shouldGiveTheSameBitsWhenSeedAndBatchesAreTheSame(double dropout) {
        NetworkPlan plan = new NetworkPlan(List.of(40, 70, 3), Task.MULTICLASS, Activation.RELU, dropout, 0, ADAM, 9);
        NetworkPlan another =
                new NetworkPlan(List.of(40, 70, 3), Task.MULTICLASS, Activation.RELU, dropout, 0, ADAM, 10);

        float[] weights = fitted(plan);

        assertThat(fitted(plan)).isEqualTo(weights);
        assertThat(fitted(another)).isNotEqualTo(weights);
    }

    private static float[] fitted(NetworkPlan plan) {
        Random random = new Random(5);
        TrainableNetwork network = new TrainableNetwork(plan);
        for (int i = 0; i < 20; i++) {
            float[][] vectors = Plans.vectors(i == 7 ? 3 : 16, plan.inputs(0), random);
            network.fit(
                    vectors,
                    Plans.truths(vectors.length, plan.task(), plan.outputs(plan.layers() - 1), random),
                    Plans.ones(vectors.length));
            network.outputs(Plans.vectors(50, plan.inputs(0), random)); // asking between steps changes nothing
        }
        return network.weights();
    }

    @Test
    void shouldTellTheLossOfThePlainTruthsWhenTheyAreSmoothed() {
        NetworkPlan plan = Plans.plan(Task.MULTICLASS, Activation.RELU, 0, ADAM, 11, 13, 3);
        TrainableNetwork plain = new TrainableNetwork(plan);
        TrainableNetwork smoothing = new TrainableNetwork(plan, 0.5);
        float[][] vectors = Plans.vectors(32, 11, new Random(1));
        float[] truths = Plans.truths(32, Task.MULTICLASS, 3, new Random(2));

        double first = plain.fit(vectors, truths, Plans.ones(32)).loss();

        assertThat(smoothing.fit(vectors, truths, Plans.ones(32)).loss()).isEqualTo(first);
        assertThat(smoothing.weights()).isNotEqualTo(plain.weights());
    }

    @Test
    void shouldAnswerAsBeforeWhenRestored() {
        NetworkPlan plan = Plans.multiclass(6, 7, 3);
        Random random = new Random(6);
        TrainableNetwork network = new TrainableNetwork(plan);
        float[][] asked = Plans.vectors(4, 6, random);
        float[] weights = network.weights();
        float[][] answers = network.outputs(asked);

        network.fit(Plans.vectors(8, 6, random), Plans.truths(8, Task.MULTICLASS, 3, random), Plans.ones(8));
        float[][] moved = network.outputs(asked);
        network.restore(weights);

        assertThat(network.weights()).isEqualTo(weights);
        assertThat(network.outputs(asked)).isDeepEqualTo(answers);
        assertThat(moved[0]).isNotEqualTo(answers[0]);
    }

    @Test
    void shouldAnswerWithAllUnitsWhenSomeAreLeftOutInSteps() {
        NetworkPlan plan = Plans.multiclass(6, 50, 3);
        NetworkPlan thinning =
                new NetworkPlan(plan.widths(), plan.task(), plan.activation(), 0.5, 0, ADAM, plan.seed());
        float[][] asked = Plans.vectors(4, 6, new Random(7));

        assertThat(new TrainableNetwork(thinning).outputs(asked))
                .isDeepEqualTo(new TrainableNetwork(plan).outputs(asked));
    }

    @Test
    void shouldAddWhatStandsBesideWhenAnswering() {
        TrainableNetwork network = new TrainableNetwork(Plans.plan(Task.REGRESSION, Activation.RELU, 0, ADAM, 6, 7, 1));
        float[][] asked = Plans.vectors(2, 6, new Random(8));
        float[][] alone = network.outputs(asked);

        float[][] together = network.outputs(asked, new float[][] {{10}, {20}});

        assertThat(together[0][0]).isEqualTo(alone[0][0] + 10);
        assertThat(together[1][0]).isEqualTo(alone[1][0] + 20);
        assertThat(network.sums(asked)).isDeepEqualTo(alone);
    }
}
