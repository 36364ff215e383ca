package dev.sluice.classifier;

import dev.sluice.runtime.TrustSettings;
import java.time.Duration;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** The settings of live accuracy, drift and what follows from them: a part of {@link ClassifierConfig}. */
final class EvaluationSettings {
    static final String WINDOW_MS = "evaluations.window.ms";
    static final String INTERVAL_MS = "evaluations.interval.ms";
    static final String WARNING_PSI = "drift.warning.psi";
    static final String MIN_PREDICTIONS = "drift.min.predictions";
    static final String AFTER_LABELS = "promotion.after.labels";
    static final String CONFIDENCE = "promotion.confidence";

    private static final int LEAST_LABELS = 20;

    private EvaluationSettings() {}

    static ConfigDef addTo(ConfigDef definition) {
        return definition
                .define(
                        WINDOW_MS,
                        ConfigDef.Type.LONG,
                        Duration.ofDays(1).toMillis(),
                        ConfigDef.Range.between(60_000, Duration.ofDays(30).toMillis()),
                        ConfigDef.Importance.MEDIUM,
                        "How far back live accuracy and drift look. The window moves on by a twenty-fourth of it.")
                .define(
                        INTERVAL_MS,
                        ConfigDef.Type.LONG,
                        10_000L,
                        ConfigDef.Range.between(100, Duration.ofDays(1).toMillis()),
                        ConfigDef.Importance.LOW,
                        "How often it is written to `evaluations` how a version does, if there is news of its labels or a"
                                + " warning; of its answers alone, each sixth time.")
                .define(
                        WARNING_PSI,
                        ConfigDef.Type.DOUBLE,
                        0.25,
                        ConfigDef.Range.atLeast(0),
                        ConfigDef.Importance.MEDIUM,
                        "Warns of drift when the population stability index of the answers in the window, beside those on"
                                + " the holdout, is above this and above what chance explains; 0: never.")
                .define(
                        MIN_PREDICTIONS,
                        ConfigDef.Type.INT,
                        200,
                        ConfigDef.Range.atLeast(1),
                        ConfigDef.Importance.LOW,
                        "Answers in the window that a warning of drift takes.")
                .define(
                        AFTER_LABELS,
                        ConfigDef.Type.INT,
                        0,
                        EvaluationSettings::checkLabels,
                        ConfigDef.Importance.MEDIUM,
                        "When so many of the posts that a shadow or a canary answered have labels, twice as many, four"
                                + " times ...: a version clearly better than the live one is deployed, one clearly worse"
                                + " is ended. 20 or more; 0: people decide.")
                .define(
                        CONFIDENCE,
                        ConfigDef.Type.DOUBLE,
                        0.95,
                        EvaluationSettings::checkConfidence,
                        ConfigDef.Importance.LOW,
                        "How sure that must be, above 0.5 and below 1: with 0.95, at most one in twenty versions that are"
                                + " no better is deployed, over all looks at it.");
    }

    /** Of fewer than 20, one more or less right is most of what there is to see. */
    private static void checkLabels(String name, Object value) {
        int labels = (Integer) value;
        if (labels != 0 && labels < LEAST_LABELS) {
            throw new ConfigException(name, value, "it must be 0, or " + LEAST_LABELS + " or more");
        }
    }

    private static void checkConfidence(String name, Object value) {
        if (!((Double) value > 0.5 && (Double) value < 1)) {
            throw new ConfigException(name, value, "it must be above 0.5 and below 1");
        }
    }

    static EvaluationPlan plan(AbstractConfig config) {
        return new EvaluationPlan(
                new Buckets(Duration.ofMillis(config.getLong(WINDOW_MS))),
                Duration.ofMillis(config.getLong(INTERVAL_MS)),
                new DriftPolicy(config.getDouble(WARNING_PSI), config.getInt(MIN_PREDICTIONS)),
                new TrialPolicy(config.getInt(AFTER_LABELS), config.getDouble(CONFIDENCE)),
                TrustSettings.of(config));
    }
}
