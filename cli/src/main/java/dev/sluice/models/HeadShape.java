package dev.sluice.models;

import dev.sluice.schemas.Activation;
import dev.sluice.schemas.DenseLayer;
import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Task;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a head must be like, whatever it has learned: how many classes, which if that is said, and the layers of the preset that
 * it came with.
 *
 * @param classes 1 for a regression
 * @param names the classes, if they are known before a fit; else empty
 * @param saidTask what the preset's head answers; UNKNOWN for what fits the classes
 * @param layers settings that give the preset's own layers; none for the trainer's defaults
 */
record HeadShape(int classes, List<String> names, Task saidTask, Map<String, String> layers) {
    /** Of a version's settings, those that say what its head is, not how it was trained. */
    private static final List<String> OF_LAYERS = List.of("hidden.layers", "activation", "dropout", "l2", "words");

    static HeadShape of(Optional<ModelVersion> version, PresetOptions options) {
        Map<String, String> layers = version.map(HeadShape::layersOf).orElse(Map.of());
        if (options.replacesHead() || version.isEmpty()) {
            int classes = options.numClasses().orElse(options.labels().size());
            return new HeadShape(classes, options.labels(), Task.UNKNOWN, layers);
        }
        List<String> labels = version.get().getLabels();
        return new HeadShape(Math.max(1, labels.size()), labels, version.get().getTask(), layers);
    }

    private static Map<String, String> layersOf(ModelVersion version) {
        Map<String, String> layers = new TreeMap<>(version.getTraining().getParameters());
        layers.keySet().retainAll(OF_LAYERS);
        if (layers.isEmpty()) { // made elsewhere
            List<DenseLayer> hidden = ((DenseNetwork) version.getNetwork()).getLayers();
            hidden = hidden.subList(0, hidden.size() - 1);
            layers.put(
                    "hidden.layers",
                    hidden.stream()
                            .map(layer -> Integer.toString(layer.getOutputs()))
                            .collect(Collectors.joining(",")));
            hidden.stream()
                    .findFirst()
                    .map(DenseLayer::getActivation)
                    .ifPresent(activation -> layers.put("activation", nameOf(activation)));
        }
        return layers;
    }

    private static String nameOf(Activation activation) {
        return activation == Activation.IDENTITY ? "linear" : activation.name().toLowerCase(Locale.ROOT);
    }

    /** What a head that was not fitted answers. */
    Task task() {
        if (saidTask != Task.UNKNOWN) {
            return saidTask;
        }
        return classes == 1 ? Task.REGRESSION : classes == 2 ? Task.BINARY : Task.MULTICLASS;
    }

    /** Of a head that was not fitted: as they were said, or 0, 1, ... */
    List<String> labels() {
        if (classes == 1 || !names.isEmpty()) {
            return names;
        }
        return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    }

    /** Of a fit of such a head; may be changed. */
    Map<String, String> settings(PresetOptions options) {
        Map<String, String> settings = new TreeMap<>(layers);
        settings.put("seed", Long.toString(options.seed()));
        settings.put("task", saidTask == Task.UNKNOWN ? "auto" : saidTask.name().toLowerCase(Locale.ROOT));
        settings.putAll(options.ofTheHead());
        return settings;
    }

    /**
     * The classes of a fit, in the order of its answers: as they were said, or by name; by number if all are whole numbers.
     *
     * @return none for a regression
     * @throws IllegalArgumentException if the texts do not have the classes that the head has
     */
    List<String> labelsOf(List<LabelledText> train) {
        if (train.isEmpty()) {
            throw new IllegalArgumentException("there are no training texts");
        }
        check(train, "training", names);
        TreeSet<String> found = new TreeSet<>();
        train.forEach(text -> text.label().ifPresent(found::add));
        if (classes > 1 && names.isEmpty() && found.size() != classes) {
            throw new IllegalArgumentException(
                    "numClasses is " + classes + ", the training texts have " + found.size() + " labels: " + found);
        }
        if (classes == 1 || !names.isEmpty()) {
            return names;
        }
        boolean numbers = found.stream().allMatch(label -> label.matches("\\d{1,9}"));
        return found.stream()
                .sorted(numbers ? Comparator.comparing(Integer::valueOf) : Comparator.naturalOrder())
                .toList();
    }

    /**
     * @param known none for any
     * @throws IllegalArgumentException if a text has what the head does not answer, naming it and its place, from 0
     */
    void check(List<LabelledText> texts, String which, List<String> known) {
        for (int i = 0; i < texts.size(); i++) {
            Optional<String> label = texts.get(i).label();
            if (label.isPresent() != classes > 1) {
                throw new IllegalArgumentException(which + " text " + i + " has a "
                        + (label.isPresent() ? "label" : "target") + ", and numClasses is "
                        + classes + ": " + (classes > 1 ? "a classifier" : "a regression (numClasses 1)") + " learns "
                        + (classes > 1 ? "labels" : "targets"));
            }
            if (label.isPresent() && !known.isEmpty() && !known.contains(label.get())) {
                throw new IllegalArgumentException(which + " text " + i + " has the label " + label.get()
                        + ", the head has " + known + "; a preset loaded with numClasses has a new head");
            }
        }
    }
}
