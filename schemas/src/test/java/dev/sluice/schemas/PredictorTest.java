package dev.sluice.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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
                broken("dimensions", v -> v.setSpace(Examples.space(3))),
                broken("no layers", v -> v.setNetwork(new DenseNetwork(List.of()))),
                broken("layer 1 reads 3", v -> v.setNetwork(network(3, Activation.SOFTMAX, new float[6]))),
                broken("4 numbers take 16 bytes", v -> v.setNetwork(network(2, Activation.SOFTMAX, new float[3]))),
                broken("4 numbers take 16 bytes", v -> v.setNetwork(network(2, Activation.SOFTMAX, new float[5]))),
                broken("finite", v -> v.setNetwork(network(2, Activation.SOFTMAX, 1, Float.NaN, 0, 0))),
                broken("so large", v -> v.setNetwork(network(2, Activation.SOFTMAX, 3e38f, 3e38f, 0, 0))),
                broken("so large", v -> v.setNetwork(network(2, Activation.SOFTMAX, -3e38f, -3e38f, 0, 0))),
                broken("SOFTMAX", v -> v.setNetwork(network(2, Activation.RELU, new float[4]))),
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

    private static Arguments broken(String reason, UnaryOperator<ModelVersion.Builder> change) {
        return Arguments.of(reason, change);
    }

    private static DenseNetwork network(int inputs, Activation activation, float... weights) {
        return new DenseNetwork(List.of(Examples.layer(inputs, 2, activation, weights)));
    }

    private static SelfTest selfTest(float first) {
        return new SelfTest(Vectors.toBytes(new float[2]), Vectors.toBytes(new float[] {first, 1 - first}));
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
