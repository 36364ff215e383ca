package dev.sluice.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WidePredictorTest {
    /** "orbit" and "pill", in the order of their hashes. */
    private static final long[] HASHES = sortedHashes("orbit", "pill");

    private static final boolean ORBIT_FIRST =
            HASHES[0] == WordCounts.of("orbit").hash(0);

    @Test
    void shouldAddWhatTheWordsSayBeforeTheActivationWhenTheVersionReadsWords() {
        Predictor predictor = Predictor.ofUnsealed(version().build());

        float[] answer = predictor.predict(new float[] {0.5f, 0}, "orbit orbit pill nothing");

        // numbers: (1 + ln 2) x 3 and 1 x 4, scaled to length 1; each word speaks for one label; the vector gives 1, 0
        double orbit = (1 + Math.log(2)) * 3;
        double length = Math.hypot(orbit, 4);
        double med = Math.exp((1 + 2 * 4 / length) / 0.5);
        double space = Math.exp(2 * orbit / length / 0.5);
        assertThat(answer[1]).isEqualTo((float) (space / (med + space)), within(1e-6f));
    }

    @Test
    void shouldAnswerByTheVectorAloneWhenNoWordIsKnown() {
        float[] vector = {0.5f, 0.25f};
        Predictor plain = Predictor.ofUnsealed(Examples.unsealedModelVersion()
                .setCalibration(new Calibration(0.5))
                .build());

        float[] answer = Predictor.ofUnsealed(version().build()).predict(vector, "none is known");

        assertThat(answer).isEqualTo(plain.predict(vector)).isEqualTo(plain.predict(vector, "orbit"));
        assertThat(plain.readsWords()).isFalse();
    }

    @Test
    void shouldRefuseAVectorAloneWhenTheVersionReadsWords() {
        Predictor predictor = Predictor.ofUnsealed(version().build());

        assertThat(predictor.readsWords()).isTrue();
        assertThatThrownBy(() -> predictor.predict(new float[] {1, 0}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs the text");
    }

    @Test
    void shouldCheckItselfWithWordsWhenItMakesItsOwnSelfTest() {
        ModelVersion.Builder version = version();
        List<SelfTest> own = Predictor.ofUnsealed(version.build()).selfTestOfItsOwn();

        assertThat(own.get(0).getWords().remaining()).isEqualTo(24);
        Predictor.of(ModelVersions.seal(version.setSelfTest(own).build()));
        SelfTest others = SelfTest.newBuilder(own.get(0))
                .setWords(WordCounts.of("orbit").toBytes())
                .build();
        assertThatThrownBy(() -> Predictor.ofUnsealed(
                        version.setSelfTest(List.of(others)).build()))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("self-test 0");
    }

    static Stream<Arguments> brokenVersions() {
        return Stream.of(
                broken("missing", v -> v.setWide(null)),
                broken("not among the inputs", v -> v.setInputs(List.of(new Input(InputKind.EMBEDDING, 2)))),
                broken(
                        "3 words, its layer knows 2",
                        v -> v.setInputs(List.of(new Input(InputKind.EMBEDDING, 2), new Input(InputKind.WORDS, 3)))),
                broken(
                        "not known here",
                        v -> v.setInputs(List.of(new Input(InputKind.WORDS, 2), new Input(InputKind.EMBEDDING, 2)))),
                broken("upgrade", v -> changed(v, w -> w.setRecipe("words-9"))),
                broken("8 bytes each", v -> changed(v, w -> w.setHashes(Vectors.toBytes(new float[3])))),
                broken("do not rise", v -> changed(v, w -> w.setHashes(Wide.toBytes(new long[] {7, 7})))),
                broken("do not rise", v -> changed(v, w -> w.setHashes(Wide.toBytes(new long[] {7, 6})))),
                broken("2 numbers take 8 bytes", v -> changed(v, w -> w.setFrequencies(Vectors.toBytes(new float[3])))),
                broken("above 0", v -> changed(v, w -> w.setFrequencies(Vectors.toBytes(new float[] {1, 0})))),
                broken("finite", v -> changed(v, w -> w.setWeights(Vectors.toBytes(new float[] {1, 1, 1, Float.NaN})))),
                broken("4 numbers take 16 bytes", v -> changed(v, w -> w.setWeights(Vectors.toBytes(new float[5])))),
                broken(
                        "so large",
                        v -> changed(v, w -> w.setWeights(Vectors.toBytes(new float[] {3e38f, 3e38f, 0, 0})))),
                broken(
                        "no counted words",
                        v -> v.setSelfTest(List.of(SelfTest.newBuilder()
                                .setInput(Vectors.toBytes(new float[2]))
                                .setOutput(Vectors.toBytes(new float[] {0.5f, 0.5f}))
                                .setWords(Vectors.toBytes(new float[1]))
                                .build()))));
    }

    @ParameterizedTest
    @MethodSource("brokenVersions")
    void shouldSayWhatDoesNotFitWhenTheLayerOverWordsIsBroken(
            String reason, UnaryOperator<ModelVersion.Builder> broken) {
        ModelVersion version = broken.apply(version()).build();

        assertThatThrownBy(() -> Predictor.ofUnsealed(version))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 127, 128, 129, 1000})
    void shouldFindEveryWordAndNoOtherWhenTheVocabularyIsOfAnySize(int size) {
        long[] hashes = new Random(size).longs(2L * size).sorted().toArray();
        long[] known = new long[size];
        Arrays.setAll(known, i -> hashes[2 * i]);
        float[] frequencies = new float[size];
        Arrays.fill(frequencies, 1);

        Vocabulary.Known found = new Vocabulary(known, frequencies).known(WordCounts.ofHashes(hashes));

        int[] all = new int[size];
        Arrays.setAll(all, i -> i);
        assertThat(found.words()).isEqualTo(all);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.MIN_VALUE, 1, Float.MAX_VALUE})
    void shouldGiveNumbersOfLength1WhenFrequenciesAreAtTheEndsOfTheirRange(float frequency) {
        Vocabulary vocabulary = new Vocabulary(HASHES, new float[] {frequency, frequency});

        float[] numbers =
                vocabulary.known(WordCounts.of("orbit orbit pill pill")).numbers();

        assertThat(numbers)
                .containsExactly(new float[] {(float) Math.sqrt(0.5), (float) Math.sqrt(0.5)}, within(1e-6f));
    }

    private static ModelVersion.Builder version() {
        float[] speaking = ORBIT_FIRST ? new float[] {0, 2, 2, 0} : new float[] {2, 0, 0, 2};
        Vocabulary vocabulary = new Vocabulary(HASHES, ORBIT_FIRST ? new float[] {3, 4} : new float[] {4, 3});
        return Examples.unsealedModelVersion()
                .setCalibration(new Calibration(0.5))
                .setInputs(List.of(new Input(InputKind.EMBEDDING, 2), new Input(InputKind.WORDS, 2)))
                .setWide(vocabulary
                        .asRecord()
                        .setWeights(Vectors.toBytes(speaking))
                        .build());
    }

    private static long[] sortedHashes(String... words) {
        return Stream.of(words)
                .mapToLong(word -> WordCounts.of(word).hash(0))
                .sorted()
                .toArray();
    }

    private static ModelVersion.Builder changed(ModelVersion.Builder version, UnaryOperator<WideLayer.Builder> change) {
        return version.setWide(
                change.apply(WideLayer.newBuilder(version.getWide())).build());
    }

    private static Arguments broken(String reason, UnaryOperator<ModelVersion.Builder> broken) {
        return Arguments.of(reason, broken);
    }
}
