package dev.sluice.models;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A version as a folder, in the manner of Keras' presets: {@code config.json} (task, labels, embedding space, layers, how it was
 * made), {@code preprocessor.json} (how a text is made ready) and {@code model.safetensors} (the weights). The backbone's own
 * weights are not in it: the embedding space names them, and their SHA-256.
 */
public final class PresetFolder {
    static final String CONFIG = "config.json";
    static final String PREPROCESSOR = "preprocessor.json";
    static final String WEIGHTS = "model.safetensors";

    private static final String FORMAT_NAME = "format";
    private static final String FORMAT = "sluice.preset/1";
    private static final String WEIGHTS_SHA256 = "weightsSha256";
    private static final String RECIPE = "textRecipe";
    private static final String MAX_TOKENS = "maxTokens";

    /** By what in their config.json other makers' folders can be told. */
    private static final Map<String, String> STRANGERS =
            Map.of("registered_name", "KerasHub", "model_type", "Hugging Face", "architecture", "timm");

    private static final JsonMapper JSON = new JsonMapper();

    private PresetFolder() {}

    /**
     * Writes the three files, each whole, the config last; other files in the folder stay.
     *
     * @param folder made if it is not there
     */
    public static void write(Path folder, ModelVersion version) throws IOException {
        ModelFile.Parts parts = ModelFile.partsOf(version);
        byte[] weights = new SafeTensors(parts.tensors(), Map.of()).toBytes();
        ObjectNode config =
                JSON.createObjectNode().put(FORMAT_NAME, FORMAT).put(WEIGHTS_SHA256, ModelVersions.sha256(weights));
        config.setAll(parts.record());
        ObjectNode preprocessor = JSON.createObjectNode()
                .put(RECIPE, version.getSpace().getTextRecipe())
                .put(MAX_TOKENS, version.getSpace().getMaxTokens());
        Files.createDirectories(folder);
        WholeFile.write(folder.resolve(WEIGHTS), weights);
        WholeFile.write(folder.resolve(PREPROCESSOR), pretty(preprocessor));
        WholeFile.write(folder.resolve(CONFIG), pretty(config));
    }

    private static byte[] pretty(ObjectNode json) throws JsonProcessingException {
        return (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /**
     * @param now when the model was made, if the folder does not say
     * @return a version of no number and without a seal; not checked
     * @throws InvalidPresetException naming the file and what it lacks
     */
    public static ModelVersion read(Path folder, Instant now) {
        ObjectNode config = json(folder, CONFIG);
        refuseStrangers(folder, config);
        byte[] weights = bytes(folder, WEIGHTS);
        JsonNode sum = config.path(WEIGHTS_SHA256);
        if (sum.isTextual() && !sum.asText().equals(ModelVersions.sha256(weights))) {
            throw new InvalidPresetException(WEIGHTS + " is not the one that " + CONFIG + " of " + folder
                    + " was written with: take both from one export, or leave " + WEIGHTS_SHA256 + " out");
        }
        config.remove(List.of(FORMAT_NAME, WEIGHTS_SHA256));
        ModelVersion version = ModelFile.of(SafeTensors.of(weights), config, now);
        checkPreprocessor(folder, version.getSpace());
        return version;
    }

    private static void refuseStrangers(Path folder, ObjectNode config) {
        STRANGERS.forEach((field, maker) -> {
            if (config.has(field)) {
                throw new InvalidPresetException(
                        folder + " is a model's folder of " + maker + " (its " + CONFIG + " says " + field
                                + "): only folders of TextClassifier.saveToPreset or 'sluice models export' are read");
            }
        });
        JsonNode format = config.path(FORMAT_NAME);
        if (!format.isMissingNode() && !format.asText().equals(FORMAT)) {
            throw new InvalidPresetException(CONFIG + " of " + folder + " has the format " + format.asText()
                    + ", known is " + FORMAT + ": upgrade Sluice");
        }
    }

    private static void checkPreprocessor(Path folder, EmbeddingSpace space) {
        if (!Files.exists(folder.resolve(PREPROCESSOR))) {
            return; // the space says it all
        }
        ObjectNode said = json(folder, PREPROCESSOR);
        String recipe = said.path(RECIPE).asText(space.getTextRecipe());
        int tokens = said.path(MAX_TOKENS).asInt(space.getMaxTokens());
        if (!recipe.equals(space.getTextRecipe()) || tokens != space.getMaxTokens()) {
            throw new InvalidPresetException(PREPROCESSOR + " of " + folder + " says " + recipe + " and " + tokens
                    + " tokens, the space in " + CONFIG + " " + space.getTextRecipe() + " and " + space.getMaxTokens()
                    + ": the head has learned from texts made in one way");
        }
    }

    private static ObjectNode json(Path folder, String name) {
        try {
            if (JSON.readTree(bytes(folder, name)) instanceof ObjectNode object) {
                return object;
            }
        } catch (IOException e) {
            throw new InvalidPresetException(name + " of " + folder + " is no JSON", e);
        }
        throw new InvalidPresetException(name + " of " + folder + " is no JSON object");
    }

    private static byte[] bytes(Path folder, String name) {
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            throw new InvalidPresetException("there is no " + name + " in the preset folder " + folder);
        }
        return WholeFile.read(file);
    }
}
