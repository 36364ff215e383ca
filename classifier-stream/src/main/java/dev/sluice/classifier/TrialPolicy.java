package dev.sluice.classifier;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.Trial;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether a version on trial takes the live one's place, or leaves. It is looked at when n, 2n, 4n ... labels have come, since
 * who looks after each label finds a difference sooner or later where none is; and each look may err half as often as the
 * one before, so that all of them together keep to the confidence asked for, on either side. That holds for each trial: who
 * tries twenty versions that are no better may well see one of them deployed.
 *
 * <p>A shadow answers the posts that the live version answers, so the pairs are tested (McNemar); of a regression, by which of
 * the two is nearer to the target, which asks nothing of how errors are spread (the sign test). A canary answers other posts,
 * so shares are (Fisher), and that of a regression is never decided. An abstention counts by its most likely label.
 *
 * @param afterLabels n; 0: nothing is ever decided
 * @param confidence above 0.5, below 1
 */
record TrialPolicy(int afterLabels, double confidence) {
    static final String BY = "sluice-learn";

    TrialPolicy {
        if (afterLabels < 0 || !(confidence > 0.5 && confidence < 1)) {
            throw new IllegalArgumentException("a trial takes 0 labels or more and a confidence between 0.5 and 1, not "
                    + afterLabels + " and " + confidence);
        }
    }

    /**
     * A look at a trial.
     *
     * @param trial with this look counted
     * @param event what is to be done; empty if the difference is not clear
     */
    record Look(Trial trial, Optional<Deployment> event) {}

    /** Looks if it is time to. */
    Optional<Look> look(Trial trial, Instant now) {
        if (afterLabels == 0 || trial.getDecided() || labels(trial) < afterLabels * Math.pow(2, trial.getLooks())) {
            return Optional.empty();
        }
        int looks = trial.getLooks() + 1;
        double level = (1 - confidence) / Math.pow(2, looks);
        double better = better(trial);
        double worse = worse(trial);
        Optional<Deployment> event = Optional.empty();
        if (better < level) {
            event = Optional.of(event(trial, DeploymentAction.DEPLOY, "better", better, level, looks, now));
        } else if (worse < level) {
            event = Optional.of(event(trial, DeploymentAction.END, "worse", worse, level, looks, now));
        }
        return Optional.of(new Look(
                Trial.newBuilder(trial)
                        .setLooks(looks)
                        .setDecided(event.isPresent())
                        .build(),
                event));
    }

    /** Of the side that has fewer: a canary of 90 % leaves the live version few. */
    private static long labels(Trial trial) {
        return Math.min(trial.getExamples(), trial.getLiveExamples());
    }

    private static double better(Trial trial) {
        return trial.getArm() == Arm.SHADOW
                ? Significance.ofPairs(trial.getGained(), trial.getLost())
                : Significance.ofShares(
                        trial.getRight(), trial.getExamples(), trial.getLiveRight(), trial.getLiveExamples());
    }

    private static double worse(Trial trial) {
        return trial.getArm() == Arm.SHADOW
                ? Significance.ofPairs(trial.getLost(), trial.getGained())
                : Significance.ofShares(
                        trial.getLiveRight(), trial.getLiveExamples(), trial.getRight(), trial.getExamples());
    }

    private static String figures(Trial trial) {
        if (trial.getAbsoluteErrors().isPresent()) {
            return String.format(
                    Locale.ROOT,
                    "nearer on %d of %d, farther on %d, mean absolute error %.4g beside %.4g",
                    trial.getGained(),
                    trial.getExamples(),
                    trial.getLost(),
                    trial.getAbsoluteErrors().orElseThrow() / trial.getExamples(),
                    trial.getLiveAbsoluteErrors().orElseThrow() / trial.getExamples());
        }
        String shares = String.format(
                Locale.ROOT,
                "%d of %d right, beside %d of %d",
                trial.getRight(),
                trial.getExamples(),
                trial.getLiveRight(),
                trial.getLiveExamples());
        return trial.getArm() == Arm.SHADOW
                ? shares + ", " + trial.getGained() + " alone and " + trial.getLost() + " alone"
                : shares;
    }

    private static Deployment event(
            Trial trial, DeploymentAction action, String finding, double chance, double level, int looks, Instant now) {
        String reason = String.format(
                Locale.ROOT,
                "%s than version %d as %s: %s; p = %.2g, below %.2g (look %d)",
                finding,
                trial.getAgainst(),
                trial.getArm() == Arm.SHADOW ? "a shadow" : "a canary",
                figures(trial),
                chance,
                level,
                looks);
        return Deployment.newBuilder()
                .setAction(action)
                .setVersion(trial.getVersion())
                .setBy(BY)
                .setReason(reason)
                .setAutomatic(true)
                .setExpected(trial.getAgainst())
                .setCreatedAt(now)
                .build();
    }
}
