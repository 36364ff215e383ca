package dev.sluice.models;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What may be said beside a preset's name. Every {@code with...} gives a copy that differs in this.
 *
 * @param numClasses how many classes; 1 for a regression. If it is given, the head is a new one, also where the preset has one
 * @param labels the classes by name, in the order of the answers; none for those of the preset, of the training texts, or 0, 1, ...
 * @param loadWeights whether the preset's head keeps its weights; else it keeps its classes and its shape only. The backbone
 *     always has its own
 * @param seed of a new head's weights, and of fits
 * @param settings of the head's training by the trainer's names ({@code hidden.layers}, {@code dropout}, ...), and of the
 *     backbone by the embedder's ({@code embedding.*}, {@code text.max.characters}, {@code gemini.*}, {@code request.timeout.ms},
 *     {@code retry.*})
 * @param kafka settings of the Kafka client that reads a {@code kafka://} preset: security, timeouts; and
 *     {@code models.trusted.keys}, if only versions and deployments that one of them signed are to count
 */
public record PresetOptions(
        OptionalInt numClasses,
        List<String> labels,
        boolean loadWeights,
        long seed,
        Map<String, String> settings,
        Map<String, String> kafka) {
    private static final long DEFAULT_SEED = 42;
    private static final String OF_THE_BACKBONE = "(embedding|text|gemini|retry)\\..+|request\\.timeout\\.ms";

    /** @throws IllegalArgumentException if the classes contradict themselves */
    public PresetOptions {
        labels = List.copyOf(labels);
        settings = Map.copyOf(settings);
        kafka = Map.copyOf(kafka);
        if (numClasses.isPresent() && numClasses.getAsInt() < 1) {
            throw new IllegalArgumentException(
                    "numClasses must be 2 or more, or 1 for a regression, not " + numClasses.getAsInt());
        }
        if (new HashSet<>(labels).size() != labels.size()) {
            throw new IllegalArgumentException("a label stands twice in " + labels);
        }
        if (labels.size() == 1) {
            throw new IllegalArgumentException("a classifier needs 2 labels or more, not " + labels);
        }
        if (!labels.isEmpty() && numClasses.orElse(labels.size()) != labels.size()) {
            throw new IllegalArgumentException("numClasses is " + numClasses.getAsInt() + ", and there are "
                    + labels.size() + " labels: " + labels);
        }
    }

    /** Nothing said: the preset's own head, with its weights. */
    public static PresetOptions defaults() {
        return new PresetOptions(OptionalInt.empty(), List.of(), true, DEFAULT_SEED, Map.of(), Map.of());
    }

    public PresetOptions withNumClasses(int count) {
        return new PresetOptions(OptionalInt.of(count), labels, loadWeights, seed, settings, kafka);
    }

    public PresetOptions withLabels(List<String> names) {
        return new PresetOptions(numClasses, names, loadWeights, seed, settings, kafka);
    }

    public PresetOptions withLoadWeights(boolean load) {
        return new PresetOptions(numClasses, labels, load, seed, settings, kafka);
    }

    public PresetOptions withSeed(long number) {
        return new PresetOptions(numClasses, labels, loadWeights, number, settings, kafka);
    }

    /** As it is, with one more setting. */
    public PresetOptions with(String name, String value) {
        Map<String, String> more = new TreeMap<>(settings);
        more.put(name, value);
        return new PresetOptions(numClasses, labels, loadWeights, seed, more, kafka);
    }

    public PresetOptions withKafka(Map<String, String> client) {
        return new PresetOptions(numClasses, labels, loadWeights, seed, settings, client);
    }

    /** Whether the head is a new one, whatever the preset has. */
    boolean replacesHead() {
        return numClasses.isPresent() || !labels.isEmpty();
    }

    Map<String, String> ofTheBackbone() {
        Map<String, String> chosen = new TreeMap<>(settings);
        chosen.keySet().removeIf(name -> !name.matches(OF_THE_BACKBONE));
        return chosen;
    }

    Map<String, String> ofTheHead() {
        Map<String, String> chosen = new TreeMap<>(settings);
        chosen.keySet().removeIf(name -> name.matches(OF_THE_BACKBONE));
        return chosen;
    }
}
