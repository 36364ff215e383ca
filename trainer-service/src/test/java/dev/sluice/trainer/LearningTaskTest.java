package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LearningTaskTest {
    /** One training example of each label, and so many with a number alone. */
    private static List<Example> examples(int labels, int numbers) {
        List<Example> examples = new ArrayList<>();
        IntStream.range(0, labels).forEach(i -> examples.add(Given.example("l" + i, "label-" + i, Split.TRAIN, 1)));
        IntStream.range(0, numbers).forEach(i -> examples.add(Given.numbered("n" + i, i, Split.TRAIN, 1)));
        return examples;
    }

    private static LearningTask task(List<Example> examples, String... settings) {
        return Splits.of(examples, Given.parameters(settings)).task();
    }

    @ParameterizedTest
    @CsvSource({
        "1,0,MULTICLASS,task=auto: 1 label",
        "2,0,BINARY,task=auto: 2 labels",
        "3,0,MULTICLASS,task=auto: 3 labels",
        "0,5,REGRESSION,task=auto: numbers and no labels",
        "2,1,BINARY,task=auto: 2 labels; 1 example without a label left aside",
        "3,5,MULTICLASS,task=auto: 3 labels; 5 examples without a label left aside"
    })
    void shouldDecideByTheExamplesAndSayWhyWhenItIsLeftToIt(int labels, int numbers, Task task, String reason) {
        LearningTask decided = task(examples(labels, numbers));

        assertThat(decided.task()).isEqualTo(task);
        assertThat(decided.reason()).isEqualTo(reason);
        assertThat(decided.labels()).hasSize(task == Task.REGRESSION ? 0 : labels);
    }

    @ParameterizedTest
    @CsvSource({
        "multiclass,MULTICLASS,task=multiclass; 3 examples without a label left aside",
        "binary,BINARY,task=binary; 3 examples without a label left aside",
        "regression,REGRESSION,task=regression; 2 examples without a number left aside"
    })
    void shouldDoAsItIsToldWhenATaskIsSet(String setting, Task task, String reason) {
        LearningTask told = task(examples(2, 3), "task", setting);

        assertThat(told.task()).isEqualTo(task);
        assertThat(told.reason()).isEqualTo(reason);
        assertThat(Splits.of(examples(2, 3), Given.parameters("task", setting, "validation.data", "none"))
                        .training())
                .hasSize(task == Task.REGRESSION ? 3 : 2);
    }

    @Test
    void shouldCountLabelsOfTrainAloneWhenOthersHaveMore() {
        List<Example> examples = examples(2, 0);
        examples.add(Given.example("t", "another", Split.TEST, 1));

        assertThat(task(examples).task()).isEqualTo(Task.BINARY);
    }

    @ParameterizedTest
    @CsvSource({"'',ham,spam", "spam,ham,spam", "ham,spam,ham"})
    void shouldPutThePositiveLabelLastWhenThereAreTwo(String positive, String first, String second) {
        List<Example> mails = Given.mails(2, Split.TRAIN, 1);

        LearningTask task = task(mails, "positive.label", positive);

        assertThat(task.labels()).containsExactly(first, second);
        assertThat(task.outputs()).isEqualTo(1);
        assertThat(task.truthOf(Given.example("x", second, Split.TEST, 1))).isEqualTo(1);
        assertThat(task.truthOf(Given.example("x", first, Split.TEST, 1))).isZero();
        assertThat(task.truthOf(Given.example("x", "stranger", Split.TEST, 1))).isEqualTo(LearningTask.UNKNOWN);
        assertThat(task.answer(new float[] {0.75f})).containsExactly(0.25f, 0.75f);
    }

    @Test
    void shouldBringTargetsToMeanZeroAndDeviationOneAndBack() {
        List<Example> examples = List.of(
                Given.numbered("a", 10, Split.TRAIN, 1),
                Given.numbered("b", 20, Split.TRAIN, 1),
                Given.numbered("c", 30, Split.TRAIN, 1),
                Given.numbered("d", 1000, Split.TEST, 1));

        LearningTask task = task(examples, "validation.data", "none");

        double deviation = Math.sqrt(200.0 / 3);
        assertThat(task.scale().orElseThrow().getMean()).isCloseTo(20, within(1e-12));
        assertThat(task.scale().orElseThrow().getDeviation()).isCloseTo(deviation, within(1e-12));
        assertThat(task.truthOf(examples.get(0))).isCloseTo((float) (-10 / deviation), within(1e-6f));
        assertThat(task.answer(new float[] {task.truthOf(examples.get(3))})[0]).isCloseTo(1000f, within(1e-3f));
        assertThat(task.lossUnit()).isCloseTo(200.0 / 3, within(1e-9));
    }

    @Test
    void shouldScaleByWhatIsFittedAloneWhenAPartIsHeldOut() {
        Splits splits = Splits.of(Given.plane(200, Split.TRAIN, 3), Given.parameters("validation.fraction", "0.3"));

        double mean = splits.training().stream()
                .mapToDouble(example -> example.target().orElseThrow())
                .average()
                .orElseThrow();
        assertThat(splits.validation()).isNotEmpty();
        assertThat(splits.task().scale().orElseThrow().getMean()).isCloseTo(mean, within(1e-9));
    }
}
