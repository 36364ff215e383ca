package dev.sluice.classifier;

import java.time.Duration;

/**
 * How live versions are judged: over which window, how often it is told, and what follows from it.
 *
 * @param interval between two tellings
 */
record EvaluationPlan(Buckets buckets, Duration interval, DriftPolicy drift, TrialPolicy trials) {}
