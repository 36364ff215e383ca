package dev.sluice.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PredictorTest {
    @Test
    void shouldGiveTheClosedFormWhenTheNetworkIsSmall() {
        Predictor predictor = Predictor.of(Examples.modelVersion());

        float[] answer = predictor.predict(new float[] {0.5f, -3f});

        // hidden: relu(0.5), relu(-3) = 0.5, 0; sums: 1, 0; softmax: e / (e + 1)
        assertThat(answer[0]).isEqualTo((float) (Math.E / (Math.E + 1)), within(1e-6f));
        assertThat(answer[0] + answer[1]).isEqualTo(1f, within(1e-6f));
    }

    @Test
    void shouldDivideTheSumsByTheTemperatureWhenCalibrated() {
        ModelVersion version = Examples.unsealedModelVersion()
                .setCalibration(new Calibration(2.0))
                .build();

        float[] answer = Predictor.ofUnsealed(version).predict(new float[] {1f, 0f});

        assertThat(answer[0]).isEqualTo((float) (Math.E / (Math.E + 1)), within(1e-6f));
    }

    @ParameterizedTest
    @CsvSource({
        "1e-46,false",
        "0.00099,false",
        "0.001,true",
        "0.0011,true",
        "999,true",
        "1000,true",
        "1001,false",
        "NaN,false"
    })
    void shouldRefuseATemperatureWhenItIsOutOfAllProportion(double temperature, boolean accepted) {
        ModelVersion version = Examples.unsealedModelVersion()
                .setCalibration(new Calibration(temperature))
                .build();

        if (accepted) {
            assertThat(Predictor.ofUnsealed(version).labels()).hasSize(2);
        } else {
            assertThatThrownBy(() -> Predictor.ofUnsealed(version))
                    .isInstanceOf(InvalidModelException.class)
                    .hasMessageContaining("temperature");
        }
    }

    @Test
    void shouldAgreeWithItselfWhenItMakesTheSelfTestOfAVersion() {
        ModelVersion.Builder version = Examples.unsealedModelVersion();
        List<SelfTest> own = Predictor.ofUnsealed(version.build()).selfTestOfItsOwn();

        Predictor again = Predictor.ofUnsealed(version.setSelfTest(own).build());

        assertThat(again.selfTestOfItsOwn()).isEqualTo(own).hasSizeGreaterThan(2);
        assertThat(own).allSatisfy(test -> {
            float[] in = Vectors.fromBytes(test.getInput());
            assertThat(in[0] * in[0] + in[1] * in[1]).isEqualTo(1f, within(1e-6f));
            assertThat(again.predict(in)).isEqualTo(Vectors.fromBytes(test.getOutput()));
        });
    }

    @Test
    void shouldStayFiniteWhenTheSumsAreHuge() {
        float[] answer = Predictor.of(Examples.modelVersion()).predict(new float[] {1e30f, 0f});

        assertThat(answer).containsExactly(1f, 0f);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 9})
    void shouldAgreeWithThePlainSumToTheLastBitWhenInputsDoNotDivideByFour(int inputs) {
        int outputs = 5;
        float[] weights = random(outputs * inputs);
        float[] biases = random(outputs);
        Dense dense = new Dense(inputs, outputs, weights, biases, Activation.IDENTITY, 1f);
        float[] in = random(inputs);

        float[] out = dense.apply(in);

        for (int row = 0; row < outputs; row++) {
            float sum = biases[row];
            for (int i = 0; i < inputs; i++) {
                sum += weights[row * inputs + i] * in[i];
            }
            assertThat(out[row]).isEqualTo(sum);
        }
    }

    static Stream<Arguments> brokenVersions() {
        return Stream.of(
                broken("temperature", v -> v.setCalibration(new Calibration(0.0))),
                broken("needs 2 labels", v -> v.setLabels(List.of("one"))),
                broken("stands twice", v -> v.setLabels(List.of("a", "a"))),
                broken("2 outputs for 3 labels", v -> v.setLabels(List.of("a", "b", "c"))),
                broken("task", v -> v.setTask(Task.UNKNOWN)),
                broken("SIGMOID for the task BINARY", v -> v.setTask(Task.BINARY)),
                broken("BINARY needs 2 labels", v -> v.setTask(Task.BINARY).setLabels(List.of("a", "b", "c"))),
                broken("outputs for the task BINARY", v -> v.setTask(Task.BINARY)
                        .setNetwork(network(2, Activation.SIGMOID, new float[4]))),
                broken("REGRESSION has no labels", v -> v.setTask(Task.REGRESSION)),
                broken("IDENTITY for the task REGRESSION", v -> v.setTask(Task.REGRESSION)
                        .setLabels(List.of())),
                broken("deviation above 0", v -> regression(v, 1).setTargetScale(new TargetScale(0.0, 0.0))),
                broken("probabilities to calibrate", v -> regression(v, 1).setCalibration(new Calibration(2.0))),
                broken("threshold is for", v -> v.setThreshold(0.5)),
                broken("threshold must be", v -> binary(v, 1).setThreshold(1.01)),
                broken("threshold must be", v -> binary(v, 1).setThreshold(Double.NaN)),
                broken("scale of targets is for", v -> v.setTargetScale(new TargetScale(0.0, 1.0))),
                broken("dimensions", v -> v.setSpace(Examples.space(3))),
                broken("no layers", v -> v.setNetwork(new DenseNetwork(List.of()))),
                broken("layer 1 reads 3", v -> v.setNetwork(network(3, Activation.SOFTMAX, new float[6]))),
                broken("4 numbers take 16 bytes", v -> v.setNetwork(network(2, Activation.SOFTMAX, new float[3]))),
                broken("4 numbers take 16 bytes", v -> v.setNetwork(network(2, Activation.SOFTMAX, new float[5]))),
                broken("finite", v -> v.setNetwork(network(2, Activation.SOFTMAX, 1, Float.NaN, 0, 0))),
                broken("so large", v -> v.setNetwork(network(2, Activation.SOFTMAX, 3e38f, 3e38f, 0, 0))),
                broken("so large", v -> v.setNetwork(network(2, Activation.SOFTMAX, -3e38f, -3e38f, 0, 0))),
                broken("SOFTMAX for the task MULTICLASS", v -> v.setNetwork(network(2, Activation.RELU, new float[4]))),
                broken("versions count from 1", v -> v.setVersion(0)),
                broken("self-test 0", v -> v.setSelfTest(List.of(selfTest(0.5f + 2e-5f)))));
    }

    @ParameterizedTest
    @MethodSource("brokenVersions")
    void shouldSayWhatDoesNotFitWhenAVersionIsBroken(String reason, UnaryOperator<ModelVersion.Builder> broken) {
        ModelVersion version = broken.apply(Examples.unsealedModelVersion()).build();

        assertThatThrownBy(() -> Predictor.of(ModelVersions.seal(version)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void shouldAcceptWhenTheSelfTestIsWithinTheTolerance() {
        ModelVersion version = Examples.unsealedModelVersion()
                .setSelfTest(List.of(selfTest(0.5f + 9e-6f)))
                .build();

        assertThat(Predictor.of(ModelVersions.seal(version)).labels()).containsExactly("sci.med", "sci.space");
    }

    /** As a model that is refused, not as a record that cannot be read, which no reader of models expects. Found by fuzzing. */
    @ParameterizedTest
    @ValueSource(ints = {7, 9})
    void shouldRefuseWhenASelfTestsOutputIsNoRowOfNumbers(int bytes) {
        SelfTest test = SelfTest.newBuilder()
                .setInput(Vectors.toBytes(new float[2]))
                .setOutput(ByteBuffer.allocate(bytes))
                .build();
        ModelVersion version =
                Examples.unsealedModelVersion().setSelfTest(List.of(test)).build();

        assertThatThrownBy(() -> Predictor.of(ModelVersions.seal(version)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("self-test output 0 has " + bytes + " bytes");
    }

    @Test
    void shouldRefuseWhenAByteWasChangedAfterTheSeal() {
        ModelVersion changed =
                ModelVersion.newBuilder(Examples.modelVersion()).setVersion(8).build();

        assertThatThrownBy(() -> Predictor.of(changed))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("sha256");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void shouldRefuseWhenAVectorHasAnotherLength(int length) {
        Predictor predictor = Predictor.of(Examples.modelVersion());

        assertThatThrownBy(() -> predictor.predict(new float[length])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldGiveTheSigmoidAndItsRestWhenTheTaskIsBinary() {
        Predictor predictor =
                Predictor.ofUnsealed(binary(Examples.unsealedModelVersion(), 2).build());

        float[] answer = predictor.predict(new float[] {1f, -3f});

        // sum: 2 x 1 + 0 x -3
        assertThat(answer[1]).isEqualTo((float) (1 / (1 + Math.exp(-2))), within(1e-6f));
        assertThat(answer[0]).isEqualTo((float) (1 / (1 + Math.exp(2))), within(1e-6f));
        assertThat(predictor.task()).isEqualTo(Task.BINARY);
    }

    @ParameterizedTest
    @CsvSource({"0.69,0", "0.7,1", "0.71,1"})
    void shouldChooseTheSecondLabelFromTheThresholdOnWhenTheTaskIsBinary(float probability, int choice) {
        ModelVersion version = binary(Examples.unsealedModelVersion(), 2)
                .setThreshold((double) 0.7f)
                .build();

        assertThat(Predictor.ofUnsealed(version).choice(new float[] {1 - probability, probability}))
                .isEqualTo(choice);
    }

    @Test
    void shouldChooseTheMoreLikelyOneWhenNoThresholdIsSet() {
        Predictor binary =
                Predictor.ofUnsealed(binary(Examples.unsealedModelVersion(), 2).build());
        Predictor many = Predictor.of(Examples.modelVersion());

        assertThat(binary.choice(new float[] {0.49f, 0.51f})).isEqualTo(1);
        assertThat(binary.choice(new float[] {0.51f, 0.49f})).isZero();
        assertThat(many.choice(new float[] {0.5f, 0.5f})).isZero();
        assertThat(many.choice(new float[] {0.4f, 0.6f})).isEqualTo(1);
    }

    @Test
    void shouldAnswerInTheTargetsUnitWhenTheTaskIsRegression() {
        ModelVersion version = regression(Examples.unsealedModelVersion(), 3)
                .setTargetScale(new TargetScale(10.0, 2.0))
                .build();

        assertThat(Predictor.ofUnsealed(version).predict(new float[] {0.5f, 7f}))
                .containsExactly(13f); // 3 x 0.5 x 2 + 10
        assertThatThrownBy(() -> Predictor.ofUnsealed(version).choice(new float[1]))
                .isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "50,100,50.0009,true", // a probability's tolerance of the deviation: 0.001
        "50,100,50.0011,false",
        "1.7e9,1e4,1.7e9,true", // seconds since 1970: the mean must not decide, or anything would do
        "1.7e9,1e4,1.7000014e9,false"
    })
    void shouldMeasureASelfTestInDeviationsWhenTheTaskIsRegression(
            double mean, double deviation, float answer, boolean sound) {
        SelfTest test = SelfTest.newBuilder()
                .setInput(Vectors.toBytes(new float[2]))
                .setOutput(Vectors.toBytes(new float[] {answer}))
                .build();
        ModelVersion version = regression(Examples.unsealedModelVersion(), 3)
                .setTargetScale(new TargetScale(mean, deviation))
                .setSelfTest(List.of(test))
                .build();

        if (sound) {
            assertThat(Predictor.ofUnsealed(version).labels()).isEmpty();
        } else {
            assertThatThrownBy(() -> Predictor.ofUnsealed(version)).isInstanceOf(InvalidModelException.class);
        }
    }

    @Test
    void shouldAllowForRoundingWhenAnAnswerLiesFarFromTheMean() {
        Head head = new Head(Task.REGRESSION, Head.HALF, 0, 1);

        assertThat(head.tolerance(0f)).isEqualTo(1e-5, within(1e-9));
        assertThat(head.tolerance(30f)).isEqualTo(3e-4, within(1e-5));
    }

    /** One unit that reads the first number alone. */
    private static ModelVersion.Builder binary(ModelVersion.Builder version, float weight) {
        return version.setTask(Task.BINARY)
                .setNetwork(new DenseNetwork(List.of(Examples.layer(2, 1, Activation.SIGMOID, weight, 0))));
    }

    private static ModelVersion.Builder regression(ModelVersion.Builder version, float weight) {
        return version.setTask(Task.REGRESSION)
                .setLabels(List.of())
                .setNetwork(new DenseNetwork(List.of(Examples.layer(2, 1, Activation.IDENTITY, weight, 0))));
    }

    private static Arguments broken(String reason, UnaryOperator<ModelVersion.Builder> change) {
        return Arguments.of(reason, change);
    }

    private static DenseNetwork network(int inputs, Activation activation, float... weights) {
        return new DenseNetwork(List.of(Examples.layer(inputs, 2, activation, weights)));
    }

    private static SelfTest selfTest(float first) {
        return SelfTest.newBuilder()
                .setInput(Vectors.toBytes(new float[2]))
                .setOutput(Vectors.toBytes(new float[] {first, 1 - first}))
                .build();
    }

    private static float[] random(int length) {
        Random random = new Random(length);
        float[] numbers = new float[length];
        for (int i = 0; i < length; i++) {
            numbers[i] = random.nextFloat() - 0.5f;
        }
        return numbers;
    }
}
