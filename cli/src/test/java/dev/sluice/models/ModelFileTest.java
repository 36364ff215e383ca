package dev.sluice.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.cli.HandMadeModels;
import dev.sluice.cli.TestModels;
import dev.sluice.schemas.Activation;
import dev.sluice.schemas.Calibration;
import dev.sluice.schemas.DenseLayer;
import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.Input;
import dev.sluice.schemas.InputKind;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.SelfTest;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Vectors;
import dev.sluice.schemas.Vocabulary;
import dev.sluice.schemas.WordCounts;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelFileTest {
    private static final String BARE =
            """
            {"labels":["a","b"],"space":{"provider":"external","model":"by-hand","normalisation":"NONE",\
            "maxTokens":512,"textRecipe":"none"}}""";

    static {
        RecordCodec.of(ModelVersion.class); // lets Avro copy records of the contract
    }

    private static ModelVersion version() {
        ModelVersion version = ModelVersion.newBuilder(new HandMadeModels(4, 3, 2).version(7))
                .setCalibration(new Calibration(1.75))
                .setEvaluations(TestModels.version(1).getEvaluations())
                .build();
        float[] vector = {1, -2, 3, 0.5f};
        float[] answer = Predictor.ofUnsealed(version).predict(vector);
        return ModelVersion.newBuilder(version)
                .setSelfTest(List.of(
                        SelfTest.newBuilder()
                                .setInput(Vectors.toBytes(vector))
                                .setOutput(Vectors.toBytes(answer))
                                .build(),
                        SelfTest.newBuilder()
                                .setInput(Vectors.toBytes(vector))
                                .setOutput(Vectors.toBytes(answer))
                                .build()))
                .build();
    }

    private static ModelVersion read(byte[] file) {
        return ModelFile.of(file, TestModels.TIME);
    }

    @Test
    void shouldComeBackWholeWhenWrittenAndRead() {
        ModelVersion version = version();

        ModelVersion read = read(ModelFile.toBytes(version));

        assertThat(ModelVersion.newBuilder(read)
                        .setVersion(version.getVersion())
                        .setSha256(version.getSha256())
                        .build())
                .isEqualTo(version);
        assertThat(Predictor.ofUnsealed(read).predict(new float[4]))
                .isEqualTo(Predictor.ofUnsealed(version).predict(new float[4]));
    }

    @Test
    void shouldComeBackWholeWhenItReadsWords() {
        ModelVersion plain = version();
        WordCounts words = WordCounts.of("orbit pill");
        long[] hashes = {words.hash(0), words.hash(1), words.hash(2)};
        ModelVersion wide = ModelVersion.newBuilder(plain)
                .setInputs(List.of(plain.getInputs().get(0), new Input(InputKind.WORDS, 3)))
                .setWide(new Vocabulary(hashes, new float[] {1, 2, 3})
                        .asRecord()
                        .setWeights(Vectors.toBytes(new float[] {1, 2, 3, 4, 5, 6}))
                        .build())
                .setSelfTest(List.of())
                .build();
        ModelVersion version = ModelVersion.newBuilder(wide)
                .setSelfTest(Predictor.ofUnsealed(wide).selfTestOfItsOwn())
                .build();

        ModelVersion read = read(ModelFile.toBytes(version));

        assertThat(read.getWide()).isPresent().isEqualTo(version.getWide());
        assertThat(read.getInputs()).isEqualTo(version.getInputs());
        assertThat(read.getSelfTest())
                .isEqualTo(version.getSelfTest())
                .anySatisfy(test -> assertThat(test.getWords().remaining()).isEqualTo(36))
                .anySatisfy(test -> assertThat(test.getWords().remaining()).isZero());
        assertThat(Predictor.ofUnsealed(read).predict(new float[4], "pill"))
                .isEqualTo(Predictor.ofUnsealed(version).predict(new float[4], "pill"))
                .isNotEqualTo(Predictor.ofUnsealed(version).predict(new float[4], "orbit"));
    }

    @Test
    void shouldComeBackWholeByFileAndFolderWhenItReadsWordsForTwoLabels(@TempDir Path folder) throws Exception {
        // given
        ModelVersion version = wide(version(), Task.BINARY, 2, 1, 300);

        // when
        PresetFolder.write(folder, version);
        ModelVersion ofFile = read(ModelFile.toBytes(version));
        ModelVersion ofFolder = PresetFolder.read(folder, TestModels.TIME);

        // then
        assertThat(ofFolder).isEqualTo(ofFile);
        assertThat(ModelVersion.newBuilder(ofFile)
                        .setVersion(version.getVersion())
                        .setSha256(version.getSha256())
                        .build())
                .isEqualTo(version);
        assertThat(ofFile.getThreshold()).contains(0.37);
        assertThat(Predictor.ofUnsealed(ofFile).predict(new float[4], "orbit pill"))
                .isEqualTo(Predictor.ofUnsealed(version).predict(new float[4], "orbit pill"));
    }

    @Test
    void shouldComeBackWholeWhenItsWordsAreMoreThanAJsonTextHolds(@TempDir Path folder) throws Exception {
        ModelVersion version = wide(version(), Task.MULTICLASS, 100, 100, 30_000);

        PresetFolder.write(folder, version);

        assertThat(PresetFolder.read(folder, TestModels.TIME).getWide()).isEqualTo(version.getWide());
        assertThat(read(ModelFile.toBytes(version)).getWide()).isEqualTo(version.getWide());
        assertThat(Files.size(folder.resolve(PresetFolder.CONFIG))).isLessThan(10_000);
    }

    /** Of one layer, with made-up words and a threshold if there are two labels. */
    private static ModelVersion wide(ModelVersion plain, Task task, int labels, int outputs, int words) {
        long[] hashes = IntStream.range(0, words).mapToLong(i -> i * 1_000_003L).toArray();
        float[] frequencies = new float[words];
        Arrays.fill(frequencies, 1.5f);
        float[] weights = new float[words * outputs];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = i % 7 - 3;
        }
        ModelVersion version = ModelVersion.newBuilder(plain)
                .setTask(task)
                .setThreshold(task == Task.BINARY ? 0.37 : null)
                .setLabels(
                        IntStream.range(0, labels).mapToObj(i -> "label-" + i).toList())
                .setInputs(List.of(plain.getInputs().get(0), new Input(InputKind.WORDS, words)))
                .setNetwork(new DenseNetwork(List.of(new DenseLayer(
                        4,
                        outputs,
                        task == Task.BINARY ? Activation.SIGMOID : Activation.SOFTMAX,
                        Vectors.toBytes(new float[4 * outputs]),
                        Vectors.toBytes(new float[outputs])))))
                .setWide(new Vocabulary(hashes, frequencies)
                        .asRecord()
                        .setWeights(Vectors.toBytes(weights))
                        .build())
                .setSelfTest(List.of())
                .build();
        return ModelVersion.newBuilder(version)
                .setSelfTest(Predictor.ofUnsealed(version).selfTestOfItsOwn())
                .build();
    }

    @Test
    void shouldBeASafetensorsFileWhenReadByItsRules() {
        byte[] file = ModelFile.toBytes(version());

        long length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        String header = new String(file, 8, (int) length, StandardCharsets.UTF_8);
        assertThat(length % 8).isZero();
        assertThat(header)
                .startsWith("{\"__metadata__\":{\"sluice\":\"{")
                .contains("\"layers.0.weights\":{\"dtype\":\"F32\",\"shape\":[3,4],\"data_offsets\":[0,48]}")
                .contains("\"layers.0.biases\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[48,60]}")
                .contains("\"layers.1.weights\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[60,84]}")
                .contains("\"self_test.inputs\":{\"dtype\":\"F32\",\"shape\":[2,4]")
                .contains("\"self_test.outputs\":{\"dtype\":\"F32\",\"shape\":[2,2]");
        assertThat(file.length).isEqualTo(8 + length + 4 * (12 + 3 + 6 + 2 + 8 + 4));
    }

    @Test
    void shouldFillInTheRestWhenAFileFromElsewhereSaysLittle() {
        ModelVersion read = read(new SafeTensors(layers(), Map.of("sluice", BARE)).toBytes());

        assertThat(read.getTask()).isEqualTo(Task.MULTICLASS);
        assertThat(read.getSpace().getDimensions()).isEqualTo(4);
        assertThat(((DenseNetwork) read.getNetwork()).getLayers())
                .extracting(layer -> layer.getActivation())
                .containsExactly(Activation.RELU, Activation.SOFTMAX);
        assertThat(read.getTraining().getCodeVersion()).isEqualTo("made elsewhere");
        assertThat(read.getCreatedAt()).isEqualTo(TestModels.TIME);
        assertThat(Predictor.ofUnsealed(read).labels()).containsExactly("a", "b");
    }

    private static Map<String, SafeTensors.Tensor> layers() {
        Map<String, SafeTensors.Tensor> tensors = new LinkedHashMap<>();
        tensors.put("layers.0.weights", tensor(3, 4));
        tensors.put("layers.0.biases", tensor(3));
        tensors.put("layers.1.weights", tensor(2, 3));
        tensors.put("layers.1.biases", tensor(2));
        return tensors;
    }

    private static SafeTensors.Tensor tensor(Integer... shape) {
        int numbers = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        return new SafeTensors.Tensor(List.of(shape), Vectors.toBytes(new float[numbers]));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "layers.0.weights;;no layers.0.weights",
                "layers.1.biases;;layers.1.weights, but no biases",
                "layers.0.weights;12;layers.0.weights must have 2 dimensions",
                "self_test.inputs;2,4;as many rows as each other",
            })
    void shouldNameWhatIsWrongWhenALayerIs(String name, String shape, String reason) {
        Map<String, SafeTensors.Tensor> tensors = layers();
        tensors.remove(name);
        if (shape != null) {
            tensors.put(
                    name,
                    tensor(Arrays.stream(shape.split(",")).map(Integer::valueOf).toArray(Integer[]::new)));
        }
        byte[] file = new SafeTensors(tensors, Map.of("sluice", BARE)).toBytes();

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(InvalidPresetException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{};labels is missing",
                "{\"labels\":[\"a\",\"b\"]};space is missing",
                "{\"network\":{\"layers\":[{\"activation\":\"SWISH\"}]}};no activation \"SWISH\"",
                "{\"training\":5};training is no JSON object",
                "{\"training\":[]};training is no JSON object",
                "{\"training\":null};labels is missing",
                "[];no JSON object",
                "x;no JSON",
            })
    void shouldNameWhatIsWrongWhenTheRecordIs(String record, String reason) {
        byte[] file = new SafeTensors(layers(), Map.of("sluice", record)).toBytes();

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(InvalidPresetException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{};arrays end at 0, and there are 8 bytes",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}};\"sluice\" in its __metadata__",
                "{\"x\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}};F64, wanted is F32",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}};takes 4 bytes, it has 8",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}};there are 8 bytes",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[65536,65536],\"data_offsets\":[0,0]}};it has 0",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[-1,-2],\"data_offsets\":[0,8]}};sizes must be",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[2147483647,0],\"data_offsets\":[0,0]}};sizes must be",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[2.5],\"data_offsets\":[0,8]}};sizes must be",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0.5,8]}};whole numbers",
                "{\"x\":7};data_offsets",
                "{\"x\":1,\"x\":2};no JSON",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}};the next begins at 4",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}};arrays end at 4",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}};the next begins at 4",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}};two of its arrays begin at 0",
                "[1];no JSON object",
                "text;no JSON",
            })
    void shouldSayThatItIsNoSafetensorsFileWhenTheHeaderIsNotOne(String header, String reason) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + json.length + 8).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(json.length).put(json);

        assertThatThrownBy(() -> read(file.array()))
                .isInstanceOf(InvalidPresetException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({"99999999,the file has 16", "100000000,the file has 16", "100000001,the format allows for"})
    void shouldNotLookAtAHeaderWhenItIsLargerThanTheFormatAllowsFor(long length, String reason) {
        byte[] file = ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .array();

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(InvalidPresetException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({"0", "7", "8", "40"})
    void shouldSayThatItIsNoSafetensorsFileWhenItIsCutOffOrSomethingElse(int length) {
        byte[] file = Arrays.copyOf(ModelFile.toBytes(version()), length);

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(InvalidPresetException.class)
                .hasMessageContaining("no safetensors file");
        Arrays.fill(file, (byte) 'P');
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(InvalidPresetException.class)
                .hasMessageContaining("no safetensors file");
    }
}
