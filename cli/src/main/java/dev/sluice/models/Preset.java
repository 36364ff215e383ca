package dev.sluice.models;

import dev.sluice.schemas.ModelVersion;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a preset's name leads to: a backbone, by its settings, or a version that names its backbone by its embedding space.
 *
 * @param settings of an embedder; none if there is a version
 */
record Preset(Map<String, String> settings, Optional<ModelVersion> version) {
    private static final String SUPPORTED = "A preset is one of:\n"
            + "1) a built-in name: " + String.join(", ", BuiltInPreset.all().keySet()) + "\n"
            + "2) a folder that TextClassifier.saveToPreset or 'sluice models export' wrote, such as ./newsgroups, or its one-file"
            + " form, such as ./model.safetensors\n"
            + "3) a version on a topic: " + KafkaPreset.FORM;

    /**
     * @param kafka settings of the client, if it is a version on a topic
     * @throws InvalidPresetException naming the supported forms if it has none of them, or what is wrong with it
     */
    static Preset of(String name, Map<String, String> kafka, Instant now) {
        Optional<BuiltInPreset> builtIn = BuiltInPreset.of(name);
        if (builtIn.isPresent()) {
            return new Preset(builtIn.get().settings(), Optional.empty());
        }
        if (name.startsWith(KafkaPreset.SCHEME)) {
            return new Preset(Map.of(), Optional.of(KafkaPreset.of(name).read(kafka)));
        }
        if (name.startsWith("hf://") || name.startsWith("kaggle://")) {
            throw new InvalidPresetException("handles of Hugging Face and Kaggle are not supported: " + name
                    + " would need a download, and another kind of weights. " + SUPPORTED);
        }
        Path path = path(name).orElseThrow(() -> unknown(name));
        if (Files.isDirectory(path)) {
            return new Preset(Map.of(), Optional.of(PresetFolder.read(path, now)));
        }
        return new Preset(Map.of(), Optional.of(ModelFile.of(WholeFile.read(path), now)));
    }

    private static Optional<Path> path(String name) {
        try {
            return Optional.of(Path.of(name)).filter(path -> !name.isBlank() && Files.exists(path));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static InvalidPresetException unknown(String name) {
        return new InvalidPresetException("Unknown preset: '" + name + "'. " + SUPPORTED);
    }
}
