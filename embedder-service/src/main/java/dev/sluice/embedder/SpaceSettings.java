package dev.sluice.embedder;

import dev.sluice.schemas.EmbeddingSpace;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Read backwards from an embedding space: with which settings an embedder makes its vectors. */
final class SpaceSettings {
    /** What {@link PostText#recipe} and {@link GeminiModel#recipe} write. */
    private static final Pattern RECIPE = Pattern.compile("subject-body-no-addresses-(\\d{1,7})(?:-task-([a-z ]+))?");

    private SpaceSettings() {}

    /** @throws IllegalArgumentException if no embedder makes such vectors, whatever it is told */
    static Map<String, String> of(EmbeddingSpace space) {
        String provider = space.getProvider();
        if (!provider.equals(EmbedderConfig.LOCAL) && !provider.equals(EmbedderConfig.GEMINI)) {
            throw new IllegalArgumentException("the vectors of the provider " + provider + " (" + space.getModel()
                    + ") are made elsewhere: here are " + EmbedderConfig.LOCAL + " and " + EmbedderConfig.GEMINI);
        }
        Matcher recipe = RECIPE.matcher(space.getTextRecipe());
        if (!recipe.matches()) {
            throw new IllegalArgumentException("the text recipe " + space.getTextRecipe()
                    + " is not known here: texts could not be made as those were that the model has learned from");
        }
        Map<String, String> settings = new TreeMap<>(Map.of(
                EmbedderConfig.PROVIDER, provider,
                EmbedderConfig.MODEL, space.getModel(),
                EmbedderConfig.DIMENSIONS, Integer.toString(space.getDimensions()),
                EmbedderConfig.MAX_TOKENS, Integer.toString(space.getMaxTokens()),
                EmbedderConfig.TEXT_MAX_CHARACTERS, recipe.group(1)));
        if (provider.equals(EmbedderConfig.GEMINI)) {
            String inText = recipe.group(2) == null ? "" : recipe.group(2);
            settings.put(
                    EmbedderConfig.TASK_TYPE,
                    inText.isEmpty()
                            ? space.getTaskType()
                            : inText.toUpperCase(Locale.ROOT).replace(' ', '_'));
        }
        return settings;
    }
}
