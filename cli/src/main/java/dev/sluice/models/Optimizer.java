package dev.sluice.models;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How weights are moved, under Keras' names.
 *
 * @param name {@code adam}, {@code adamw} or {@code sgd}
 * @param settings of the trainer that differ from its defaults
 */
public record Optimizer(String name, Map<String, String> settings) {
    private static final List<String> NAMES = List.of("adam", "adamw", "sgd");

    /** @throws IllegalArgumentException if there is no such optimizer */
    public Optimizer {
        name = name.toLowerCase(Locale.ROOT);
        settings = Map.copyOf(settings);
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException(
                    "there is no optimizer " + name + ": choose auto or of " + String.join(", ", NAMES));
        }
    }

    /** @param learningRate above 0 */
    public static Optimizer adam(double learningRate) {
        return new Optimizer("adam", Map.of("learning.rate", Double.toString(learningRate)));
    }

    /**
     * @param learningRate above 0
     * @param weightDecay 0 or more
     */
    public static Optimizer adamW(double learningRate, double weightDecay) {
        return new Optimizer(
                "adamw",
                Map.of(
                        "learning.rate", Double.toString(learningRate),
                        "weight.decay", Double.toString(weightDecay)));
    }

    /**
     * @param learningRate above 0
     * @param momentum 0 to below 1
     */
    public static Optimizer sgd(double learningRate, double momentum) {
        return new Optimizer(
                "sgd",
                Map.of(
                        "learning.rate", Double.toString(learningRate),
                        "momentum", Double.toString(momentum)));
    }

    Map<String, String> all() {
        Map<String, String> all = new TreeMap<>(settings);
        all.put("optimizer", name);
        return all;
    }
}
