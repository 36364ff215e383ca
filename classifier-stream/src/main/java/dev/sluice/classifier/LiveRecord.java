package dev.sluice.classifier;

import dev.sluice.schemas.Drift;
import dev.sluice.schemas.LiveCounts;
import dev.sluice.schemas.LiveEvaluation;
import java.time.Instant;
import java.util.Optional;

/**
 * All that is known of one version on one arm, and what is said of it. Pure: the same counts at the same moment give the same
 * record, and whether it says anything new shows by comparing it with the one before.
 *
 * @param total since the version first answered on this arm; without answers that nobody knows the label of
 * @param window the pieces of the window, added up
 * @param before what was said last
 */
record LiveRecord(LiveCounts total, LiveCounts window, Optional<Holdout> holdout, Optional<LiveEvaluation> before) {

    /** @return empty if it says nothing but what was said last, or only of answers and too soon */
    Optional<LiveEvaluation> news(String classifier, EvaluationPlan plan, Instant windowStart, Instant now) {
        DriftPolicy policy = plan.drift();
        LiveEvaluation evaluation = evaluation(classifier, policy, windowStart, now);
        boolean needless = before.filter(last -> sameBut(last, windowStart, now).equals(evaluation)
                        || (now.isBefore(last.getCreatedAt().plus(plan.quiet()))
                                && !isUrgent(policy, last, evaluation)))
                .isPresent();
        return needless ? Optional.empty() : Optional.of(evaluation);
    }

    private boolean isUrgent(DriftPolicy policy, LiveEvaluation last, LiveEvaluation now) {
        return !last.getWindow().equals(now.getWindow())
                || !last.getSinceDeployment().equals(now.getSinceDeployment())
                || last.getWarning().isPresent() != now.getWarning().isPresent()
                || warned(policy) != warning(policy, drift()).isPresent();
    }

    /** Whether a warning is on now that was not on when something was said last. */
    boolean warns(DriftPolicy policy) {
        return warning(policy, drift()).isPresent() && !warned(policy);
    }

    private LiveEvaluation evaluation(String classifier, DriftPolicy policy, Instant windowStart, Instant now) {
        Optional<Drift> drift = drift();
        Optional<String> warning =
                warning(policy, drift).or(() -> warned(policy) ? Optional.of(policy.over(drift)) : Optional.empty());
        return LiveEvaluation.newBuilder()
                .setClassifier(classifier)
                .setVersion(total.getVersion())
                .setArm(total.getArm())
                .setWindowStart(windowStart)
                .setWindow(Counts.tally(window))
                .setSinceDeployment(Counts.tally(total))
                .setDrift(drift.orElse(null))
                .setWarning(warning.orElse(null))
                .setCreatedAt(now)
                .build();
    }

    private Optional<Drift> drift() {
        return holdout.flatMap(it -> it.beside(window));
    }

    private Optional<String> warning(DriftPolicy policy, Optional<Drift> drift) {
        return drift.flatMap(it -> {
            Holdout then = holdout.orElseThrow();
            return policy.warning(it, then.examples(), then.labels().size());
        });
    }

    private boolean warned(DriftPolicy policy) {
        return holdout.isPresent()
                && warning(policy, before.flatMap(LiveEvaluation::getDrift)).isPresent();
    }

    private static LiveEvaluation sameBut(LiveEvaluation last, Instant windowStart, Instant now) {
        return LiveEvaluation.newBuilder(last)
                .setWindowStart(windowStart)
                .setCreatedAt(now)
                .build();
    }
}
