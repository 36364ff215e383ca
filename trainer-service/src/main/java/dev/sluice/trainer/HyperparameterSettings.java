package dev.sluice.trainer;

import dev.sluice.schemas.Activation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** Names, defaults and ranges of the hyper-parameters. The defaults are the reference notebook's, as Keras means them. */
final class HyperparameterSettings {
    static final String PROFILE = "profile";
    static final String TASK = "task";
    static final String POSITIVE_LABEL = "positive.label";
    static final String THRESHOLD = "threshold";
    static final String HIDDEN_LAYERS = "hidden.layers";
    static final String ACTIVATION = "activation";
    static final String DROPOUT = "dropout";
    static final String L2 = "l2";
    static final String OPTIMIZER = "optimizer";
    static final String LEARNING_RATE = "learning.rate";
    static final String WEIGHT_DECAY = "weight.decay";
    static final String MOMENTUM = "momentum";
    static final String BATCH_SIZE = "batch.size";
    static final String EPOCHS = "epochs";
    static final String MONITOR = "early.stopping.monitor";
    static final String PATIENCE = "early.stopping.patience";
    static final String RESTORE_BEST_WEIGHTS = "restore.best.weights";
    static final String CLASS_WEIGHTS = "class.weights";
    static final String LABEL_SMOOTHING = "label.smoothing";
    static final String WORDS = "words";
    static final String WORDS_LEARNING_RATE = "words.learning.rate";
    static final String SEED = "seed";
    static final String VALIDATION_DATA = "validation.data";
    static final String VALIDATION_FRACTION = "validation.fraction";
    static final String CALIBRATION = "calibration";
    static final String CALIBRATION_MIN_EXAMPLES = "calibration.min.examples";

    static final String TEMPERATURE = "temperature";
    static final String BALANCED = "balanced";
    static final String NONE = "none";
    static final String AUTO = "auto";

    private static final int WIDEST = 100_000;
    private static final int LARGEST_BATCH = 8192;

    /** By Keras' words, for hidden layers. */
    private static final SortedMap<String, Activation> ACTIVATIONS = new TreeMap<>(Map.of(
            "relu", Activation.RELU,
            "tanh", Activation.TANH,
            "sigmoid", Activation.SIGMOID,
            "linear", Activation.IDENTITY));

    private static final ConfigDef DEFINITION = addTo(new ConfigDef());

    private HyperparameterSettings() {}

    static ConfigDef addTo(ConfigDef definition) {
        return definition
                .define(
                        PROFILE,
                        ConfigDef.Type.STRING,
                        Profile.NOTEBOOK.setting(),
                        oneOf(List.of(Profile.values()).stream()
                                .map(Profile::setting)
                                .toList()),
                        ConfigDef.Importance.HIGH,
                        "Whose values hold for what is not set otherwise: `notebook` (the defaults of this table) or `best`"
                                + " (see docs/accuracy.md).")
                .define(
                        TASK,
                        ConfigDef.Type.STRING,
                        LearningTask.Wanted.AUTO.setting(),
                        oneOf(List.of(LearningTask.Wanted.values()).stream()
                                .map(LearningTask.Wanted::setting)
                                .toList()),
                        ConfigDef.Importance.HIGH,
                        "What is learned: `multiclass` (softmax), `binary` (one sigmoid for two labels), `regression` (the"
                                + " posts' `target`) or `auto`: labels if any example has one (`binary` if there are"
                                + " two), else numbers.")
                .define(
                        POSITIVE_LABEL,
                        ConfigDef.Type.STRING,
                        "",
                        ConfigDef.Importance.MEDIUM,
                        "Of two labels the one that is looked for, whose probability the network gives; empty for the one"
                                + " that sorts last (of ham and spam, spam).")
                .define(
                        THRESHOLD,
                        ConfigDef.Type.STRING,
                        Double.toString(ThresholdPolicy.HALF),
                        ConfigDef.LambdaValidator.with(
                                (name, value) -> ThresholdPolicy.of((String) value), () -> ThresholdPolicy.ALLOWED),
                        ConfigDef.Importance.MEDIUM,
                        "Of two labels: the probability from which on the positive one is answered. A number from 0 to 1;"
                                + " `best_f1` (where its F1 is highest) or `precision:0.95` (where most of it is found"
                                + " while so many of its answers are right), both on the VALIDATION examples, and 0.5"
                                + " if those have not both labels.")
                .define(
                        HIDDEN_LAYERS,
                        ConfigDef.Type.LIST,
                        Hyperparameters.AS_WIDE_AS_THE_INPUT,
                        ConfigDef.LambdaValidator.with(
                                HyperparameterSettings::checkWidths,
                                () -> "a list of widths, each input or 1 to " + WIDEST),
                        ConfigDef.Importance.MEDIUM,
                        "Widths of the hidden layers, separated by commas; `input` is as wide as the vectors;"
                                + " empty is logistic regression.")
                .define(
                        ACTIVATION,
                        ConfigDef.Type.STRING,
                        "relu",
                        oneOf(List.copyOf(ACTIVATIONS.keySet())),
                        ConfigDef.Importance.LOW,
                        "What follows each hidden layer: relu, tanh, sigmoid or linear.")
                .define(
                        DROPOUT,
                        ConfigDef.Type.DOUBLE,
                        0.0,
                        between0And1(),
                        ConfigDef.Importance.LOW,
                        "Share of each hidden layer's outputs that is left out at random in each step, 0 to below 1.")
                .define(
                        L2,
                        ConfigDef.Type.DOUBLE,
                        0.0,
                        atLeast0(),
                        ConfigDef.Importance.LOW,
                        "Penalty on large weights, as Keras' kernel_regularizer: the sum of their squares times this is"
                                + " added to what a step makes smaller (not to the loss that is shown).")
                .define(
                        OPTIMIZER,
                        ConfigDef.Type.STRING,
                        OptimizerName.ADAM.setting(),
                        oneOf(List.of(OptimizerName.values()).stream()
                                .map(OptimizerName::setting)
                                .toList()),
                        ConfigDef.Importance.LOW,
                        "How a step follows the gradient: adam, adamw or sgd.")
                .define(
                        LEARNING_RATE,
                        ConfigDef.Type.DOUBLE,
                        0.001,
                        above0(),
                        ConfigDef.Importance.MEDIUM,
                        "Learning rate of the optimizer.")
                .define(
                        WEIGHT_DECAY,
                        ConfigDef.Type.DOUBLE,
                        0.004,
                        atLeast0(),
                        ConfigDef.Importance.LOW,
                        "Of adamw: share of each weight, times the learning rate, that a step takes away.")
                .define(
                        MOMENTUM,
                        ConfigDef.Type.DOUBLE,
                        0.0,
                        between0And1(),
                        ConfigDef.Importance.LOW,
                        "Of sgd: share of the step before that is taken once more, 0 to below 1.")
                .define(
                        BATCH_SIZE,
                        ConfigDef.Type.INT,
                        32,
                        ConfigDef.Range.between(1, LARGEST_BATCH),
                        ConfigDef.Importance.LOW,
                        "Examples a step, 8192 at most: a step's memory grows with them.")
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
                        "What early stopping looks at: accuracy, loss, auc (of two labels), mae (of numbers), the same with val_ before"
                                + " it, or none. Of numbers, accuracy means the loss.")
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
                        CLASS_WEIGHTS,
                        ConfigDef.Type.STRING,
                        NONE,
                        oneOf(List.of(NONE, BALANCED)),
                        ConfigDef.Importance.LOW,
                        "What an example counts for in the loss of a step: `none` (all the same) or `balanced` (the more, the"
                                + " fewer there are of its label; 1 on average).")
                .define(
                        LABEL_SMOOTHING,
                        ConfigDef.Type.DOUBLE,
                        0.0,
                        between0And1(),
                        ConfigDef.Importance.LOW,
                        "Share of each truth that the loss of a step spreads evenly over all labels, 0 to below 1, so that"
                                + " a fit does not go on for the sake of certainty; not the loss that is shown.")
                .define(
                        WORDS,
                        ConfigDef.Type.STRING,
                        NONE,
                        oneOf(List.of(NONE, AUTO)),
                        ConfigDef.Importance.MEDIUM,
                        "Whether a text's words are read beside its vector: `none`, or `auto` for the words, pairs of"
                                + " words and words of the title that occur in two training texts or more, 131,072 at"
                                + " most. A request may choose `auto` only where the trainer is set to it, and so keeps"
                                + " the words of every text.")
                .define(
                        WORDS_LEARNING_RATE,
                        ConfigDef.Type.DOUBLE,
                        0.1,
                        above0(),
                        ConfigDef.Importance.LOW,
                        "How far the first step of a word's weight goes; each step makes the next one shorter"
                                + " (AdaGrad).")
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
                        between0And1(),
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
     * What is not among the values is as the profile says, or else the default.
     *
     * @throws ConfigException if a value is out of its range
     * @throws RefusedTrainingException if two contradict each other
     */
    static Hyperparameters parse(Map<String, String> values) {
        Profile profile = of(DEFINITION.parse(values)).profile();
        Map<String, String> all = new HashMap<>(profile.settings());
        all.putAll(values);
        return of(DEFINITION.parse(all));
    }

    /** Keras' word for an activation of hidden layers. */
    static String nameOf(Activation activation) {
        return ACTIVATIONS.entrySet().stream()
                .filter(entry -> entry.getValue() == activation)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }

    /** @param parsed holds every setting defined here, in its type */
    @SuppressWarnings("unchecked") // a ConfigDef's LIST is a list of strings
    private static Hyperparameters of(Map<String, ?> parsed) {
        return new Hyperparameters(
                Profile.of((String) parsed.get(PROFILE)),
                LearningTask.Wanted.of((String) parsed.get(TASK)),
                Optional.of((String) parsed.get(POSITIVE_LABEL)).filter(label -> !label.isEmpty()),
                ThresholdPolicy.of((String) parsed.get(THRESHOLD)),
                (List<String>) parsed.get(HIDDEN_LAYERS),
                ACTIVATIONS.get((String) parsed.get(ACTIVATION)),
                (Double) parsed.get(DROPOUT),
                (Double) parsed.get(L2),
                OptimizerName.of((String) parsed.get(OPTIMIZER)),
                (Double) parsed.get(LEARNING_RATE),
                (Double) parsed.get(WEIGHT_DECAY),
                (Double) parsed.get(MOMENTUM),
                (Integer) parsed.get(BATCH_SIZE),
                (Integer) parsed.get(EPOCHS),
                Monitor.of((String) parsed.get(MONITOR)),
                (Integer) parsed.get(PATIENCE),
                (Boolean) parsed.get(RESTORE_BEST_WEIGHTS),
                parsed.get(CLASS_WEIGHTS).equals(BALANCED),
                (Double) parsed.get(LABEL_SMOOTHING),
                parsed.get(WORDS).equals(AUTO),
                (Double) parsed.get(WORDS_LEARNING_RATE),
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

    private static ConfigDef.Validator between0And1() {
        return ConfigDef.LambdaValidator.with(
                (name, value) -> check(name, value, (Double) value >= 0 && (Double) value < 1, "0 to below 1"),
                () -> "0 to below 1");
    }

    private static ConfigDef.Validator atLeast0() {
        return ConfigDef.LambdaValidator.with(
                (name, value) -> check(
                        name, value, (Double) value >= 0 && Double.isFinite((Double) value), "a number from 0 on"),
                () -> "0 or more");
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
