package dev.sluice.classifier;

import dev.sluice.schemas.Trust;
import java.time.Duration;

/**
 * How live versions are judged: over which window, how often it is told, and what follows from it.
 *
 * @param interval between two tellings
 * @param trust by whom versions and deployments must be signed to count, and with what our own are signed
 */
record EvaluationPlan(Buckets buckets, Duration interval, DriftPolicy drift, TrialPolicy trials, Trust trust) {

    /**
     * How long is waited with news of answers alone: there is always some, and the topic keeps it for a month. What is new of
     * labels or of a warning is told at the next interval.
     */
    Duration quiet() {
        return interval.multipliedBy(6);
    }
}
