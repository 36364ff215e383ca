package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class LocalHeadTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-22T09:00:00Z"), ZoneOffset.UTC);
    private static final EmbeddingSpace SPACE = EmbeddingSpace.newBuilder()
            .setProvider("external")
            .setModel("by-hand")
            .setDimensions(2)
            .setNormalisation("NONE")
            .setMaxTokens(512)
            .setTextRecipe("none")
            .build();

    private static ModelVersion untrained(Task task, List<String> labels, String... seed) {
        return LocalHead.untrained(
                SPACE, task, labels, Map.of("hidden.layers", "5", "seed", seed.length == 0 ? "1" : seed[0]), CLOCK);
    }

    private static LocalFit.LabelledVector example(int number, String label, float... vector) {
        return new LocalFit.LabelledVector(
                "e" + number, Optional.of(label), OptionalDouble.empty(), Split.TEST, vector, "text " + number);
    }

    @Test
    void shouldHaveTheShapeOfAFitWhenItIsNotFitted() {
        ModelVersion version = untrained(Task.MULTICLASS, List.of("a", "b", "c"));

        assertThat(((DenseNetwork) version.getNetwork()).getLayers())
                .extracting(layer -> layer.getOutputs())
                .containsExactly(5, 3);
        assertThat(version.getTraining().getParameters()).containsEntry("hidden.layers", "5");
        assertThat(version.getTraining().getHistory()).isEmpty();
        assertThat(Predictor.of(version).predict(new float[] {1, 2})).hasSize(3);
        assertThat(Predictor.of(untrained(Task.BINARY, List.of("a", "b"))).predict(new float[] {1, 2}))
                .hasSize(2);
        assertThat(Predictor.of(untrained(Task.REGRESSION, List.of())).predict(new float[] {1, 2}))
                .hasSize(1);
    }

    @Test
    void shouldHaveOtherWeightsWhenTheSeedIsAnother() {
        List<String> labels = List.of("a", "b", "c");

        assertThat(untrained(Task.MULTICLASS, labels)).isEqualTo(untrained(Task.MULTICLASS, labels));
        assertThat(untrained(Task.MULTICLASS, labels).getNetwork())
                .isNotEqualTo(untrained(Task.MULTICLASS, labels, "2").getNetwork());
    }

    @Test
    void shouldNameTheSettingWhenItIsUnknown() {
        assertThatThrownBy(() -> LocalHead.untrained(SPACE, Task.REGRESSION, List.of(), Map.of("epoch", "1"), CLOCK))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("epoch");
    }

    @Test
    void shouldCountTheAnswersThatAreRightWhenItIsMeasured() throws Exception {
        List<LocalFit.LabelledVector> examples = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String label = i % 2 == 0 ? "a" : "b";
            float x = i % 2 == 0 ? 1 + i : -1 - i;
            examples.add(new LocalFit.LabelledVector(
                    "e" + i, Optional.of(label), OptionalDouble.empty(), Split.TRAIN, new float[] {x, 0}, "text " + i));
        }
        Map<String, String> settings =
                Map.of("validation.fraction", "0", "epochs", "40", "learning.rate", "0.05", "hidden.layers", "");
        ModelVersion version = LocalFit.fit(examples, SPACE, List.of(), settings, epoch -> {}, CLOCK);

        Evaluation evaluation = LocalHead.evaluation(
                List.of(example(0, "a", 9, 0), example(1, "b", -9, 0), example(2, "b", -8, 0), example(3, "b", 8, 0)),
                version);

        assertThat(evaluation.getExamples()).isEqualTo(4);
        assertThat(evaluation.getAccuracy()).isCloseTo(0.75, within(1e-12));
    }
}
