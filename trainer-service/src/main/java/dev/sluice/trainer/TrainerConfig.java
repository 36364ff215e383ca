package dev.sluice.trainer;

import dev.sluice.runtime.ServiceConfig;
import dev.sluice.runtime.TrustSettings;
import dev.sluice.schemas.Trust;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** The trainer's settings: when it fits, and how. */
public final class TrainerConfig extends ServiceConfig {
    public static final String TRAINING_TRIGGER = "training.trigger";
    public static final String TRAINING_MIN_EXAMPLES = "training.min.examples";
    public static final String TRAINING_MIN_EXAMPLES_PER_LABEL = "training.min.examples.per.label";
    public static final String TRAINING_RETRAIN_AFTER_EXAMPLES = "training.retrain.after.examples";

    public static final String MODELS_KEEP = "models.keep";
    public static final String PROMOTION = "promotion";
    public static final String PROMOTION_MAX_ACCURACY_DROP = "promotion.max.accuracy.drop";
    public static final String PROMOTION_MIN_CLASS_RECALL = "promotion.min.class.recall";

    public static final String EXAMPLES_DIR = "examples.dir";

    /** No setting: what a request may override beside the hyper-parameters. */
    public static final String EMBEDDING_SPACE = "embedding.space";

    private final Hyperparameters hyperparameters;

    /** @throws ConfigException naming the setting and what it may be */
    public TrainerConfig(Map<String, String> settings) {
        super(definition(), settings);
        try {
            hyperparameters = HyperparameterSettings.parse(hyperparametersAmong(settings));
        } catch (RefusedTrainingException e) {
            throw new ConfigException(e.getMessage());
        }
        if (!trust().canSign()) {
            throw new ConfigException(TrustSettings.SIGNING_KEY + " must be set: " + TrustSettings.TRUSTED_KEYS
                    + " asks for signatures, and what is published without one would be refused");
        }
    }

    /** Those that are set: the profile decides on the others. */
    private static Map<String, String> hyperparametersAmong(Map<String, String> settings) {
        Map<String, String> set = new HashMap<>(settings);
        set.keySet().retainAll(HyperparameterSettings.names());
        return set;
    }

    static ConfigDef definition() {
        return HyperparameterSettings.addTo(TrustSettings.addTo(
                commonSettings()
                        .define(
                                TRAINING_TRIGGER,
                                ConfigDef.Type.STRING,
                                TrainingPolicy.Trigger.AUTO.setting(),
                                ConfigDef.ValidString.in(
                                        TrainingPolicy.Trigger.AUTO.setting(),
                                        TrainingPolicy.Trigger.REQUEST.setting()),
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
                                TRAINING_MIN_EXAMPLES_PER_LABEL,
                                ConfigDef.Type.INT,
                                2,
                                ConfigDef.Range.atLeast(1),
                                ConfigDef.Importance.MEDIUM,
                                "Training examples that every label must have, those held out of TRAIN counted too; until then nothing is fitted, and the refusal"
                                        + " names those that have fewer.")
                        .define(
                                TRAINING_RETRAIN_AFTER_EXAMPLES,
                                ConfigDef.Type.INT,
                                1000,
                                ConfigDef.Range.atLeast(1),
                                ConfigDef.Importance.MEDIUM,
                                "New training examples after which it fits again; it does so sooner when they have doubled.")
                        .define(
                                EXAMPLES_DIR,
                                ConfigDef.Type.STRING,
                                "",
                                ConfigDef.Importance.MEDIUM,
                                "Folder for the temporary file that holds the examples' vectors and words, about 4 bytes a number; gone"
                                        + " when the trainer ends, also if it is killed. Empty: the system's folder for temporary files.")
                        .define(
                                MODELS_KEEP,
                                ConfigDef.Type.INT,
                                20,
                                ConfigDef.Range.atLeast(0),
                                ConfigDef.Importance.MEDIUM,
                                "How many of the newest versions stay on `models` when one is published, beside the live one and"
                                        + " the one before it; 0 keeps all.")
                        .define(
                                PROMOTION,
                                ConfigDef.Type.STRING,
                                PromotionPolicy.Mode.AUTO.setting(),
                                ConfigDef.ValidString.in(
                                        PromotionPolicy.Mode.AUTO.setting(), PromotionPolicy.Mode.MANUAL.setting()),
                                ConfigDef.Importance.HIGH,
                                "Whether new versions are deployed: `auto` (those that the gate lets through) or `manual` (none:"
                                        + " `sluice deploy` does).")
                        .define(
                                PROMOTION_MAX_ACCURACY_DROP,
                                ConfigDef.Type.DOUBLE,
                                0.02,
                                ConfigDef.Range.between(0, 1),
                                ConfigDef.Importance.MEDIUM,
                                "By how much a new version's accuracy (of numbers: R2) on the examples held out may lie below that of the live"
                                        + " one, for it to be deployed; 1 lets all through.")
                        .define(
                                PROMOTION_MIN_CLASS_RECALL,
                                ConfigDef.Type.DOUBLE,
                                0.0,
                                ConfigDef.Range.between(0, 1),
                                ConfigDef.Importance.MEDIUM,
                                "Share of each label's examples held out that a version must find to be deployed; 0 asks nothing."),
                "what it publishes and deploys"));
    }

    /** Whose versions and deployments count, and what our own are signed with. */
    Trust trust() {
        return TrustSettings.of(this);
    }

    PromotionPolicy promotion() {
        return new PromotionPolicy(
                PromotionPolicy.Mode.valueOf(getString(PROMOTION).toUpperCase(Locale.ROOT)),
                getDouble(PROMOTION_MAX_ACCURACY_DROP),
                getDouble(PROMOTION_MIN_CLASS_RECALL));
    }

    /** Where the examples' vectors lie while it runs. */
    Path examplesDir() {
        String set = getString(EXAMPLES_DIR);
        return Path.of(set.isEmpty() ? System.getProperty("java.io.tmpdir") : set);
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
                getInt(TRAINING_MIN_EXAMPLES_PER_LABEL),
                getInt(TRAINING_RETRAIN_AFTER_EXAMPLES));
    }
}
