package dev.sluice.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.cli.HandMadeModels;
import dev.sluice.schemas.Task;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HeadShapeTest {
    private static HeadShape ofClasses(int count) {
        return HeadShape.of(Optional.empty(), PresetOptions.defaults().withNumClasses(count));
    }

    private static List<LabelledText> texts(String... labels) {
        return Arrays.stream(labels)
                .map(label -> LabelledText.of("text", label))
                .toList();
    }

    @Test
    void shouldAnswerWhatFitsTheClassesWhenNothingElseIsSaid() {
        assertThat(ofClasses(1).task()).isEqualTo(Task.REGRESSION);
        assertThat(ofClasses(1).labels()).isEmpty();
        assertThat(ofClasses(2).task()).isEqualTo(Task.BINARY);
        assertThat(ofClasses(3).task()).isEqualTo(Task.MULTICLASS);
        assertThat(ofClasses(3).labels()).containsExactly("0", "1", "2");
    }

    @Test
    void shouldTakeTheLabelsOfTheTextsWhenOnlyTheirNumberIsSaid() {
        assertThat(ofClasses(2).labelsOf(texts("b", "a", "b"))).containsExactly("a", "b");
        assertThatThrownBy(() -> ofClasses(3).labelsOf(texts("b", "a", "b")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("numClasses is 3, the training texts have 2 labels: [a, b]");
        assertThatThrownBy(() -> ofClasses(2).labelsOf(texts("c", "b", "a"))).hasMessageContaining("have 3 labels");
        assertThatThrownBy(() -> ofClasses(2).labelsOf(List.of())).hasMessageContaining("no training texts");
    }

    @Test
    void shouldOrderThemAsNumbersWhenTheyAreClassIds() {
        String[] ids = {"10", "9", "0", "1", "2", "3", "4", "5", "6", "7", "8"};

        assertThat(ofClasses(11).labelsOf(texts(ids)))
                .containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10");
    }

    @Test
    void shouldKeepItsOwnLabelsWhenThePresetHasAHead() {
        HeadShape shape = HeadShape.of(
                Optional.of(new HandMadeModels(4, 3, 2).version(1)),
                PresetOptions.defaults().withLoadWeights(false));

        assertThat(shape.labels()).containsExactly("label-0", "label-1");
        assertThat(shape.layers()).containsEntry("hidden.layers", "3").containsEntry("activation", "relu");
        assertThat(shape.task()).isEqualTo(Task.MULTICLASS);
        assertThat(shape.labelsOf(texts("label-1", "label-1"))).containsExactly("label-0", "label-1");
        assertThatThrownBy(() -> shape.labelsOf(texts("label-0", "spam")))
                .hasMessageContaining("training text 1 has the label spam")
                .hasMessageContaining("numClasses");
    }

    @Test
    void shouldForgetTheHeadWhenTheClassesAreSaid() {
        HeadShape shape = HeadShape.of(
                Optional.of(new HandMadeModels(4, 3, 2).version(1)),
                PresetOptions.defaults().withLabels(List.of("no", "yes", "perhaps")));

        assertThat(shape.classes()).isEqualTo(3);
        assertThat(shape.labels()).containsExactly("no", "yes", "perhaps");
        assertThat(shape.layers()).containsEntry("hidden.layers", "3");
    }

    @Test
    void shouldTellLabelsFromTargetsWhenTheyDoNotFitTheClasses() {
        List<LabelledText> numbers = List.of(LabelledText.ofTarget("text", 1.5));

        assertThatCode(() -> ofClasses(1).check(numbers, "test", List.of())).doesNotThrowAnyException();
        assertThatThrownBy(() -> ofClasses(2).check(numbers, "test", List.of()))
                .hasMessageContaining("test text 0 has a target, and numClasses is 2");
        assertThatThrownBy(() -> ofClasses(1).check(texts("a"), "test", List.of()))
                .hasMessageContaining("a regression (numClasses 1) learns targets");
    }
}
