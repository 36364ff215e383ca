package dev.sluice.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.cli.HandMadeModels;
import dev.sluice.cli.TestModels;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Vectors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PresetFolderTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path temporary;

    private Path folder;
    private ModelVersion version;

    @BeforeEach
    void write() throws Exception {
        ModelVersion byHand = new HandMadeModels(4, 3, 2).version(7);
        version = ModelVersion.newBuilder(byHand)
                .setSelfTest(Predictor.of(byHand).selfTestOfItsOwn())
                .setEvaluations(TestModels.version(1).getEvaluations())
                .build();
        folder = temporary.resolve("not/there yet");
        PresetFolder.write(folder, version);
    }

    private ModelVersion read() {
        return PresetFolder.read(folder, TestModels.TIME);
    }

    private void change(String file, String field, String json) throws Exception {
        ObjectNode object = (ObjectNode) JSON.readTree(folder.resolve(file).toFile());
        object.set(field, JSON.readTree(json));
        JSON.writeValue(folder.resolve(file).toFile(), object);
    }

    private void assertRefused(String reason) {
        assertThatThrownBy(this::read)
                .isInstanceOf(InvalidPresetException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void shouldComeBackWholeWhenWrittenAndRead() {
        assertThat(folder)
                .isDirectoryContaining("glob:**config.json")
                .isDirectoryContaining("glob:**model.safetensors");
        assertThat(ModelVersion.newBuilder(read())
                        .setVersion(version.getVersion())
                        .setSha256(version.getSha256())
                        .build())
                .isEqualTo(version);
    }

    @Test
    void shouldReplaceWhatIsThereAndLeaveTheRestWhenWrittenOnceMore() throws Exception {
        Files.writeString(folder.resolve("README.md"), "mine");

        PresetFolder.write(folder, new HandMadeModels(4, 3, 2).version(8));

        assertThat(Predictor.ofUnsealed(read()).predict(new float[] {1, 2, 3, 4}))
                .isEqualTo(Predictor.of(new HandMadeModels(4, 3, 2).version(8)).predict(new float[] {1, 2, 3, 4}));
        assertThat(folder.resolve("README.md")).hasContent("mine");
        assertThat(folder).isDirectoryNotContaining("glob:**part");
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "model.safetensors"})
    void shouldNameTheFileWhenItIsMissing(String file) throws Exception {
        Files.delete(folder.resolve(file));

        assertRefused("there is no " + file + " in the preset folder");
    }

    @Test
    void shouldNeedNoPreprocessorFileWhenTheSpaceSaysItAll() throws Exception {
        Files.delete(folder.resolve("preprocessor.json"));

        assertThat(read().getLabels()).isEqualTo(version.getLabels());
    }

    @Test
    void shouldRefuseWeightsOfAnotherExportWhenTheSumSaysSo() throws Exception {
        Path other = temporary.resolve("other");
        PresetFolder.write(other, new HandMadeModels(4, 3, 2).version(8));
        Files.delete(folder.resolve("model.safetensors"));
        Files.copy(other.resolve("model.safetensors"), folder.resolve("model.safetensors"));

        assertRefused("model.safetensors is not the one that config.json");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "preprocessor.json; maxTokens; 256; the head has learned from texts made in one way",
                "preprocessor.json; textRecipe; \"words\"; the head has learned from texts made in one way",
                "config.json; registered_name; \"keras_hub>BertBackbone\"; of KerasHub",
                "config.json; model_type; \"bert\"; of Hugging Face",
                "config.json; format; \"sluice.preset/2\"; upgrade Sluice",
                "config.json; space; null; config.json): ",
            })
    void shouldSayWhatIsWrongWhenAFileIs(String file, String field, String json, String reason) throws Exception {
        change(file, field, json);

        assertRefused(reason);
    }

    @Test
    void shouldSayThatItIsNoJsonWhenTheConfigIsNot() throws Exception {
        Files.writeString(folder.resolve("config.json"), "labels: a");
        assertRefused("config.json of " + folder + " is no JSON");
        Files.writeString(folder.resolve("config.json"), "[]");
        assertRefused("is no JSON object");
    }

    @Test
    void shouldFillInTheRestWhenAFolderFromElsewhereSaysLittle() throws Exception {
        Path elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
        Files.writeString(
                elsewhere.resolve("config.json"),
                """
                {"labels":["a","b"],"space":{"provider":"external","model":"by-hand","normalisation":"NONE",\
                "maxTokens":512,"textRecipe":"none"}}""");
        Files.write(
                elsewhere.resolve("model.safetensors"),
                new SafeTensors(
                                Map.of(
                                        "layers.0.weights",
                                        new SafeTensors.Tensor(List.of(2, 3), Vectors.toBytes(new float[6])),
                                        "layers.0.biases",
                                        new SafeTensors.Tensor(List.of(2), Vectors.toBytes(new float[] {0, 1}))),
                                Map.of())
                        .toBytes());

        ModelVersion read = PresetFolder.read(elsewhere, TestModels.TIME);

        assertThat(Predictor.ofUnsealed(read).predict(new float[3])[1]).isGreaterThan(0.7f);
    }
}
