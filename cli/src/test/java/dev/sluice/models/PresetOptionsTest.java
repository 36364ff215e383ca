package dev.sluice.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class PresetOptionsTest {
    private static final PresetOptions DEFAULTS = PresetOptions.defaults();

    @Test
    void shouldRefuseClassesWhenTheyContradictThemselves() {
        assertThatThrownBy(() -> DEFAULTS.withNumClasses(0)).hasMessageContaining("numClasses must be 2 or more");
        assertThatThrownBy(() -> DEFAULTS.withLabels(List.of("a"))).hasMessageContaining("2 labels or more");
        assertThatThrownBy(() -> DEFAULTS.withLabels(List.of("a", "b", "a"))).hasMessageContaining("stands twice");
        assertThatThrownBy(() -> DEFAULTS.withNumClasses(3).withLabels(List.of("a", "b")))
                .hasMessageContaining("numClasses is 3, and there are 2 labels");
    }

    @Test
    void shouldGiveEachPartItsSettingsWhenTheyAreMixed() {
        PresetOptions options = DEFAULTS.with("embedding.threads", "1")
                .with("text.max.characters", "100")
                .with("gemini.api.key", "k")
                .with("request.timeout.ms", "1000")
                .with("retry.backoff.ms", "1")
                .with("hidden.layers", "8")
                .with("batch.size", "4");

        assertThat(options.ofTheBackbone())
                .containsOnlyKeys(
                        "embedding.threads",
                        "text.max.characters",
                        "gemini.api.key",
                        "request.timeout.ms",
                        "retry.backoff.ms");
        assertThat(options.ofTheHead()).containsOnlyKeys("hidden.layers", "batch.size");
    }

    @Test
    void shouldHaveALabelOrATargetWhenATextIsKnown() {
        assertThat(LabelledText.of("text", 3).label()).contains("3");
        assertThatThrownBy(() -> LabelledText.of("text", -1)).hasMessageContaining("from 0");
        assertThatThrownBy(() -> LabelledText.ofTarget("text", Double.NaN)).hasMessageContaining("finite");
        assertThatThrownBy(() -> new LabelledText("text", Optional.of("a"), OptionalDouble.of(1)))
                .hasMessageContaining("a label or a target");
    }
}
