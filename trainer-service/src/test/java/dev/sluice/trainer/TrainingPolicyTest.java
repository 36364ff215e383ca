package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.trainer.TrainingPolicy.Trigger;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingPolicyTest {
    private static final TrainingPolicy AUTO = new TrainingPolicy(Trigger.AUTO, 20, 100);

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
        assertThat(new TrainingPolicy(Trigger.REQUEST, 20, 100).isDue(false, 1000, 1000))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"1,false", "2,true", "3,true"})
    void shouldAskForTwoOfTwoLabelsWhenOneIsRare(long ofTheRare, boolean enough) {
        assertThat(AUTO.refusal(30, Map.of("often", 20L, "rare", ofTheRare)).isEmpty())
                .isEqualTo(enough);
    }

    @Test
    void shouldNameLabelsAndCountsWhenThereIsOnlyOneLabel() {
        assertThat(AUTO.refusal(30, Map.of("only", 30L)))
                .hasValueSatisfying(
                        reason -> assertThat(reason).contains("2 labels").contains("only=30"));
    }

    @ParameterizedTest
    @CsvSource({"19,false", "20,true", "21,true"})
    void shouldRefuseWhenThereAreTooFew(long examples, boolean enough) {
        assertThat(AUTO.refusal(examples, Map.of("a", 10L, "b", 10L)).isEmpty()).isEqualTo(enough);
    }
}
