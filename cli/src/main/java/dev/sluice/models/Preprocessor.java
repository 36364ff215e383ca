package dev.sluice.models;

import dev.sluice.embedder.TextEmbedder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How a text is made ready for the backbone, the same here and in the stream: e-mail addresses out, so that a class is not told
 * by who writes, and the beginning only. What the tokenizer does then is a part of the backbone.
 */
public final class Preprocessor {
    private final TextEmbedder embedder;

    Preprocessor(TextEmbedder embedder) {
        this.embedder = embedder;
    }

    /**
     * Texts as they are embedded.
     *
     * @throws IllegalArgumentException if nothing is left of one, telling which, from 0
     */
    public List<String> preprocess(List<String> texts) {
        List<String> ready = new ArrayList<>(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            try {
                ready.add(embedder.textOf(texts.get(i)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("text " + i + ": " + e.getMessage(), e);
            }
        }
        return ready;
    }

    /** Tokens of a text that are read, with the two that mark its ends. */
    public int sequenceLength() {
        return embedder.space().getMaxTokens();
    }

    /** Characters of a text that are read. */
    public int maxCharacters() {
        return embedder.maxCharacters();
    }

    /** The recipe's name in the embedding space. */
    public String recipe() {
        return embedder.space().getTextRecipe();
    }

    /** As Keras' {@code get_config}. */
    public Map<String, Object> config() {
        return Map.of("textRecipe", recipe(), "maxTokens", sequenceLength(), "maxCharacters", maxCharacters());
    }
}
