package dev.sluice.trainer;

import dev.sluice.runtime.ServiceConfig;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** The trainer's settings: when it fits, and how. */
public final class TrainerConfig extends ServiceConfig {
    public static final String TRAINING_TRIGGER = "training.trigger";
    public static final String TRAINING_MIN_EXAMPLES = "training.min.examples";
    public static final String TRAINING_RETRAIN_AFTER_EXAMPLES = "training.retrain.after.examples";

    public static final String MODELS_KEEP = "models.keep";

    private final Hyperparameters hyperparameters;

    /** @throws ConfigException naming the setting and what it may be */
    public TrainerConfig(Map<String, String> settings) {
        super(definition(), settings);
        try {
            hyperparameters = HyperparameterSettings.of(values());
        } catch (RefusedTrainingException e) {
            throw new ConfigException(e.getMessage());
        }
    }

    static ConfigDef definition() {
        return HyperparameterSettings.addTo(commonSettings()
                .define(
                        TRAINING_TRIGGER,
                        ConfigDef.Type.STRING,
                        TrainingPolicy.Trigger.AUTO.setting(),
                        ConfigDef.ValidString.in(
                                TrainingPolicy.Trigger.AUTO.setting(), TrainingPolicy.Trigger.REQUEST.setting()),
                        ConfigDef.Importance.HIGH,
                        "When to fit: `auto` (by the number of examples, and on request) or `request` (on request"
                                + " only).")
                .define(
                        TRAINING_MIN_EXAMPLES,
                        ConfigDef.Type.INT,
                        20,
                        ConfigDef.Range.atLeast(1),
                        ConfigDef.Importance.MEDIUM,
                        "Training examples that the first fit waits for; a request with fewer is refused.")
                .define(
                        TRAINING_RETRAIN_AFTER_EXAMPLES,
                        ConfigDef.Type.INT,
                        1000,
                        ConfigDef.Range.atLeast(1),
                        ConfigDef.Importance.MEDIUM,
                        "New training examples after which it fits again; it does so sooner when they have doubled.")
                .define(
                        MODELS_KEEP,
                        ConfigDef.Type.INT,
                        20,
                        ConfigDef.Range.atLeast(0),
                        ConfigDef.Importance.MEDIUM,
                        "How many of the newest versions stay on `models` when one is published, beside the live one and"
                                + " the one before it; 0 keeps all."));
    }

    /** How many of the newest versions stay; 0 for all. */
    int keptModels() {
        return getInt(MODELS_KEEP);
    }

    Hyperparameters hyperparameters() {
        return hyperparameters;
    }

    TrainingPolicy policy() {
        return new TrainingPolicy(
                TrainingPolicy.Trigger.valueOf(getString(TRAINING_TRIGGER).toUpperCase(Locale.ROOT)),
                getInt(TRAINING_MIN_EXAMPLES),
                getInt(TRAINING_RETRAIN_AFTER_EXAMPLES));
    }
}
