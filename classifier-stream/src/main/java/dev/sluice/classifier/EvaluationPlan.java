package dev.sluice.classifier;

import java.time.Duration;

/**
 * How live versions are judged: over which window, how often it is told, and what follows from it.
 *
 * @param interval between two tellings
 */
record EvaluationPlan(Buckets buckets, Duration interval, DriftPolicy drift, TrialPolicy trials) {

    /**
     * How long is waited with news of answers alone: there is always some, and the topic keeps it for a month. What is new of
     * labels or of a warning is told at the next interval.
     */
    Duration quiet() {
        return interval.multipliedBy(6);
    }
}
