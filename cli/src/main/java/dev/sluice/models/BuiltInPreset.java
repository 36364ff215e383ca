package dev.sluice.models;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The backbones that have a name. None brings a head: how many classes there are, and which, is for the caller to say. */
enum BuiltInPreset {
    MINILM_L6_EN(
            "local",
            "all-minilm-l6-v2-q",
            "all-MiniLM-L6-v2, quantised: English, 384 dimensions, 256 tokens, in this process; the quicker one"),
    BGE_SMALL_EN(
            "local",
            "bge-small-en-v1.5-q",
            "bge-small-en-v1.5, quantised: English, 384 dimensions, 512 tokens, in this process; the better one"),
    GEMINI_EMBEDDING_001(
            "gemini",
            "gemini-embedding-001",
            "Google's gemini-embedding-001: many languages, 768 dimensions, 2048 tokens; by network, with a key, paid for");

    private final String provider;
    private final String model;
    private final String description;

    BuiltInPreset(String provider, String model, String description) {
        this.provider = provider;
        this.model = model;
        this.description = description;
    }

    static Optional<BuiltInPreset> of(String preset) {
        return Arrays.stream(values()).filter(it -> it.preset().equals(preset)).findFirst();
    }

    /** Names and what they are. */
    static Map<String, String> all() {
        Map<String, String> all = new LinkedHashMap<>();
        Arrays.stream(values()).forEach(it -> all.put(it.preset(), it.description));
        return all;
    }

    String preset() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Of an embedder. */
    Map<String, String> settings() {
        return Map.of("embedding.provider", provider, "embedding.model", model);
    }
}
