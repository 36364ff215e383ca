package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class ReplayScoreTest {
    private static final Draws.Round ROUND = new Draws.Round(7, Optional.empty(), DataSet.bundled());

    private final ReplayScore score = new ReplayScore("second", DemoExamples.VERSION, DemoExamples.LABELS, 4);

    @Test
    void shouldCountAnswersOfTheReplayWhenOthersComeBetween() {
        score.add(marked("second"), DemoExamples.answer(0, "ham", "ham", 0.9f));
        score.add(new RecordHeaders(), DemoExamples.answer(0, "ham", "spam", 0.9f));
        score.add(marked("first"), DemoExamples.answer(1, "ham", "spam", 0.9f));
        score.add(marked("second"), DemoExamples.answer(2, "ham", "spam", 0.8f));

        assertThat(score.counted()).isEqualTo(2);
        assertThat(score.right()).isEqualTo(1);
        assertThat(score.matrix().counts()).containsExactly(List.of(1L, 1L), List.of(0L, 0L));
    }

    @Test
    void shouldBeCompleteWhenEveryPostIsAnswered() {
        for (int i = 0; i < 4; i++) {
            assertThat(score.complete()).isFalse();
            score.add(marked("second"), DemoExamples.answer(i, "ham", "ham", 0.9f));
        }
        assertThat(score.complete()).isTrue();
    }

    @Test
    void shouldFailWhenAPostIsAnsweredTwice() {
        score.add(marked("second"), DemoExamples.answer(0, "ham", "ham", 0.9f));

        assertThatThrownBy(() -> score.add(marked("second"), DemoExamples.answer(0, "ham", "ham", 0.9f)))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("post-0 was answered twice");
    }

    @Test
    void shouldFailWhenAnotherVersionAnswersOrNone() {
        Prediction answer = DemoExamples.answer(0, "ham", "ham", 0.9f);
        Prediction other = Prediction.newBuilder(answer).setModelVersion(2).build();
        Prediction none = Prediction.newBuilder(answer)
                .setStatus(PredictionStatus.NO_MODEL)
                .setModelVersion(null)
                .build();

        Prediction withheld = Prediction.newBuilder(answer)
                .setStatus(PredictionStatus.ABSTAINED)
                .build();

        assertThatThrownBy(() -> score.add(marked("second"), withheld)).hasMessageContaining("ABSTAINED");
        assertThatThrownBy(() -> score.add(marked("second"), other))
                .hasMessageContaining("by version 2, not by version 3");
        assertThatThrownBy(() -> score.add(marked("second"), none)).hasMessageContaining("NO_MODEL");
    }

    @Test
    void shouldAgreeWhenTheEvaluationCountedTheSame() {
        answerAll();

        RoundResult result = RoundResult.of(
                ROUND,
                8,
                DemoExamples.version(DemoExamples.evaluation(List.of(List.of(2L, 0L), List.of(1L, 1L)))),
                score);

        assertThat(result.measured(Measure.ACCURACY)).contains(0.75);
        assertThat(result.epochs()).isEqualTo(2);
        assertThat(result.matrix().counts()).containsExactly(List.of(2L, 0L), List.of(1L, 1L));
    }

    @Test
    void shouldFailWhenTheEvaluationCountedOtherwise() {
        answerAll();

        assertDisagrees(List.of(List.of(2L, 0L), List.of(0L, 2L)));
        assertDisagrees(List.of(List.of(1L, 1L), List.of(0L, 2L)));
        assertDisagrees(List.of(List.of(2L, 0L), List.of(1L, 0L)));
        assertThatThrownBy(() -> RoundResult.of(ROUND, 8, DemoExamples.version(), score))
                .hasMessageContaining("has not evaluated");
    }

    @Test
    void shouldCountTheAreaAnewWhenThereAreTwoLabels() {
        answerAll();
        Evaluation evaluation = DemoExamples.evaluation(List.of(List.of(2L, 0L), List.of(1L, 1L)));

        // spam is likelier (0.4, 0.9) than both of ham (0.1, 0.1)
        assertThat(RoundResult.of(ROUND, 8, DemoExamples.binary(evaluation, 1.0), score)
                        .measured(Measure.AUC))
                .contains(1.0);
        assertThatThrownBy(() -> RoundResult.of(ROUND, 8, DemoExamples.binary(evaluation, 0.99), score))
                .hasMessageContainingAll("disagree", "an AUC of 1.0, not 0.99");
    }

    @Test
    void shouldCountErrorsAnewWhenNumbersArePredicted() {
        ReplayScore numbers = new ReplayScore("second", DemoExamples.VERSION, List.of(), 3);
        numbers.add(marked("second"), DemoExamples.value(0, 1, 1.5));
        numbers.add(marked("second"), DemoExamples.value(1, 2, 2));
        numbers.add(marked("second"), DemoExamples.value(2, 3, 2));

        RoundResult result = RoundResult.of(ROUND, 8, DemoExamples.regression(3, 0.5, 0.375), numbers);

        assertThat(result.measured(Measure.MEAN_ABSOLUTE_ERROR)).contains(0.5);
        assertThat(result.matrix().labels()).isEmpty();
        assertThatThrownBy(() -> RoundResult.of(ROUND, 8, DemoExamples.regression(2, 0.5, 0.375), numbers))
                .hasMessageContaining("3 test posts, not 2");
        assertThatThrownBy(() -> RoundResult.of(ROUND, 8, DemoExamples.regression(3, 0.51, 0.375), numbers))
                .hasMessageContaining("absolute error of 0.5, not 0.51");
        assertThatThrownBy(() -> RoundResult.of(ROUND, 8, DemoExamples.regression(3, 0.5, 0.374), numbers))
                .hasMessageContaining("R² of 0.375, not 0.374");
        assertThatThrownBy(() -> RoundResult.of(ROUND, 8, DemoExamples.regression(3, Double.NaN, 0.375), numbers))
                .hasMessageContaining("disagree");
    }

    private void assertDisagrees(List<List<Long>> confusion) {
        Evaluation evaluation = DemoExamples.evaluation(confusion);
        assertThatThrownBy(() -> RoundResult.of(ROUND, 8, DemoExamples.version(evaluation), score))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("disagree");
    }

    private void answerAll() {
        score.add(marked("second"), DemoExamples.answer(0, "ham", "ham", 0.9f));
        score.add(marked("second"), DemoExamples.answer(1, "ham", "ham", 0.9f));
        score.add(marked("second"), DemoExamples.answer(2, "spam", "ham", 0.6f));
        score.add(marked("second"), DemoExamples.answer(3, "spam", "spam", 0.9f));
    }

    private static Headers marked(String replay) {
        return new RecordHeaders(List.of(ReplayScore.mark(replay)));
    }
}
