package dev.sluice.cli;

import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.Split;
import java.util.List;

/**
 * What came of one model: its own evaluation on the test posts, which the predictions on the topic have confirmed.
 *
 * @param seed of the sample and of the fit
 * @param trainExamples vectors that were fitted, or steered the fit
 * @param evaluation on the split TEST
 * @param matrix counted from the predictions
 * @param answers to the test posts, in the order in which they came
 */
record RoundResult(
        long seed,
        int trainExamples,
        ModelVersion version,
        Evaluation evaluation,
        ConfusionMatrix matrix,
        List<Prediction> answers) {
    RoundResult {
        answers = List.copyOf(answers);
    }

    /** @throws CommandException if the predictions do not say what the trainer said of the same posts */
    static RoundResult of(long seed, int trainExamples, ModelVersion version, ReplayScore score) {
        Evaluation evaluation = version.getEvaluations().stream()
                .filter(each -> each.getSplit() == Split.TEST)
                .findFirst()
                .orElseThrow(() -> new CommandException("the trainer has not evaluated version " + version.getVersion()
                        + " on the test posts: please report this"));
        ConfusionMatrix matrix = score.matrix();
        boolean agree = evaluation.getExamples() == score.counted()
                && Math.round(evaluation.getAccuracy() * evaluation.getExamples()) == score.right()
                && evaluation.getConfusion().equals(matrix.counts());
        if (!agree) {
            throw new CommandException("the predictions on the topic disagree with the trainer's evaluation of version "
                    + version.getVersion() + ": " + score.right() + " of " + score.counted() + " test posts right, not "
                    + Math.round(evaluation.getAccuracy() * evaluation.getExamples()) + " of "
                    + evaluation.getExamples() + "; please report this");
        }
        return new RoundResult(seed, trainExamples, version, evaluation, matrix, score.answers());
    }

    double accuracy() {
        return evaluation.getAccuracy();
    }

    int epochs() {
        return version.getTraining().getHistory().size();
    }
}
