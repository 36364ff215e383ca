package dev.sluice.cli;

import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import java.util.List;
import java.util.Optional;

/**
 * What came of one model: its own evaluation on the test posts, which the predictions on the topic have confirmed.
 *
 * @param round what it was made of
 * @param trainExamples vectors that were fitted, or steered the fit
 * @param evaluation on the split TEST
 * @param matrix counted from the predictions; empty of numbers
 * @param answers to the test posts, in the order in which they came
 */
record RoundResult(
        Draws.Round round,
        int trainExamples,
        ModelVersion version,
        Evaluation evaluation,
        ConfusionMatrix matrix,
        List<Prediction> answers) {
    /** How far figures may differ that are sums of many floats, relative. */
    private static final double TOLERANCE = 1e-5;

    RoundResult {
        answers = List.copyOf(answers);
    }

    /** @throws CommandException if the predictions do not say what the trainer said of the same posts */
    static RoundResult of(Draws.Round round, int trainExamples, ModelVersion version, ReplayScore score) {
        Evaluation evaluation = version.getEvaluations().stream()
                .filter(each -> each.getSplit() == Split.TEST)
                .findFirst()
                .orElseThrow(() -> new CommandException("the trainer has not evaluated version " + version.getVersion()
                        + " on the test posts: please report this"));
        if (evaluation.getExamples() != score.counted()) {
            throw disagreement(version, score.counted() + " test posts, not " + evaluation.getExamples());
        }
        if (version.getTask() == Task.REGRESSION) {
            confirmNumbers(version, evaluation, score.answers());
        } else {
            confirmLabels(version, evaluation, score);
        }
        return new RoundResult(round, trainExamples, version, evaluation, score.matrix(), score.answers());
    }

    private static void confirmLabels(ModelVersion version, Evaluation evaluation, ReplayScore score) {
        long right = Math.round(evaluation.getAccuracy() * evaluation.getExamples());
        if (right != score.right()
                || !evaluation.getConfusion().equals(score.matrix().counts())) {
            throw disagreement(
                    version,
                    score.right() + " of " + score.counted() + " test posts right, not " + right + " of "
                            + evaluation.getExamples());
        }
        Optional<Double> auc = Measure.positiveLabel(version)
                .filter(label -> evaluation.getAuc().isPresent())
                .flatMap(label -> AnswerFigures.auc(score.answers(), label));
        auc.ifPresent(counted ->
                confirm(version, "an AUC", counted, evaluation.getAuc().orElseThrow()));
    }

    private static void confirmNumbers(ModelVersion version, Evaluation evaluation, List<Prediction> answers) {
        confirm(
                version,
                "a mean absolute error",
                AnswerFigures.meanAbsoluteError(answers),
                evaluation.getMeanAbsoluteError().orElse(Double.NaN));
        evaluation
                .getRSquared()
                .ifPresent(told -> confirm(version, "an R\u00b2", AnswerFigures.rSquared(answers), told));
    }

    private static void confirm(ModelVersion version, String what, double counted, double told) {
        if (!(Math.abs(counted - told) <= TOLERANCE * Math.max(1, Math.abs(told)))) { // NaN too
            throw disagreement(version, what + " of " + counted + ", not " + told);
        }
    }

    private static CommandException disagreement(ModelVersion version, String what) {
        return new CommandException("the predictions on the topic disagree with the trainer's evaluation of version "
                + version.getVersion() + ": " + what + "; please report this");
    }

    /** Nothing, if the evaluation does not tell. */
    Optional<Double> measured(Measure measure) {
        return measure.in(version, evaluation);
    }

    int epochs() {
        return version.getTraining().getHistory().size();
    }
}
