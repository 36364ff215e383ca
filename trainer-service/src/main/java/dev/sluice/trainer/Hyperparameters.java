package dev.sluice.trainer;

import dev.sluice.schemas.Activation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigException;

/**
 * Everything that decides a fit, but for the examples. The same names serve in the service's configuration, in the
 * overrides of a request, and in what a model version tells of its training.
 *
 * @param profile whose defaults hold for what is not set otherwise
 * @param task what is to be learned, or that the examples decide
 * @param positiveLabel of two labels the one whose probability is told, if not the one that sorts last
 * @param threshold from which probability on it is the answer
 * @param hiddenLayers widths from the input on: numbers, or {@code input} for as wide as the vectors; none is logistic
 *     regression
 * @param activation of the hidden layers
 * @param dropout share of each hidden layer's outputs that a step leaves out, 0 to below 1
 * @param l2 what the sum of all squared weights is multiplied by and added to the loss, 0 or more
 * @param optimizer how a step follows the gradient
 * @param learningRate above 0
 * @param weightDecay of ADAMW, 0 or more
 * @param momentum of SGD, 0 to below 1
 * @param batchSize examples a step, 1 or more
 * @param epochs at most, 1 or more
 * @param patience epochs without an improvement before the fit ends, 0 or more
 * @param restoreBestWeights whether the weights of the best epoch are kept rather than the last
 * @param balancesClasses whether an example weighs the more, the fewer there are of its label
 * @param labelSmoothing of {@link HeadLoss}, 0 to below 1
 * @param readsWords whether the text's words are read beside the vector
 * @param wordsLearningRate of their weights, above 0
 * @param validationFraction share of TRAIN that is carved where there is no VALIDATION split, 0 to below 1
 * @param calibrates whether a temperature is fitted
 * @param calibrationMinExamples VALIDATION examples that it takes, 1 or more
 */
record Hyperparameters(
        Profile profile,
        LearningTask.Wanted task,
        Optional<String> positiveLabel,
        ThresholdPolicy threshold,
        List<String> hiddenLayers,
        Activation activation,
        double dropout,
        double l2,
        OptimizerName optimizer,
        double learningRate,
        double weightDecay,
        double momentum,
        int batchSize,
        int epochs,
        Monitor monitor,
        int patience,
        boolean restoreBestWeights,
        boolean balancesClasses,
        double labelSmoothing,
        boolean readsWords,
        double wordsLearningRate,
        long seed,
        ValidationData validationData,
        double validationFraction,
        boolean calibrates,
        int calibrationMinExamples) {

    /** In a list of hidden layers: as wide as the vectors. */
    static final String AS_WIDE_AS_THE_INPUT = "input";

    Hyperparameters {
        hiddenLayers = List.copyOf(hiddenLayers);
        refuseIf(
                validationData == ValidationData.TEST && monitor.needsValidation(),
                "TEST examples never steer a fit: with validation.data=test, early.stopping.monitor cannot be "
                        + monitor.setting());
        refuseIf(
                validationData == ValidationData.NONE && monitor.needsValidation(),
                "early.stopping.monitor=" + monitor.setting() + " needs validation examples: set"
                        + " validation.data=holdout");
        refuseIf(
                restoreBestWeights && monitor == Monitor.NONE,
                "restore.best.weights needs an early.stopping.monitor to tell the best");
    }

    private static void refuseIf(boolean contradiction, String reason) {
        if (contradiction) {
            throw new RefusedTrainingException(reason);
        }
    }

    /**
     * The same with some values replaced. Another profile brings what it says, and takes with it what this one
     * says; what was set otherwise stays.
     *
     * @param overrides by the names of {@link HyperparameterSettings}
     * @throws RefusedTrainingException if a name is unknown, a value is out of its range, or two contradict each other
     */
    Hyperparameters with(Map<String, String> overrides) {
        TreeSet<String> unknown = new TreeSet<>(overrides.keySet());
        unknown.removeAll(HyperparameterSettings.names());
        refuseIf(
                !unknown.isEmpty(),
                "cannot override " + String.join(", ", unknown) + "; a request may override "
                        + String.join(", ", HyperparameterSettings.names()));
        Map<String, String> values = new HashMap<>(asMap());
        Profile.named(overrides.getOrDefault(HyperparameterSettings.PROFILE, ""))
                .filter(other -> other != profile)
                .ifPresent(other -> values.entrySet()
                        .removeIf(value ->
                                value.getValue().equals(profile.settings().get(value.getKey()))
                                        || other.settings().containsKey(value.getKey())));
        values.putAll(overrides);
        try {
            return HyperparameterSettings.parse(values);
        } catch (ConfigException e) {
            throw new RefusedTrainingException(e.getMessage());
        }
    }

    /** Every value as text, by its setting's name: {@link #with} of it changes nothing. */
    Map<String, String> asMap() {
        Map<String, String> map = new TreeMap<>();
        map.put(HyperparameterSettings.PROFILE, profile.setting());
        map.put(HyperparameterSettings.TASK, task.setting());
        map.put(HyperparameterSettings.POSITIVE_LABEL, positiveLabel.orElse(""));
        map.put(HyperparameterSettings.THRESHOLD, threshold.setting());
        map.put(HyperparameterSettings.HIDDEN_LAYERS, String.join(",", hiddenLayers));
        map.put(HyperparameterSettings.ACTIVATION, HyperparameterSettings.nameOf(activation));
        map.put(HyperparameterSettings.DROPOUT, Double.toString(dropout));
        map.put(HyperparameterSettings.L2, Double.toString(l2));
        map.put(HyperparameterSettings.OPTIMIZER, optimizer.setting());
        map.put(HyperparameterSettings.LEARNING_RATE, Double.toString(learningRate));
        map.put(HyperparameterSettings.WEIGHT_DECAY, Double.toString(weightDecay));
        map.put(HyperparameterSettings.MOMENTUM, Double.toString(momentum));
        map.put(HyperparameterSettings.BATCH_SIZE, Integer.toString(batchSize));
        map.put(HyperparameterSettings.EPOCHS, Integer.toString(epochs));
        map.put(HyperparameterSettings.MONITOR, monitor.setting());
        map.put(HyperparameterSettings.PATIENCE, Integer.toString(patience));
        map.put(HyperparameterSettings.RESTORE_BEST_WEIGHTS, Boolean.toString(restoreBestWeights));
        map.put(
                HyperparameterSettings.CLASS_WEIGHTS,
                balancesClasses ? HyperparameterSettings.BALANCED : HyperparameterSettings.NONE);
        map.put(HyperparameterSettings.LABEL_SMOOTHING, Double.toString(labelSmoothing));
        map.put(HyperparameterSettings.WORDS, readsWords ? HyperparameterSettings.AUTO : HyperparameterSettings.NONE);
        map.put(HyperparameterSettings.WORDS_LEARNING_RATE, Double.toString(wordsLearningRate));
        map.put(HyperparameterSettings.SEED, Long.toString(seed));
        map.put(HyperparameterSettings.VALIDATION_DATA, validationData.setting());
        map.put(HyperparameterSettings.VALIDATION_FRACTION, Double.toString(validationFraction));
        map.put(
                HyperparameterSettings.CALIBRATION,
                calibrates ? HyperparameterSettings.TEMPERATURE : HyperparameterSettings.NONE);
        map.put(HyperparameterSettings.CALIBRATION_MIN_EXAMPLES, Integer.toString(calibrationMinExamples));
        return map;
    }

    /** The network that is fitted so. */
    NetworkPlan plan(int dimensions, LearningTask learned) {
        return new NetworkPlan(
                widths(dimensions, learned.outputs()),
                learned.task(),
                activation,
                dropout,
                l2,
                optimizer.with(learningRate, weightDecay, momentum),
                seed);
    }

    /** Widths of all layers' ends: the input's, each hidden layer's, the outputs'. */
    List<Integer> widths(int dimensions, int outputs) {
        List<Integer> widths = new ArrayList<>();
        widths.add(dimensions);
        hiddenLayers.forEach(
                layer -> widths.add(layer.equals(AS_WIDE_AS_THE_INPUT) ? dimensions : Integer.parseInt(layer)));
        widths.add(outputs);
        return widths;
    }
}
