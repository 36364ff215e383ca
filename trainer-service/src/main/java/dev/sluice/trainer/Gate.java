package dev.sluice.trainer;

import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether a new version, the challenger, takes the place of the live one, the champion: both answer the examples that were
 * held out of the challenger's fit, by the forward pass that serves, each in its own embedding space. Where nothing can be
 * compared (no champion, texts without a vector in its space, no examples held out) the challenger is deployed, and says so: the alternative would be a classifier
 * that never gets on.
 */
final class Gate {
    private final PromotionPolicy policy;
    private final PublishedModels models;
    private final DeploymentLog deployments;

    /** @param reason for the log of deployments, or why it is not deployed */
    record Verdict(boolean deploy, String reason) {}

    Gate(PromotionPolicy policy, PublishedModels models, DeploymentLog deployments) {
        this.policy = policy;
        this.models = models;
        this.deployments = deployments;
    }

    /** The embedding space of the version that is live now, as its canonical id; empty if none is, or it cannot serve. */
    Optional<String> liveSpace() {
        models.follow();
        deployments.follow();
        return deployments
                .live()
                .flatMap(models::predictorOf)
                .map(live -> EmbeddingSpaces.idOf(live.version().getSpace()));
    }

    /**
     * As models and deployments were last followed.
     *
     * @param challenger with its own evaluation on the holdout, if there is one
     * @param holdout never TEST; may be empty
     * @throws InterruptedException if this thread is interrupted
     */
    Verdict judge(ModelVersion challenger, List<Example> holdout) throws InterruptedException {
        if (policy.mode() == PromotionPolicy.Mode.MANUAL) {
            return new Verdict(
                    false, TrainerConfig.PROMOTION + "=" + policy.mode().setting());
        }
        if (deployments.pinned()) {
            return new Verdict(false, name(deployments.live().orElse(0)) + " is pinned");
        }
        Optional<Evaluation> evaluation = challenger.getEvaluations().stream()
                .filter(each -> each.getSplit() == Split.VALIDATION)
                .findFirst();
        if (holdout.isEmpty() || evaluation.isEmpty()) {
            return new Verdict(true, "compared with none: there are no validation examples");
        }
        Optional<String> weakness = policy.weakness(evaluation.get());
        if (weakness.isPresent()) {
            return new Verdict(false, weakness.get());
        }
        if (deployments.live().isEmpty()) {
            return new Verdict(true, "compared with none: no version is live");
        }
        return duel(challenger, evaluation.get(), holdout, deployments.live().get());
    }

    private Verdict duel(ModelVersion challenger, Evaluation evaluation, List<Example> holdout, int live)
            throws InterruptedException {
        Optional<Predictor> champion = models.predictorOf(live);
        List<Example> seen =
                champion.map(rival -> asSeenBy(rival.version(), holdout)).orElse(List.of());
        Optional<String> obstacle = champion.map(
                        rival -> obstacle(challenger, rival.version()).or(() -> missingWords(rival, holdout)))
                .orElseGet(() -> Optional.of(name(live) + " is not there, or not sound"));
        if (obstacle.isPresent()) {
            return new Verdict(true, "compared with none: " + obstacle.get());
        }
        if (seen.size() < holdout.size()) {
            return new Verdict(
                    true,
                    "compared with none: " + name(live) + " is of another embedding space, and "
                            + (holdout.size() - seen.size()) + " of " + holdout.size()
                            + " validation examples have no vector there");
        }
        Scores rivalScores = Scores.of(seen, champion.orElseThrow(), Scores.of(champion.orElseThrow(), challenger));
        Evaluation rival = rivalScores.evaluation(Split.VALIDATION);
        Optional<Double> quality = quality(challenger.getTask(), evaluation);
        Optional<Double> rivals = quality(challenger.getTask(), rival);
        if (quality.isEmpty() || rivals.isEmpty()) {
            return new Verdict(true, "compared with none: the validation examples all have one target");
        }
        if (rivalScores instanceof TargetScores && holdout.size() < TargetScores.FEWEST_COMPARED) {
            return new Verdict(
                    true,
                    "compared with none: " + holdout.size()
                            + " validation examples are too few to tell errors of numbers apart");
        }
        boolean deploy = rivalScores instanceof TargetScores rivalErrors
                ? policy.allowsRSquared(quality.get(), rivals.get())
                        || !errors(challenger, holdout).areLargerThan(rivalErrors)
                : policy.allows(quality.get(), rivals.get(), holdout.size());
        String figures = "%s %s on %d validation examples, %s has %s"
                .formatted(
                        challenger.getTask() == Task.REGRESSION ? "R2" : "accuracy",
                        figures(challenger.getTask(), evaluation),
                        holdout.size(),
                        name(live),
                        figures(challenger.getTask(), rival) + atThreshold(challenger, champion.orElseThrow()));
        return new Verdict(
                deploy,
                deploy
                        ? figures
                        : figures + ": worse by more than " + TrainerConfig.PROMOTION_MAX_ACCURACY_DROP + "="
                                + policy.maxAccuracyDrop());
    }

    private static TargetScores errors(ModelVersion version, List<Example> examples) throws InterruptedException {
        return Scores.of(examples, Predictor.ofUnsealed(version), new TargetScores());
    }

    private static String atThreshold(ModelVersion challenger, Predictor champion) {
        Optional<Double> own = champion.version().getThreshold();
        return challenger
                .getThreshold()
                .filter(threshold -> threshold
                                != own.orElse(ThresholdPolicy.HALF).doubleValue()
                        && challenger.getLabels().size() == champion.labels().size())
                .map(threshold -> " at the same threshold, " + threshold)
                .orElse("");
    }

    /** What may not drop: the share answered right, or the share of the targets' variance that the values explain. */
    private static Optional<Double> quality(Task task, Evaluation evaluation) {
        return task == Task.REGRESSION ? evaluation.getRSquared() : Optional.of(evaluation.getAccuracy());
    }

    private static String figures(Task task, Evaluation evaluation) {
        String quality =
                String.format(Locale.ROOT, "%.4f", quality(task, evaluation).orElseThrow());
        return evaluation
                .getMeanAbsoluteError()
                .map(error -> String.format(Locale.ROOT, "%s (mean absolute error %.4f)", quality, error))
                .orElse(quality);
    }

    /** The examples that have a vector in the version's own space, with that vector. */
    private static List<Example> asSeenBy(ModelVersion version, List<Example> examples) {
        String space = EmbeddingSpaces.idOf(version.getSpace());
        return examples.stream().flatMap(example -> example.in(space).stream()).toList();
    }

    /** Why the two answer different questions; empty if they do not. */
    private static Optional<String> obstacle(ModelVersion challenger, ModelVersion champion) {
        String champions = name(champion.getVersion());
        if ((challenger.getTask() == Task.REGRESSION) != (champion.getTask() == Task.REGRESSION)) {
            return Optional.of(champions + " has another task");
        }
        if (!challenger.getLabels().containsAll(champion.getLabels())) {
            return Optional.of(champions + " knows labels that are gone");
        }
        return Optional.empty();
    }

    private static Optional<String> missingWords(Predictor champion, List<Example> holdout) {
        return champion.readsWords()
                        && holdout.stream().anyMatch(example -> example.words().isEmpty())
                ? Optional.of(name(champion.version().getVersion()) + " reads words, and the trainer keeps none")
                : Optional.empty();
    }

    private static String name(int version) {
        return "version " + version;
    }
}
