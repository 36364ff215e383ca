package dev.sluice.trainer;

import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import java.util.List;
import java.util.Set;

/** Answers counted against what is known. Not thread-safe. */
sealed interface Scores permits LabelScores, TargetScores {
    /** As many of the worst answers as an evaluation names. */
    int MOST_MISTAKES = 20;

    static Scores of(Predictor predictor) {
        return predictor.task() == Task.REGRESSION ? new TargetScores() : LabelScores.of(predictor);
    }

    /**
     * For a version's answers that are to be compared with another's: of the same two labels both choose at one threshold,
     * since a chosen one gives accuracy away for something else.
     */
    static Scores of(Predictor predictor, ModelVersion compared) {
        boolean sameTwo = compared.getTask() == Task.BINARY
                && Set.copyOf(predictor.labels()).equals(Set.copyOf(compared.getLabels()));
        return sameTwo
                ? LabelScores.of(
                        predictor,
                        compared.getLabels().get(1),
                        compared.getThreshold().orElse(ThresholdPolicy.HALF))
                : of(predictor);
    }

    /**
     * By the very forward pass that serves.
     *
     * @param examples with a label, or with a target, as the predictor's task has it
     * @throws InterruptedException if this thread is interrupted
     */
    static Scores of(List<Example> examples, Predictor predictor) throws InterruptedException {
        return of(examples, predictor, of(predictor));
    }

    /** The same, counted there. */
    static <S extends Scores> S of(List<Example> examples, Predictor predictor, S scores) throws InterruptedException {
        for (Example example : examples) {
            if (Thread.interrupted()) {
                throw new InterruptedException("the evaluation was stopped");
            }
            scores.add(example, example.answerOf(predictor));
        }
        return scores;
    }

    /** @param answer of {@link Predictor#predict} */
    void add(Example example, float[] answer);

    /** Of all that were added, one or more. */
    Evaluation evaluation(Split split);
}
