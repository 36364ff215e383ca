package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.schemas.Prediction;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AnswerFiguresTest {
    @Test
    void shouldCountPairsWhenProbabilitiesTie() {
        Random random = new Random(1);
        List<Prediction> answers = IntStream.range(0, 200)
                .mapToObj(i -> DemoExamples.answer(
                        i, random.nextInt(3) == 0 ? "spam" : "ham", "spam", random.nextInt(20) / 20f))
                .toList();

        double pairs = 0;
        double sum = 0;
        for (Prediction one : answers) {
            for (Prediction other : answers) {
                if (one.getPostLabel().orElseThrow().equals("spam")
                        && other.getPostLabel().orElseThrow().equals("ham")) {
                    pairs++;
                    float right = one.getConfidence().orElseThrow();
                    float wrong = other.getConfidence().orElseThrow();
                    sum += right > wrong ? 1 : right == wrong ? 0.5 : 0;
                }
            }
        }

        assertThat(AnswerFigures.auc(answers, "spam").orElseThrow()).isCloseTo(sum / pairs, within(1e-12));
    }

    @Test
    void shouldGiveNoAreaWhenOneLabelAloneOccurs() {
        assertThat(AnswerFigures.auc(List.of(DemoExamples.answer(0, "ham", "spam", 0.9f)), "spam"))
                .isEmpty();
        assertThat(AnswerFigures.auc(List.of(DemoExamples.answer(0, "spam", "spam", 0.9f)), "spam"))
                .isEmpty();
    }

    @Test
    void shouldGiveErrorsWhenNumbersArePredicted() {
        List<Prediction> answers =
                List.of(DemoExamples.value(0, 1, 2), DemoExamples.value(1, 2, 2), DemoExamples.value(2, 3, 2));

        assertThat(AnswerFigures.meanAbsoluteError(answers)).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(AnswerFigures.rSquared(answers)).isZero();
        assertThat(AnswerFigures.rSquared(List.of(DemoExamples.value(0, 1, 1), DemoExamples.value(1, 2, 2))))
                .isEqualTo(1);
        assertThat(AnswerFigures.rSquared(List.of(DemoExamples.value(0, 1, 2)))).isZero();
    }
}
