package dev.sluice.classifier;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.Deployments.Change;
import dev.sluice.schemas.Score;
import dev.sluice.schemas.Trial;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The fold behind a {@link Trial}: which one is on, by the log of deployments, and what a score adds to it. What an earlier
 * shadow of the same version did, or the same shadow beside another live version, is another trial. A score counts by when
 * it was first counted, so one that is taken back was counted here before, or never.
 */
final class Trials {
    private Trials() {}

    /**
     * The trial that is on.
     *
     * @param known what is known of an earlier moment; goes on if it is the same trial
     * @return empty if no version has this part, or none is live
     */
    static Optional<Trial> current(Deployments deployments, Arm arm, Optional<Trial> known, long now) {
        Optional<Integer> version =
                arm == Arm.SHADOW ? deployments.shadow() : deployments.canary().map(Deployments.Canary::version);
        if (version.isEmpty() || deployments.live().isEmpty()) {
            return Optional.empty();
        }
        Trial fresh = Trial.newBuilder()
                .setDeployment(beginning(deployments.history(), arm, version.get()))
                .setVersion(version.get())
                .setArm(arm)
                .setAgainst(deployments.live().get())
                .setSince(Instant.ofEpochMilli(now))
                .build();
        Trial trial = known.filter(each -> isSame(each, fresh)).orElse(fresh);
        return Optional.of(afterLosses(deployments.history(), trial));
    }

    /** A known trial may stand at a decision that was lost since it began. */
    private static boolean isSame(Trial known, Trial fresh) {
        return known.getDeployment() >= fresh.getDeployment()
                && known.getVersion() == fresh.getVersion()
                && known.getAgainst() == fresh.getAgainst();
    }

    /**
     * As it was before its last look, if what was decided there lost, to a pin that was quicker: it is decided once more. That
     * errs no more often, for there must have been a clear difference before.
     */
    private static Trial afterLosses(List<Change> history, Trial trial) {
        long lost = trial.getDeployment();
        for (Change change : history) {
            if (change.offset() > lost && isLost(change, trial)) {
                lost = change.offset();
            }
        }
        if (lost == trial.getDeployment()) {
            return trial;
        }
        return Trial.newBuilder(trial)
                .setDeployment(lost) // each loss counts once
                .setLooks(trial.getLooks() - (trial.getDecided() ? 1 : 0))
                .setDecided(false)
                .build();
    }

    private static boolean isLost(Change change, Trial trial) {
        Deployment event = change.event();
        return !change.applied()
                && event.getAutomatic()
                && event.getBy().equals(TrialPolicy.BY)
                && event.getVersion() == trial.getVersion();
    }

    private static long beginning(List<Change> history, Arm arm, int version) {
        DeploymentAction action = arm == Arm.SHADOW ? DeploymentAction.SHADOW : DeploymentAction.CANARY;
        for (int i = history.size() - 1; i >= 0; i--) {
            Deployment event = history.get(i).event();
            if (history.get(i).applied() && event.getAction() == action && event.getVersion() == version) {
                return history.get(i).offset();
            }
        }
        throw new IllegalStateException("version " + version + " has a part that no event gave it");
    }

    static Trial plus(Trial trial, Score score) {
        if (score.getScoredAt().isBefore(trial.getSince())) {
            return trial;
        }
        if (trial.getArm() == Arm.SHADOW) {
            return isPair(trial, score) ? plusPair(trial, score) : trial;
        }
        return Counts.isNumber(score) ? trial : plusSingle(trial, score);
    }

    /** Whether both versions say the same kind of thing: a label and a number cannot be compared. */
    private static boolean isPair(Trial trial, Score score) {
        boolean beside = score.getBesideVersion()
                .filter(version -> version == trial.getAgainst())
                .isPresent();
        boolean comparable = Counts.isNumber(score)
                ? score.getBesideValue().isPresent()
                : score.getBesideRight().isPresent();
        return beside && comparable && score.getArm() == Arm.SHADOW && score.getVersion() == trial.getVersion();
    }

    private static Trial plusPair(Trial trial, Score score) {
        long one = score.getSign();
        Trial.Builder sum = Trial.newBuilder(trial)
                .setExamples(trial.getExamples() + one)
                .setLiveExamples(trial.getLiveExamples() + one);
        boolean gained;
        boolean lost;
        if (Counts.isNumber(score)) {
            double error = Counts.errorOf(score);
            double liveError = Math.abs(
                    score.getBesideValue().orElseThrow() - score.getTarget().orElseThrow());
            gained = error < liveError;
            lost = liveError < error;
            sum.setAbsoluteErrors(trial.getAbsoluteErrors().orElse(0.0) + one * error)
                    .setLiveAbsoluteErrors(trial.getLiveAbsoluteErrors().orElse(0.0) + one * liveError);
        } else {
            boolean right = Counts.isRight(score);
            boolean liveRight = score.getBesideRight().orElseThrow();
            gained = right && !liveRight;
            lost = liveRight && !right;
            sum.setRight(trial.getRight() + (right ? one : 0))
                    .setLiveRight(trial.getLiveRight() + (liveRight ? one : 0));
        }
        return sum.setGained(trial.getGained() + (gained ? one : 0))
                .setLost(trial.getLost() + (lost ? one : 0))
                .build();
    }

    /**
     * Of labels only. Errors of other posts are no pairs, and how they are spread nobody knows, so people judge the canary of a
     * regression. Labels that took long would else bring answers of the live one to posts of which the canary had no share yet.
     */
    private static Trial plusSingle(Trial trial, Score score) {
        if (score.getAnsweredAt().isBefore(trial.getSince())) {
            return trial;
        }
        long one = score.getSign();
        long right = Counts.isRight(score) ? one : 0;
        if (score.getArm() == Arm.CANARY && score.getVersion() == trial.getVersion()) {
            return Trial.newBuilder(trial)
                    .setExamples(trial.getExamples() + one)
                    .setRight(trial.getRight() + right)
                    .build();
        }
        if (score.getArm() == Arm.LIVE && score.getVersion() == trial.getAgainst()) {
            return Trial.newBuilder(trial)
                    .setLiveExamples(trial.getLiveExamples() + one)
                    .setLiveRight(trial.getLiveRight() + right)
                    .build();
        }
        return trial;
    }
}
