package dev.sluice.models;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.cli.HandMadeModels;
import dev.sluice.cli.TestModels;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
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
    @ValueSource(strings = {"hf://google/bert", "kaggle://keras/bert/keras/bert_base_en"})
    void shouldSayThatItIsNotSupportedWhenItIsAHandleOfHuggingFaceOrKaggle(String name) {
        assertThatThrownBy(() -> preset(name)).hasMessageContaining("not supported: " + name);
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
    void shouldHoldTheWantedVersionAloneWhenThereAreOthers() {
        KafkaPreset.Sought sought = new KafkaPreset.Sought("a/2");

        for (String key : List.of("a/1", "a/2", "a/3")) {
            sought.add(record(key, key + " first"));
            sought.add(record(key, key));
        }
        sought.add(record("a/3", null));
        sought.add(new ConsumerRecord<>("models", 0, 0, null, new byte[1]));

        assertThat(sought.value())
                .hasValueSatisfying(value -> assertThat(value).asString().isEqualTo("a/2"));
        assertThat(sought.numbers()).containsExactly("", "1", "2");
        sought.add(record("a/2", null));
        assertThat(sought.value()).isEmpty();
        assertThat(sought.numbers()).containsExactly("", "1");
    }

    private static ConsumerRecord<byte[], byte[]> record(String key, String value) {
        return new ConsumerRecord<>("models", 0, 0, key.getBytes(UTF_8), value == null ? null : value.getBytes(UTF_8));
    }

    @Test
    void shouldBeCancelledWhenInterrupted() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> preset("kafka://127.0.0.1:1/default/1")).isInstanceOf(CancellationException.class);

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void shouldNotReadAFileWhenItIsLargerThanAModelCanBe() throws Exception {
        Path large = folder.resolve("large.safetensors");
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(WholeFile.LARGEST + 1); // a hole: it takes no room
        }

        assertThatThrownBy(() -> preset(large.toString())).hasMessageContaining("no model is so large");
    }

    @Test
    void shouldNameTheClassifierWhenItCannotBeOne() {
        assertThatThrownBy(() -> preset("kafka://localhost:1/News Groups/1"))
                .isInstanceOf(InvalidPresetException.class)
                .hasMessageContaining("News Groups");
    }
}
