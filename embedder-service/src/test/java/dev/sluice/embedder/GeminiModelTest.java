package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GeminiModelTest {
    @ParameterizedTest
    @ValueSource(strings = {"text-embedding-004", "embedding-001"})
    void shouldNameTheSuccessorWhenAModelIsRetired(String name) {
        assertThatThrownBy(() -> GeminiModel.named(name))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(name)
                .hasMessageContaining("its successor is gemini-embedding-001");
    }

    @Test
    void shouldRefuseTheNameWhenItIsWrittenAsAPath() {
        assertThatThrownBy(() -> GeminiModel.named("models/gemini-embedding-001"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("models/");
    }

    @ParameterizedTest
    @CsvSource({
        "gemini-embedding-001, 127, false",
        "gemini-embedding-001, 128, true",
        "gemini-embedding-001, 129, true",
        "gemini-embedding-001, 3071, true",
        "gemini-embedding-001, 3072, true",
        "gemini-embedding-001, 3073, false",
        "gemini-embedding-2, 3072, true",
        "gemini-embedding-2, 3073, false",
        "gemini-embedding-3, 10000, true",
    })
    void shouldCheckTheDimensionsWhenTheModelIsKnown(String name, int dimensions, boolean ok) {
        GeminiModel model = GeminiModel.named(name);

        if (ok) {
            assertThatCode(() -> model.checkDimensions(dimensions)).doesNotThrowAnyException();
        } else {
            assertThatThrownBy(() -> model.checkDimensions(dimensions))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("embedding.dimensions");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "gemini-embedding-001, CLASSIFICATION, CLASSIFICATION, '', recipe",
        "gemini-embedding-2, CLASSIFICATION, '', 'task: classification | query: ', recipe-task-classification",
        "gemini-embedding-2, SOME_OTHER, '', 'task: some other | query: ', recipe-task-some other",
        "gemini-embedding-2, '', '', '', recipe",
        "gemini-embedding-3, CLUSTERING, CLUSTERING, '', recipe",
    })
    void shouldSayTheTaskOnceWhenThereIsOne(String name, String task, String taskType, String prefix, String recipe) {
        GeminiModel model = GeminiModel.named(name);

        assertThat(model.taskType(task)).isEqualTo(taskType);
        assertThat(model.prefix(task)).isEqualTo(prefix);
        assertThat(model.recipe("recipe", task)).isEqualTo(recipe);
    }
}
