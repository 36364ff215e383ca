package dev.sluice.embedder;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;
import static org.apache.kafka.common.config.ConfigDef.Range.atLeast;
import static org.apache.kafka.common.config.ConfigDef.Range.between;
import static org.apache.kafka.common.config.ConfigDef.Type.INT;
import static org.apache.kafka.common.config.ConfigDef.Type.LONG;
import static org.apache.kafka.common.config.ConfigDef.Type.PASSWORD;
import static org.apache.kafka.common.config.ConfigDef.Type.STRING;

import dev.sluice.runtime.ServiceConfig;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** What the embedder is configured with; the table in the module's README is made from this. */
public final class EmbedderConfig extends ServiceConfig {
    static final String GROUP_ID = ConsumerConfig.GROUP_ID_CONFIG;
    static final String PROVIDER = "embedding.provider";
    static final String MODEL = "embedding.model";
    static final String DIMENSIONS = "embedding.dimensions";
    static final String TASK_TYPE = "embedding.task.type";
    static final String MAX_TOKENS = "embedding.max.tokens";
    static final String THREADS = "embedding.threads";
    static final String TEXT_MAX_CHARACTERS = "text.max.characters";
    static final String BATCH_MAX_POSTS = "batch.max.posts";
    static final String GEMINI_API_KEY = "gemini.api.key";
    static final String GEMINI_BASE_URL = "gemini.base.url";
    static final String REQUEST_TIMEOUT_MS = "request.timeout.ms";
    static final String RATE_LIMIT = "rate.limit.requests.per.minute";
    static final String RETRY_MAX_ATTEMPTS = "retry.max.attempts";
    static final String RETRY_BACKOFF_MS = "retry.backoff.ms";
    static final String RETRY_BACKOFF_MAX_MS = "retry.backoff.max.ms";

    static final String LOCAL = "local";
    static final String GEMINI = "gemini";

    static final ConfigDef DEFINITION = commonSettings()
            .define(
                    GROUP_ID,
                    STRING,
                    "sluice-embedder",
                    new ConfigDef.NonEmptyString(),
                    MEDIUM,
                    "Consumer group of the embedders that share the work; the topic prefix is put before it.")
            .define(
                    PROVIDER,
                    STRING,
                    LOCAL,
                    ConfigDef.ValidString.in(LOCAL, GEMINI),
                    HIGH,
                    "Who makes the vectors: `local` (a model file in this process, no key, no network) or `gemini`.")
            .define(
                    MODEL,
                    STRING,
                    "",
                    HIGH,
                    "Name of the model at its provider. None takes the provider's default: `"
                            + LocalEmbeddingModel.NAME + "` (the only local one) or `"
                            + GeminiEmbeddingModel.DEFAULT_MODEL + "`.")
            .define(
                    DIMENSIONS,
                    INT,
                    0,
                    between(0, 10_000),
                    MEDIUM,
                    "Length of the vectors that Gemini is asked for. 0 takes the provider's default: "
                            + LocalEmbeddingModel.DIMENSIONS + " locally, " + GeminiEmbeddingModel.DEFAULT_DIMENSIONS
                            + " from Gemini.")
            .define(
                    TASK_TYPE,
                    STRING,
                    GeminiEmbeddingModel.DEFAULT_TASK_TYPE,
                    LOW,
                    "What Gemini is told that the vectors are for. The local model knows no such thing.")
            .define(
                    MAX_TOKENS,
                    INT,
                    0,
                    atLeast(0),
                    MEDIUM,
                    "Tokens of a text that have an effect; what comes later is cut off. The local model is told so"
                            + " (at most " + LocalEmbeddingModel.MAX_TOKENS
                            + "); for Gemini it only says what the chosen"
                            + " model reads. 0 takes the provider's default: " + LocalEmbeddingModel.MAX_TOKENS + " or "
                            + GeminiEmbeddingModel.DEFAULT_MAX_TOKENS + ".")
            .define(
                    THREADS,
                    INT,
                    0,
                    between(0, 1024),
                    MEDIUM,
                    "Texts that the local model embeds at the same time. 0 takes one for each core.")
            .define(
                    TEXT_MAX_CHARACTERS,
                    INT,
                    5000,
                    between(1, 1_000_000),
                    MEDIUM,
                    "Characters of a post that are embedded, from its beginning. Vectors of different limits do not mix.")
            .define(
                    BATCH_MAX_POSTS,
                    INT,
                    64,
                    between(1, GeminiEmbeddingModel.MAX_TEXTS_PER_CALL),
                    MEDIUM,
                    "Posts embedded and committed together at most. Nothing waits for a batch to fill.")
            .define(
                    GEMINI_API_KEY,
                    PASSWORD,
                    "",
                    HIGH,
                    "Key of the Gemini API. Better set as `SLUICE_GEMINI_API_KEY`, `GEMINI_API_KEY` or"
                            + " `GOOGLE_API_KEY` in the environment; sent in a header only, never logged.")
            .define(
                    GEMINI_BASE_URL,
                    STRING,
                    "https://generativelanguage.googleapis.com",
                    EmbedderConfig::checkUrl,
                    LOW,
                    "Where the Gemini API is.")
            .define(
                    REQUEST_TIMEOUT_MS,
                    INT,
                    30_000,
                    between(100, 600_000),
                    LOW,
                    "Longest wait for one answer of Gemini, in milliseconds.")
            .define(
                    RATE_LIMIT,
                    INT,
                    0,
                    EmbedderConfig::checkRateLimit,
                    MEDIUM,
                    "Calls to the provider in any minute, at most, spread evenly; one call carries a whole batch."
                            + " 2 or more; 0 for no limit.")
            .define(
                    RETRY_MAX_ATTEMPTS,
                    INT,
                    5,
                    between(1, 100),
                    LOW,
                    "Calls for one batch before the embedder pauses for `retry.backoff.max.ms` and starts over."
                            + " No post is ever given up because a provider is away.")
            .define(
                    RETRY_BACKOFF_MS,
                    LONG,
                    500L,
                    between(1, 3_600_000),
                    LOW,
                    "Wait before the second call for a batch, in milliseconds; it doubles with each call.")
            .define(
                    RETRY_BACKOFF_MAX_MS,
                    LONG,
                    30_000L,
                    between(1, 3_600_000),
                    LOW,
                    "Longest wait between two calls for a batch, in milliseconds.");

    /**
     * @param settings by name
     * @throws ConfigException naming the setting and what it may be
     */
    public EmbedderConfig(Map<String, String> settings) {
        super(DEFINITION, settings);
        if (getLong(RETRY_BACKOFF_MAX_MS) < getLong(RETRY_BACKOFF_MS)) {
            throw new ConfigException(
                    RETRY_BACKOFF_MAX_MS, getLong(RETRY_BACKOFF_MAX_MS), "must not be below " + RETRY_BACKOFF_MS);
        }
        if (provider().equals(LOCAL)) {
            checkLocal();
        } else {
            checkGemini();
        }
    }

    private void checkLocal() {
        if (!model().equals(LocalEmbeddingModel.NAME)) {
            throw new ConfigException(MODEL, model(), "the local provider has only " + LocalEmbeddingModel.NAME);
        }
        if (dimensions() != LocalEmbeddingModel.DIMENSIONS) {
            throw new ConfigException(
                    DIMENSIONS, dimensions(), "the local model has " + LocalEmbeddingModel.DIMENSIONS);
        }
        if (maxTokens() < LocalEmbeddingModel.MIN_TOKENS || maxTokens() > LocalEmbeddingModel.MAX_TOKENS) {
            throw new ConfigException(
                    MAX_TOKENS,
                    maxTokens(),
                    "the local model reads " + LocalEmbeddingModel.MIN_TOKENS + " to "
                            + LocalEmbeddingModel.MAX_TOKENS);
        }
    }

    private void checkGemini() {
        if (geminiApiKey().isBlank()) {
            throw new ConfigException(GEMINI_API_KEY
                    + " is not set, and the provider gemini needs a key: set SLUICE_GEMINI_API_KEY in the environment, or "
                    + PROVIDER + "=" + LOCAL + " to do without");
        }
    }

    private static void checkUrl(String name, Object value) {
        try {
            URI url = URI.create((String) value);
            if (url.getHost() != null
                    && url.getScheme().toLowerCase(Locale.ROOT).matches("https?")) {
                return;
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigException(name, value, "must be a URL: " + e.getMessage());
        }
        throw new ConfigException(name, value, "must begin with https:// or http:// and name a host");
    }

    /** One a minute cannot be promised for any minute, since a limiter counts in cycles; see {@link ProviderLimits}. */
    private static void checkRateLimit(String name, Object value) {
        int perMinute = (Integer) value;
        if (perMinute < 0 || perMinute == 1) {
            throw new ConfigException(name, value, "must be 0 (no limit), or 2 or more");
        }
    }

    String groupId() {
        return getString(TOPIC_PREFIX) + getString(GROUP_ID);
    }

    String provider() {
        return getString(PROVIDER);
    }

    String model() {
        String name = getString(MODEL);
        return !name.isEmpty() ? name : isLocal() ? LocalEmbeddingModel.NAME : GeminiEmbeddingModel.DEFAULT_MODEL;
    }

    int dimensions() {
        int dimensions = getInt(DIMENSIONS);
        return dimensions > 0
                ? dimensions
                : isLocal() ? LocalEmbeddingModel.DIMENSIONS : GeminiEmbeddingModel.DEFAULT_DIMENSIONS;
    }

    String taskType() {
        return getString(TASK_TYPE);
    }

    int maxTokens() {
        int tokens = getInt(MAX_TOKENS);
        return tokens > 0
                ? tokens
                : isLocal() ? LocalEmbeddingModel.MAX_TOKENS : GeminiEmbeddingModel.DEFAULT_MAX_TOKENS;
    }

    int threads() {
        int threads = getInt(THREADS);
        return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    }

    PostText postText() {
        return new PostText(getInt(TEXT_MAX_CHARACTERS));
    }

    int batchMaxPosts() {
        return getInt(BATCH_MAX_POSTS);
    }

    String geminiApiKey() {
        return getPassword(GEMINI_API_KEY).value();
    }

    String geminiBaseUrl() {
        return getString(GEMINI_BASE_URL);
    }

    Duration requestTimeout() {
        return Duration.ofMillis(getInt(REQUEST_TIMEOUT_MS));
    }

    ProviderLimits limits() {
        return new ProviderLimits(
                getInt(RATE_LIMIT),
                getInt(RETRY_MAX_ATTEMPTS),
                Duration.ofMillis(getLong(RETRY_BACKOFF_MS)),
                Duration.ofMillis(getLong(RETRY_BACKOFF_MAX_MS)));
    }

    private boolean isLocal() {
        return provider().equals(LOCAL);
    }
}
