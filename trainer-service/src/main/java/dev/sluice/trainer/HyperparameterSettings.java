package dev.sluice.trainer;

import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** Names, defaults and ranges of the hyper-parameters. The defaults are the reference notebook's, as Keras means them. */
final class HyperparameterSettings {
    static final String HIDDEN_LAYERS = "hidden.layers";
    static final String LEARNING_RATE = "learning.rate";
    static final String BATCH_SIZE = "batch.size";
    static final String EPOCHS = "epochs";
    static final String MONITOR = "early.stopping.monitor";
    static final String PATIENCE = "early.stopping.patience";
    static final String RESTORE_BEST_WEIGHTS = "restore.best.weights";
    static final String SEED = "seed";
    static final String VALIDATION_DATA = "validation.data";
    static final String VALIDATION_FRACTION = "validation.fraction";
    static final String CALIBRATION = "calibration";
    static final String CALIBRATION_MIN_EXAMPLES = "calibration.min.examples";

    static final String TEMPERATURE = "temperature";
    static final String NONE = "none";

    private static final int WIDEST = 100_000;
    private static final ConfigDef DEFINITION = addTo(new ConfigDef());

    private HyperparameterSettings() {}

    static ConfigDef addTo(ConfigDef definition) {
        return definition
                .define(
                        HIDDEN_LAYERS,
                        ConfigDef.Type.LIST,
                        Hyperparameters.AS_WIDE_AS_THE_INPUT,
                        ConfigDef.LambdaValidator.with(
                                HyperparameterSettings::checkWidths,
                                () -> "a list of widths, each input or 1 to " + WIDEST),
                        ConfigDef.Importance.MEDIUM,
                        "Widths of the hidden layers (ReLU), separated by commas; `input` is as wide as the vectors;"
                                + " empty is logistic regression.")
                .define(
                        LEARNING_RATE,
                        ConfigDef.Type.DOUBLE,
                        0.001,
                        above0(),
                        ConfigDef.Importance.MEDIUM,
                        "Learning rate of Adam.")
                .define(
                        BATCH_SIZE,
                        ConfigDef.Type.INT,
                        32,
                        ConfigDef.Range.atLeast(1),
                        ConfigDef.Importance.LOW,
                        "Examples a step.")
                .define(
                        EPOCHS,
                        ConfigDef.Type.INT,
                        20,
                        ConfigDef.Range.between(1, 100_000),
                        ConfigDef.Importance.MEDIUM,
                        "Epochs at most.")
                .define(
                        MONITOR,
                        ConfigDef.Type.STRING,
                        Monitor.ACCURACY.setting(),
                        oneOf(List.of(Monitor.values()).stream()
                                .map(Monitor::setting)
                                .toList()),
                        ConfigDef.Importance.LOW,
                        "What early stopping looks at: accuracy, loss, val_accuracy, val_loss or none.")
                .define(
                        PATIENCE,
                        ConfigDef.Type.INT,
                        3,
                        ConfigDef.Range.atLeast(0),
                        ConfigDef.Importance.LOW,
                        "Epochs without an improvement after which a fit ends.")
                .define(
                        RESTORE_BEST_WEIGHTS,
                        ConfigDef.Type.BOOLEAN,
                        false,
                        ConfigDef.Importance.LOW,
                        "Whether the best epoch's weights are kept rather than the last one's.")
                .define(
                        SEED,
                        ConfigDef.Type.LONG,
                        42L,
                        ConfigDef.Importance.LOW,
                        "Seed of the first weights and of the examples' order.")
                .define(
                        VALIDATION_DATA,
                        ConfigDef.Type.STRING,
                        ValidationData.HOLDOUT.setting(),
                        oneOf(List.of(ValidationData.values()).stream()
                                .map(ValidationData::setting)
                                .toList()),
                        ConfigDef.Importance.MEDIUM,
                        "What val_loss and val_accuracy are measured on: `holdout` (the split VALIDATION, or a part of"
                                + " TRAIN where there is none), `test` (the split TEST, as the reference notebook does;"
                                + " shown, never steering) or `none`.")
                .define(
                        VALIDATION_FRACTION,
                        ConfigDef.Type.DOUBLE,
                        0.1,
                        ConfigDef.LambdaValidator.with(
                                (name, value) ->
                                        check(name, value, (Double) value >= 0 && (Double) value < 1, "0 to below 1"),
                                () -> "0 to below 1"),
                        ConfigDef.Importance.LOW,
                        "Share of TRAIN that is held out where there is no VALIDATION split, chosen by the text's"
                                + " SHA-256.")
                .define(
                        CALIBRATION,
                        ConfigDef.Type.STRING,
                        TEMPERATURE,
                        oneOf(List.of(TEMPERATURE, NONE)),
                        ConfigDef.Importance.MEDIUM,
                        "How probabilities are made to mean what they say: `temperature` (one number, fitted on the"
                                + " VALIDATION examples) or `none`.")
                .define(
                        CALIBRATION_MIN_EXAMPLES,
                        ConfigDef.Type.INT,
                        50,
                        ConfigDef.Range.atLeast(1),
                        ConfigDef.Importance.LOW,
                        "VALIDATION examples below which no temperature is fitted.");
    }

    static SortedSet<String> names() {
        return new TreeSet<>(DEFINITION.names());
    }

    /**
     * @throws ConfigException if a value is out of its range
     * @throws RefusedTrainingException if two contradict each other
     */
    static Hyperparameters parse(Map<String, String> values) {
        return of(DEFINITION.parse(values));
    }

    /** @param parsed holds every setting defined here, in its type */
    @SuppressWarnings("unchecked") // a ConfigDef's LIST is a list of strings
    static Hyperparameters of(Map<String, ?> parsed) {
        return new Hyperparameters(
                (List<String>) parsed.get(HIDDEN_LAYERS),
                (Double) parsed.get(LEARNING_RATE),
                (Integer) parsed.get(BATCH_SIZE),
                (Integer) parsed.get(EPOCHS),
                Monitor.of((String) parsed.get(MONITOR)),
                (Integer) parsed.get(PATIENCE),
                (Boolean) parsed.get(RESTORE_BEST_WEIGHTS),
                (Long) parsed.get(SEED),
                ValidationData.of((String) parsed.get(VALIDATION_DATA)),
                (Double) parsed.get(VALIDATION_FRACTION),
                parsed.get(CALIBRATION).equals(TEMPERATURE),
                (Integer) parsed.get(CALIBRATION_MIN_EXAMPLES));
    }

    private static void checkWidths(String name, Object value) {
        for (Object width : (List<?>) value) {
            String text = (String) width;
            check(
                    name,
                    value,
                    text.equals(Hyperparameters.AS_WIDE_AS_THE_INPUT)
                            || (text.matches("[1-9][0-9]{0,5}") && Integer.parseInt(text) <= WIDEST),
                    "a list of widths, each input or 1 to " + WIDEST);
        }
    }

    private static ConfigDef.Validator above0() {
        return ConfigDef.LambdaValidator.with(
                (name, value) ->
                        check(name, value, (Double) value > 0 && Double.isFinite((Double) value), "a number above 0"),
                () -> "above 0");
    }

    private static ConfigDef.Validator oneOf(List<String> values) {
        return ConfigDef.ValidString.in(values.toArray(String[]::new));
    }

    private static void check(String name, Object value, boolean holds, String wanted) {
        if (!holds) {
            throw new ConfigException(name, value, "must be " + wanted);
        }
    }
}
