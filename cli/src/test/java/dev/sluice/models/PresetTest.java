package dev.sluice.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.cli.HandMadeModels;
import dev.sluice.cli.TestModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PresetTest {
    @TempDir
    private Path folder;

    private static Preset preset(String name) {
        return Preset.of(name, Map.of(), TestModels.TIME);
    }

    @Test
    void shouldNameABackboneAndNoHeadWhenItIsBuiltIn() {
        assertThat(TextClassifier.presets()).containsOnlyKeys("minilm_l6_en", "bge_small_en", "gemini_embedding_001");
        assertThat(TextClassifier.presets().keySet()).allSatisfy(name -> {
            assertThat(preset(name).version()).isEmpty();
            assertThat(preset(name).settings()).containsKey("embedding.model");
        });
    }

    @Test
    void shouldReadAFolderOrAFileWhenThereIsOne() throws Exception {
        Path preset = folder.resolve("preset");
        PresetFolder.write(preset, new HandMadeModels(4, 3, 2).version(7));
        Path file = Files.write(folder.resolve("x"), ModelFile.toBytes(new HandMadeModels(4, 3, 2).version(7)));

        assertThat(preset(preset.toString()).version())
                .isEqualTo(preset(file.toString()).version());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bert_base_en",
                "hf://google/bert",
                "kaggle://keras/bert/keras/bert_base_en",
                "./nowhere",
                "",
                "a\0b",
                "BGE_SMALL_EN",
            })
    void shouldNameTheSupportedFormsWhenItIsNoneOfThem(String name) {
        assertThatThrownBy(() -> preset(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name)
                .hasMessageContaining("minilm_l6_en, bge_small_en, gemini_embedding_001")
                .hasMessageContaining("saveToPreset")
                .hasMessageContaining("kafka://host:9092/");
    }

    @ParameterizedTest
    @CsvSource({
        "kafka://a:1/newsgroups/7, a:1, newsgroups, 7, ''",
        "kafka://a:1/newsgroups, a:1, newsgroups, , ''",
        "kafka://a:1/newsgroups/, a:1, newsgroups, , ''",
        "'kafka://a:1,b:2/default/12?prefix=team-a.', 'a:1,b:2', default, 12, team-a.",
        "kafka://a/default?prefix=p, a, default, , p",
    })
    void shouldFindItsPartsWhenItIsAVersionOnATopic(
            String url, String servers, String classifier, Integer version, String prefix) {
        assertThat(KafkaPreset.of(url))
                .isEqualTo(new KafkaPreset(servers, classifier, Optional.ofNullable(version), prefix));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kafka://",
                "kafka://a:1",
                "kafka://a:1/",
                "kafka://a:1/x/0",
                "kafka://a:1/x/y",
                "kafka://a:1/x/1/2",
                "kafka://a:1/x/1?version=2",
            })
    void shouldSayHowItIsWrittenWhenItIsNoVersionOnATopic(String url) {
        assertThatThrownBy(() -> preset(url))
                .isInstanceOf(InvalidPresetException.class)
                .hasMessageContaining(KafkaPreset.FORM);
    }

    @Test
    void shouldNameTheClassifierWhenItCannotBeOne() {
        assertThatThrownBy(() -> preset("kafka://localhost:1/News Groups/1"))
                .isInstanceOf(InvalidPresetException.class)
                .hasMessageContaining("News Groups");
    }
}
