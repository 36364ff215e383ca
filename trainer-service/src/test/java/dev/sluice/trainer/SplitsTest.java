package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.schemas.Split;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SplitsTest {
    private static List<Example> all(List<List<Example>> parts) {
        List<Example> all = new ArrayList<>();
        for (List<Example> part : parts) {
            all.addAll(part);
        }
        return all;
    }

    private static Set<String> idsOf(List<Example> examples) {
        return examples.stream().map(Example::id).collect(Collectors.toSet());
    }

    @ParameterizedTest
    @CsvSource({"holdout", "test", "none"})
    void shouldNeverTrainOnTestOrValidationWhenTheyAreGiven(String validationData) {
        List<Example> train = Given.clouds(10, Split.TRAIN, 1);
        List<Example> validation = Given.clouds(3, Split.VALIDATION, 2);
        List<Example> test = Given.clouds(4, Split.TEST, 3);

        Splits splits =
                Splits.of(all(List.of(test, train, validation)), Given.parameters("validation.data", validationData));

        assertThat(splits.training()).isEqualTo(train);
        assertThat(splits.validation()).isEqualTo(validation);
        assertThat(splits.test()).isEqualTo(test);
        assertThat(splits.watchedExamples())
                .isEqualTo(
                        validationData.equals("holdout")
                                ? validation
                                : validationData.equals("test") ? test : List.of());
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0.1,0.1", "0.5,0.5", "0.99,0.99"})
    void shouldCarveItsShareWhenThereIsNoValidationSplit(String fraction, double share) {
        List<Example> train = Given.clouds(1000, Split.TRAIN, 1);

        Splits splits = Splits.of(train, Given.parameters("validation.fraction", fraction));

        assertThat((double) splits.validation().size() / train.size()).isCloseTo(share, within(0.02));
        assertThat(splits.training().size() + splits.validation().size()).isEqualTo(train.size());
        Set<String> both = new HashSet<>(idsOf(splits.training()));
        both.retainAll(idsOf(splits.validation()));
        assertThat(both).isEmpty();
    }

    @Test
    void shouldPutPostsOfOneTextOnOneSideWhenItCarves() {
        // given: every text twice, under two ids
        List<Example> train = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            for (String copy : List.of("x", "y")) {
                train.add(Example.of(
                        copy + i,
                        Given.embedded(copy + i, "a", Split.TRAIN, 1)
                                .setText("text " + i)
                                .build(),
                        Given.place(0, i),
                        false));
            }
        }

        Splits splits = Splits.of(train, Given.parameters("validation.fraction", "0.3"));

        Set<Long> held = splits.validation().stream().map(Example::textHash).collect(Collectors.toSet());
        assertThat(held).hasSizeBetween(1, 199);
        assertThat(splits.validation()).hasSize(2 * held.size());
        assertThat(splits.training()).noneMatch(example -> held.contains(example.textHash()));
    }

    @Test
    void shouldKnowTheLabelsOfTrainOnlyWhenTestHasMore() {
        Splits splits = Splits.of(
                List.of(
                        Given.example("1", "b", Split.TRAIN, 1),
                        Given.example("2", "a", Split.TRAIN, 1),
                        Given.example("3", "c", Split.TEST, 1),
                        Given.example("4", "d", Split.VALIDATION, 1)),
                Given.parameters());

        assertThat(splits.task().labels()).containsExactly("a", "b");
    }

    @Test
    void shouldCallAnExampleTrainingWhenItsSplitIsAbsent() {
        assertThat(Given.example("1", "a", null, 1).split()).isEqualTo(Split.TRAIN);
    }

    @Test
    void shouldLeaveALabelItsFewExamplesWhenItCarves() {
        // given: enough of one label, and pairs of others, some of which the text's hash would hold out
        List<Example> train = new ArrayList<>(Given.clouds(50, Split.TRAIN, 1));
        for (int i = 0; i < 100; i++) {
            train.add(Given.example("pair-" + i, "rare-" + i / 2, Split.TRAIN, 1, 1));
        }

        Splits splits = Splits.of(train, Given.parameters("validation.fraction", "0.5"));

        assertThat(splits.trainingCounts()).hasSize(53).allSatisfy((label, count) -> assertThat(count)
                .isGreaterThanOrEqualTo(2));
        assertThat(splits.validation())
                .hasSizeBetween(50, 100)
                .allMatch(example -> example.label().orElseThrow().startsWith("label-"));
        assertThat(splits.trainingAndCarved()).isEqualTo(250);
    }

    @Test
    void shouldCarveNumbersToo() {
        Splits splits = Splits.of(Given.plane(1000, Split.TRAIN, 1), Given.parameters());

        assertThat(splits.validation()).hasSizeBetween(70, 130);
        assertThat(splits.training()).hasSize(1000 - splits.validation().size());
        assertThat(splits.trainingCounts()).isEmpty();
    }
}
