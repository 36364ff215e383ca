package dev.sluice.embedder;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;

/**
 * What is known of Google's embedding models by their names, as of November 2026. A name that is not known is taken to be a
 * newer model that is called like {@code gemini-embedding-001}, and Google says whether it exists.
 *
 * @param name at Google
 * @param maxTokens that it reads of a text
 * @param minDimensions of the vectors that it can be asked for
 * @param maxDimensions of the vectors that it can be asked for
 * @param taskInText whether it reads its task from the beginning of the text and takes no task type
 */
record GeminiModel(String name, int maxTokens, int minDimensions, int maxDimensions, boolean taskInText) {
    static final String DEFAULT_NAME = "gemini-embedding-001";
    static final int DEFAULT_DIMENSIONS = 768;
    static final int DEFAULT_MAX_TOKENS = 2048;

    private static final int MOST_DIMENSIONS = 3072;
    private static final Map<String, GeminiModel> KNOWN = Map.of(
            DEFAULT_NAME,
            new GeminiModel(DEFAULT_NAME, DEFAULT_MAX_TOKENS, 128, MOST_DIMENSIONS, false),
            "gemini-embedding-2",
            new GeminiModel("gemini-embedding-2", 8192, 1, MOST_DIMENSIONS, true));

    /** When Google has shut them down. */
    private static final Map<String, String> RETIRED =
            Map.of("text-embedding-004", "2026-01-14", "embedding-001", "2025-10-30");

    /** @throws ConfigException if the model is no more, naming its successor */
    static GeminiModel named(String name) {
        if (name.startsWith("models/")) {
            throw new ConfigException(EmbedderConfig.MODEL, name, "write it without models/ before it");
        }
        if (RETIRED.containsKey(name)) {
            throw new ConfigException(
                    EmbedderConfig.MODEL,
                    name,
                    "Google has shut it down on " + RETIRED.get(name) + "; its successor is " + DEFAULT_NAME
                            + ", whose vectors do not mix with the old ones, so classifiers must be trained anew");
        }
        return Optional.ofNullable(KNOWN.get(name))
                .orElseGet(() -> new GeminiModel(name, DEFAULT_MAX_TOKENS, 1, Integer.MAX_VALUE, false));
    }

    /** @throws ConfigException if the model has no vectors of that length */
    void checkDimensions(int dimensions) {
        if (dimensions < minDimensions || dimensions > maxDimensions) {
            throw new ConfigException(
                    EmbedderConfig.DIMENSIONS,
                    dimensions,
                    name + " has vectors of " + minDimensions + " to " + maxDimensions + " dimensions");
        }
    }

    /** What is sent as the task type; empty if none is. */
    String taskType(String task) {
        return taskInText ? "" : task;
    }

    /** What is put before each text. */
    String prefix(String task) {
        return taskInText && !task.isEmpty() ? "task: " + inWords(task) + " | query: " : "";
    }

    /** The name of a text's recipe, with the prefix: it changes what the vector means. */
    String recipe(String recipe, String task) {
        return taskInText && !task.isEmpty() ? recipe + "-task-" + inWords(task) : recipe;
    }

    private static String inWords(String task) {
        return task.toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
