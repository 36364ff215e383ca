package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Split;
import dev.sluice.schemas.Targets;
import dev.sluice.trainer.TrainingPolicy.Trigger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingPolicyTest {
    private static final TrainingPolicy AUTO = new TrainingPolicy(Trigger.AUTO, 20, 2, 100);

    @ParameterizedTest
    @CsvSource({"19,false", "20,true", "21,true"})
    void shouldFitFirstWhenThereAreEnoughExamples(long examples, boolean due) {
        assertThat(AUTO.isDue(false, examples, examples)).isEqualTo(due);
    }

    @ParameterizedTest
    @CsvSource({"99,false", "100,true", "101,true"})
    void shouldFitAgainWhenEnoughAreNew(long fresh, boolean due) {
        assertThat(AUTO.isDue(true, 1000, fresh)).isEqualTo(due);
    }

    @ParameterizedTest
    @CsvSource({"19,false", "20,true", "21,true"})
    void shouldFitAgainWhenTheExamplesHaveDoubled(long fresh, boolean due) {
        assertThat(AUTO.isDue(true, 40, fresh)).isEqualTo(due);
    }

    @Test
    void shouldWaitWhenExamplesWereWithdrawnBelowTheMinimum() {
        assertThat(AUTO.isDue(true, 19, 100)).isFalse();
    }

    @Test
    void shouldOnlyAnswerRequestsWhenToldSo() {
        assertThat(new TrainingPolicy(Trigger.REQUEST, 20, 2, 100).isDue(false, 1000, 1000))
                .isFalse();
    }

    /** Why it would refuse to fit so many of each label; nothing else is set. */
    private static Optional<String> refusal(Map<String, Integer> counts, String... settings) {
        List<Example> examples = new ArrayList<>();
        counts.forEach((label, count) -> {
            for (int i = 0; i < count; i++) {
                examples.add(Given.example(label + i, label, Split.TRAIN, i));
            }
        });
        return refusal(examples, settings);
    }

    private static Optional<String> refusal(List<Example> examples, String... settings) {
        Hyperparameters parameters = Given.parameters("validation.data", "none");
        for (int i = 0; i < settings.length; i += 2) {
            parameters = parameters.with(Map.of(settings[i], settings[i + 1]));
        }
        return AUTO.refusal(Splits.of(examples, parameters), parameters);
    }

    private static List<Example> targets(int count, IntToDoubleFunction target) {
        return IntStream.range(0, count)
                .mapToObj(i -> Given.numbered("n" + i, target.applyAsDouble(i), Split.TRAIN, i))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"1,false", "2,true", "3,true"})
    void shouldNameALabelAndItsCountWhenItHasTooFew(int ofTheRare, boolean enough) {
        Optional<String> refusal = refusal(Map.of("often", 20, "some", 10, "rare", ofTheRare));

        assertThat(refusal.isEmpty()).isEqualTo(enough);
        refusal.ifPresent(reason ->
                assertThat(reason).contains("rare (1)", "per.label asks for 2").doesNotContain("often"));
    }

    @Test
    void shouldNameTheLabelAndItsCountWhenThereIsOnlyOne() {
        assertThat(refusal(Map.of("only", 30)))
                .hasValueSatisfying(reason -> assertThat(reason).contains("2 labels", "only (30)"));
    }

    @ParameterizedTest
    @CsvSource({"9,false", "10,true", "11,true"})
    void shouldRefuseWhenThereAreTooFew(int ofTheSecond, boolean enough) {
        assertThat(refusal(Map.of("a", 10, "b", ofTheSecond)).isEmpty()).isEqualTo(enough);
        assertThat(refusal(targets(10 + ofTheSecond, i -> i)).isEmpty()).isEqualTo(enough);
    }

    @Test
    void shouldNameTheNumberAndTheCountWhenAllTargetsAreEqual() {
        assertThat(refusal(targets(30, i -> 0.1)))
                .hasValueSatisfying(reason -> assertThat(reason).contains("all 30", "the target 0.1"));
        assertThat(refusal(targets(30, i -> i == 7 ? 0.2 : 0.1))).isEmpty();
    }

    @Test
    void shouldFitTheLargestTargetsThatAnExampleMayHave() {
        assertThat(refusal(targets(30, i -> i % 2 == 0 ? Targets.LARGEST : -Targets.LARGEST)))
                .isEmpty();
    }

    @Test
    void shouldSayWhatWasLeftAsideWhenOneLabelMakesAClassifierOfNumbers() {
        List<Example> examples = new ArrayList<>(targets(30, i -> i));
        examples.add(Given.example("slip", "a", Split.TRAIN, 1));

        assertThat(refusal(examples)).hasValueSatisfying(reason -> assertThat(reason)
                .contains("there are 1 training examples", "1 label; 30 examples without a label left aside"));
    }

    @ParameterizedTest
    @CsvSource({"9,false", "10,true", "11,true"})
    void shouldCountALabelsExamplesBeforeSomeAreHeldOut(int ofTheRare, boolean enough) {
        List<Example> examples = new ArrayList<>(Given.clouds(20, Split.TRAIN, 1));
        for (int i = 0; i < ofTheRare; i++) {
            examples.add(Given.example("rare-" + i, "rare", Split.TRAIN, i));
        }
        Hyperparameters parameters = Given.parameters("validation.fraction", "0.5");
        Splits splits = Splits.of(examples, parameters);

        assertThat(splits.trainingCounts().get("rare")).isLessThan(9);
        assertThat(new TrainingPolicy(Trigger.AUTO, 20, 10, 100)
                        .refusal(splits, parameters)
                        .isEmpty())
                .isEqualTo(enough);
    }

    @ParameterizedTest
    @CsvSource({"ham,false", "spam,false", "'',true"})
    void shouldRefuseToWatchTheAucWhenALabelIsNotAmongTheValidationExamples(String missing, boolean watched) {
        List<Example> examples = new ArrayList<>(Given.mails(20, Split.TRAIN, 1));
        Given.mails(5, Split.VALIDATION, 2).stream()
                .filter(mail -> !mail.label().orElseThrow().equals(missing))
                .forEach(examples::add);

        Optional<String> refusal = refusal(examples, "validation.data", "holdout", "early.stopping.monitor", "val_auc");

        assertThat(refusal.isEmpty()).isEqualTo(watched);
        refusal.ifPresent(reason -> assertThat(reason).contains("val_auc", "of the 5 none is " + missing));
    }

    @Test
    void shouldNameTheLabelsWhenTheTaskIsForTwo() {
        assertThat(refusal(Map.of("a", 10, "b", 10, "c", 10), "task", "binary"))
                .hasValueSatisfying(reason -> assertThat(reason).contains("task=binary", "3: a (10), b (10), c (10)"));
    }

    @Test
    void shouldRefuseWhenThePositiveLabelIsNoneOfTheTwo() {
        assertThat(refusal(Map.of("a", 10, "b", 10), "positive.label", "c"))
                .hasValueSatisfying(reason -> assertThat(reason).contains("positive.label=c", "a (10), b (10)"));
        assertThat(refusal(Map.of("a", 10, "b", 10), "positive.label", "a")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "early.stopping.monitor,auc,true,false,false",
        "early.stopping.monitor,mae,false,false,true",
        "early.stopping.monitor,accuracy,true,true,true",
        "early.stopping.monitor,loss,true,true,true",
        "class.weights,balanced,true,true,false"
    })
    void shouldRefuseWhatATaskHasNot(String name, String value, boolean two, boolean three, boolean numbers) {
        assertThat(refusal(Map.of("a", 10, "b", 10), name, value).isEmpty()).isEqualTo(two);
        assertThat(refusal(Map.of("a", 10, "b", 10, "c", 10), name, value).isEmpty())
                .isEqualTo(three);
        assertThat(refusal(targets(30, i -> i), name, value).isEmpty()).isEqualTo(numbers);
    }

    @Test
    void shouldRefuseWhenValidationIsWatchedAndThereIsNone() {
        assertThat(refusal(
                        Map.of("a", 10, "b", 10),
                        "validation.data",
                        "holdout",
                        "validation.fraction",
                        "0",
                        "early.stopping.monitor",
                        "val_loss"))
                .hasValueSatisfying(reason -> assertThat(reason).contains("val_loss", "validation examples"));
    }

    @Test
    void shouldAskForNumbersWhenTheTaskIsRegression() {
        assertThat(refusal(Map.of("a", 20, "b", 20), "task", "regression"))
                .hasValueSatisfying(reason -> assertThat(reason).contains("0 training examples with a number"));
    }
}
