package dev.sluice.embedder;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;
import static org.apache.kafka.common.config.ConfigDef.Range.atLeast;
import static org.apache.kafka.common.config.ConfigDef.Range.between;
import static org.apache.kafka.common.config.ConfigDef.Type.DOUBLE;
import static org.apache.kafka.common.config.ConfigDef.Type.INT;
import static org.apache.kafka.common.config.ConfigDef.Type.LIST;
import static org.apache.kafka.common.config.ConfigDef.Type.LONG;
import static org.apache.kafka.common.config.ConfigDef.Type.PASSWORD;
import static org.apache.kafka.common.config.ConfigDef.Type.STRING;

import dev.sluice.runtime.ServiceConfig;
import dev.sluice.schemas.Topics;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
    static final String BATCH_MAX_TEXTS = "batch.max.texts";
    static final String BATCH_MAX_WAIT_MS = "batch.max.wait.ms";
    static final String MAX_IN_FLIGHT_CALLS = "max.in.flight.calls";
    static final String GEMINI_API_KEY = "gemini.api.key";
    static final String GEMINI_BASE_URL = "gemini.base.url";
    static final String REQUEST_TIMEOUT_MS = "request.timeout.ms";
    static final String REQUESTS_PER_MINUTE = "rate.limit.requests.per.minute";
    static final String TOKENS_PER_MINUTE = "rate.limit.tokens.per.minute";
    static final String REQUESTS_PER_DAY = "rate.limit.requests.per.day";
    static final String RATE_LIMIT_WEIGHT = "rate.limit.weight";
    static final String RATE_LIMIT_WINDOW_MS = "rate.limit.window.ms";
    static final String CHARACTERS_PER_TOKEN = "rate.limit.characters.per.token";
    static final String RETRY_BACKOFF_MS = "retry.backoff.ms";
    static final String RETRY_BACKOFF_MAX_MS = "retry.backoff.max.ms";
    static final String CIRCUIT_MAX_FAILURES = "circuit.max.failures";
    static final String CIRCUIT_WAIT_MS = "circuit.wait.ms";
    static final String CACHE_ENABLED = "cache.enabled";
    static final String CACHE_MAX_BYTES = "cache.max.bytes";
    static final String CACHE_RETENTION_MS = "cache.retention.ms";

    /** Before the name of a setting of the model that is to take the present one's place. */
    static final String NEXT = "next.";

    static final String NEXT_CLASSIFIERS = "next.classifiers";

    static final String LOCAL = "local";
    static final String GEMINI = "gemini";
    static final String PER_ITEM = "item";
    static final String PER_CALL = "call";
    static final String CACHE_AUTO = "auto";

    private static final String NO_NEXT = "none";
    private static final int LOCAL_TEXTS_PER_CALL = 16;
    private static final int LOCAL_CALLS = 2;
    private static final int GEMINI_CALLS = 8;

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
                            + LocalModel.DEFAULT.model() + "` or `" + GeminiModel.DEFAULT_NAME
                            + "`. Local ones are " + LocalModel.names() + ".")
            .define(
                    DIMENSIONS,
                    INT,
                    0,
                    between(0, 10_000),
                    MEDIUM,
                    "Length of the vectors that Gemini is asked for. 0 takes the provider's default: "
                            + LocalModel.DIMENSIONS + " locally, " + GeminiModel.DEFAULT_DIMENSIONS
                            + " from Gemini.")
            .define(
                    TASK_TYPE,
                    STRING,
                    GeminiEmbeddingModel.DEFAULT_TASK_TYPE,
                    LOW,
                    "What Gemini is told that the vectors are for: as the task type, or before the text where a model reads"
                            + " it there (`gemini-embedding-2`). The local model knows no such thing.")
            .define(
                    MAX_TOKENS,
                    INT,
                    0,
                    atLeast(0),
                    MEDIUM,
                    "Tokens of a text that have an effect; what comes later is cut off. The local model is told so"
                            + " (at most " + LocalModel.MAX_TOKENS
                            + "); for Gemini it only says what the chosen"
                            + " model reads. 0 takes the model's default: " + LocalModel.BGE_SMALL.defaultMaxTokens()
                            + " (" + LocalModel.BGE_SMALL.model() + "), " + LocalModel.MINI_LM.defaultMaxTokens()
                            + " (" + LocalModel.MINI_LM.model() + ") or " + GeminiModel.DEFAULT_MAX_TOKENS
                            + ", for some models of Gemini more.")
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
                    BATCH_MAX_TEXTS,
                    INT,
                    0,
                    between(0, GeminiEmbeddingModel.MAX_TEXTS_PER_CALL),
                    MEDIUM,
                    "Texts in one call to the model at most; a small quota makes calls smaller. 0 takes the provider's"
                            + " default: " + LOCAL_TEXTS_PER_CALL + " locally, "
                            + GeminiEmbeddingModel.MAX_TEXTS_PER_CALL + " for Gemini, which takes no more.")
            .define(
                    BATCH_MAX_WAIT_MS,
                    LONG,
                    100L,
                    between(0, 600_000),
                    MEDIUM,
                    "Longest time that a text waits for others to fill its call to Gemini, in milliseconds. The local"
                            + " model is called at once.")
            .define(
                    MAX_IN_FLIGHT_CALLS,
                    INT,
                    0,
                    between(0, 1000),
                    MEDIUM,
                    "Calls to the model at the same time. 0 takes the provider's default: " + LOCAL_CALLS + " locally, "
                            + GEMINI_CALLS + " for Gemini.")
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
                    REQUESTS_PER_MINUTE,
                    INT,
                    0,
                    atLeast(0),
                    HIGH,
                    "Requests that the provider allows the project in any minute. Embedders of one group share it by the"
                            + " partitions of posts that each is assigned. 0 for no limit.")
            .define(
                    TOKENS_PER_MINUTE,
                    INT,
                    0,
                    atLeast(0),
                    HIGH,
                    "Tokens that the provider allows the project in any minute, shared likewise; those of a text are"
                            + " estimated. 0 for no limit.")
            .define(
                    REQUESTS_PER_DAY,
                    INT,
                    0,
                    atLeast(0),
                    HIGH,
                    "Requests that the provider allows the project from midnight to midnight Pacific time, shared"
                            + " likewise. 0 for no limit.")
            .define(
                    RATE_LIMIT_WEIGHT,
                    STRING,
                    PER_ITEM,
                    ConfigDef.ValidString.in(PER_ITEM, PER_CALL),
                    MEDIUM,
                    "What counts as a request: each text (`item`) or each call, whatever it carries (`call`).")
            .define(
                    RATE_LIMIT_WINDOW_MS,
                    LONG,
                    60_000L,
                    between(1000, 3_600_000),
                    LOW,
                    "Length of the provider's minute, in milliseconds; for stand-ins that count faster.")
            .define(
                    CHARACTERS_PER_TOKEN,
                    DOUBLE,
                    4.0,
                    EmbedderConfig::checkCharactersPerToken,
                    LOW,
                    "Characters of Latin text that make a token, for estimates; 1 to 10. Program code has fewer.")
            .define(
                    RETRY_BACKOFF_MS,
                    LONG,
                    500L,
                    between(1, 3_600_000),
                    LOW,
                    "Wait before a failed call is made again, in milliseconds; it doubles with each failure. No post is ever"
                            + " given up because a provider is away.")
            .define(
                    RETRY_BACKOFF_MAX_MS,
                    LONG,
                    30_000L,
                    between(1, 3_600_000),
                    LOW,
                    "Longest wait before a failed call is made again, in milliseconds.")
            .define(
                    CIRCUIT_MAX_FAILURES,
                    INT,
                    5,
                    between(1, 1000),
                    LOW,
                    "Failed calls in a row after which the provider counts as away: nothing is asked until one call,"
                            + " made after a while, has worked. Refused for quota is not failed.")
            .define(
                    CIRCUIT_WAIT_MS,
                    LONG,
                    30_000L,
                    between(1, 3_600_000),
                    LOW,
                    "Longest wait before that one call, in milliseconds; the first is a sixteenth, each later one twice the last.")
            .define(
                    CACHE_ENABLED,
                    STRING,
                    CACHE_AUTO,
                    ConfigDef.ValidString.in(CACHE_AUTO, "true", "false"),
                    MEDIUM,
                    "Whether vectors are kept on the topic `embedding-cache`, so that no text is paid for twice. `auto`:"
                            + " for Gemini, but not for the local model.")
            .define(
                    CACHE_MAX_BYTES,
                    LONG,
                    256L * 1024 * 1024,
                    atLeast(1024 * 1024),
                    MEDIUM,
                    "How much of the cache an embedder keeps at hand, in bytes of vectors: the texts used last.")
            .define(
                    CACHE_RETENTION_MS,
                    LONG,
                    2_592_000_000L,
                    atLeast(60_000),
                    LOW,
                    "How long a vector stays on `embedding-cache`, in milliseconds. 30 days.")
            .define(
                    NEXT + PROVIDER,
                    STRING,
                    NO_NEXT,
                    ConfigDef.ValidString.in(NO_NEXT, LOCAL, GEMINI),
                    MEDIUM,
                    "Who makes the vectors of the model that is to take this one's place: while it is set, each text is"
                            + " embedded by both. `none` for the time in between.")
            .define(NEXT + MODEL, STRING, "", MEDIUM, "As `" + MODEL + "`, of the next model.")
            .define(NEXT + DIMENSIONS, INT, 0, between(0, 10_000), LOW, "As `" + DIMENSIONS + "`, of the next model.")
            .define(
                    NEXT + TASK_TYPE,
                    STRING,
                    GeminiEmbeddingModel.DEFAULT_TASK_TYPE,
                    LOW,
                    "As `" + TASK_TYPE + "`, of the next model.")
            .define(NEXT + MAX_TOKENS, INT, 0, atLeast(0), LOW, "As `" + MAX_TOKENS + "`, of the next model.")
            .define(
                    NEXT_CLASSIFIERS,
                    LIST,
                    "",
                    ConfigDef.ValidList.anyNonDuplicateValues(true, false),
                    LOW,
                    "Classifiers whose labelled texts the next model embeds too, separated by commas. None takes that of"
                            + " `classifier`.");

    /** The settings of a model. */
    private static final List<String> OF_A_MODEL = List.of(PROVIDER, MODEL, DIMENSIONS, TASK_TYPE, MAX_TOKENS);

    private final Optional<EmbedderConfig> next;

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
        next = getString(NEXT + PROVIDER).equals(NO_NEXT)
                ? Optional.empty()
                : Optional.of(new EmbedderConfig(settingsOfNext(settings)));
    }

    /** All as it is but the model: what is set for the next one, or else the defaults, counts for it. */
    private static Map<String, String> settingsOfNext(Map<String, String> settings) {
        Map<String, String> ofNext = new HashMap<>();
        settings.forEach((name, value) -> {
            if (name.startsWith(NEXT)) {
                ofNext.put(name.substring(NEXT.length()), value);
            } else if (!OF_A_MODEL.contains(name)) {
                ofNext.put(name, value);
            }
        });
        ofNext.remove(NEXT_CLASSIFIERS.substring(NEXT.length()));
        return ofNext;
    }

    private void checkLocal() {
        LocalModel.named(model());
        if (dimensions() != LocalModel.DIMENSIONS) {
            throw new ConfigException(DIMENSIONS, dimensions(), "the local models have " + LocalModel.DIMENSIONS);
        }
        if (maxTokens() < LocalModel.MIN_TOKENS || maxTokens() > LocalModel.MAX_TOKENS) {
            throw new ConfigException(
                    MAX_TOKENS,
                    maxTokens(),
                    "the local models read " + LocalModel.MIN_TOKENS + " to " + LocalModel.MAX_TOKENS);
        }
    }

    private void checkGemini() {
        if (geminiApiKey().isBlank()) {
            throw new ConfigException(GEMINI_API_KEY
                    + " is not set, and the provider gemini needs a key: set SLUICE_GEMINI_API_KEY in the environment, or "
                    + PROVIDER + "=" + LOCAL + " to do without");
        }
        checkCharacters(geminiApiKey());
        GeminiModel.named(model()).checkDimensions(dimensions());
    }

    /** Such a key cannot be sent in a header, and the HTTP client's complaint would show it. */
    private static void checkCharacters(String key) {
        if (!key.chars().allMatch(it -> it > ' ' && it < 0x7f)) {
            throw new ConfigException(GEMINI_API_KEY + " holds a space or another character that no key has;"
                    + " it is not shown here: look for a broken copy, or a line end within it");
        }
    }

    private static void checkUrl(String name, Object value) {
        if (((String) value).contains("@")) {
            throw new ConfigException(
                    name + " holds an @: leave out user and password, which are not sent; it is not shown here");
        }
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

    private static void checkCharactersPerToken(String name, Object value) {
        double characters = (Double) value;
        if (!(characters >= 1 && characters <= 10)) {
            throw new ConfigException(name, value, "must be 1 to 10");
        }
    }

    /** How texts are embedded by the model that is to take the present one's place, if there is one. */
    Optional<EmbedderConfig> next() {
        return next;
    }

    /** Of every classifier whose labelled texts the next model embeds. */
    List<Topics> topicsOfNext() {
        Topics own = topics();
        List<String> names = getList(NEXT_CLASSIFIERS);
        return names.isEmpty()
                ? List.of(own)
                : names.stream()
                        .map(name -> new Topics(own.prefix(), name, getInt(TOPIC_PARTITIONS), own.maxModelBytes()))
                        .toList();
    }

    String groupId() {
        return getString(TOPIC_PREFIX) + getString(GROUP_ID);
    }

    String provider() {
        return getString(PROVIDER);
    }

    String model() {
        String name = getString(MODEL);
        return !name.isEmpty() ? name : isLocal() ? LocalModel.DEFAULT.model() : GeminiModel.DEFAULT_NAME;
    }

    /** For a config whose provider is local. */
    LocalModel localModel() {
        return LocalModel.named(model());
    }

    int dimensions() {
        int dimensions = getInt(DIMENSIONS);
        return dimensions > 0 ? dimensions : isLocal() ? LocalModel.DIMENSIONS : GeminiModel.DEFAULT_DIMENSIONS;
    }

    String taskType() {
        return getString(TASK_TYPE);
    }

    int maxTokens() {
        int tokens = getInt(MAX_TOKENS);
        return tokens > 0
                ? tokens
                : isLocal()
                        ? localModel().defaultMaxTokens()
                        : GeminiModel.named(model()).maxTokens();
    }

    int threads() {
        int threads = getInt(THREADS);
        return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    }

    PostText postText() {
        return new PostText(getInt(TEXT_MAX_CHARACTERS));
    }

    BatchLimits batchLimits() {
        return new BatchLimits(
                batchMaxTexts(),
                GeminiEmbeddingModel.MAX_BYTES_PER_CALL,
                isLocal() ? Duration.ZERO : Duration.ofMillis(getLong(BATCH_MAX_WAIT_MS)));
    }

    /** Twice what fills all calls in flight, so that the next ones are ready when an answer comes. */
    int maxPostsInHand() {
        return 2 * maxInFlightCalls() * batchMaxTexts();
    }

    int batchMaxTexts() {
        int texts = getInt(BATCH_MAX_TEXTS);
        return texts > 0 ? texts : isLocal() ? LOCAL_TEXTS_PER_CALL : GeminiEmbeddingModel.MAX_TEXTS_PER_CALL;
    }

    int maxInFlightCalls() {
        int calls = getInt(MAX_IN_FLIGHT_CALLS);
        return calls > 0 ? calls : isLocal() ? LOCAL_CALLS : GEMINI_CALLS;
    }

    boolean cacheEnabled() {
        String enabled = getString(CACHE_ENABLED);
        return enabled.equals(CACHE_AUTO) ? !isLocal() : Boolean.parseBoolean(enabled);
    }

    long cacheMaxBytes() {
        return getLong(CACHE_MAX_BYTES);
    }

    Duration cacheRetention() {
        return Duration.ofMillis(getLong(CACHE_RETENTION_MS));
    }

    String geminiApiKey() {
        return getPassword(GEMINI_API_KEY).value().strip(); // a key in a file tends to end with a new line
    }

    String geminiBaseUrl() {
        return getString(GEMINI_BASE_URL);
    }

    Duration requestTimeout() {
        return Duration.ofMillis(getInt(REQUEST_TIMEOUT_MS));
    }

    Patience patience() {
        return new Patience(
                Duration.ofMillis(getLong(RETRY_BACKOFF_MS)),
                Duration.ofMillis(getLong(RETRY_BACKOFF_MAX_MS)),
                getInt(CIRCUIT_MAX_FAILURES),
                Duration.ofMillis(getLong(CIRCUIT_WAIT_MS)));
    }

    /** One quota for both models, counted as if each text went to the one that takes more of it. */
    QuotaLimits quotaLimits() {
        return new QuotaLimits(
                getInt(REQUESTS_PER_MINUTE),
                getInt(TOKENS_PER_MINUTE),
                getInt(REQUESTS_PER_DAY),
                getString(RATE_LIMIT_WEIGHT).equals(PER_ITEM),
                Duration.ofMillis(getLong(RATE_LIMIT_WINDOW_MS)),
                getDouble(CHARACTERS_PER_TOKEN),
                longer(prefix(), next.map(EmbedderConfig::prefix).orElse("")),
                requestTimeout());
    }

    private static String longer(String one, String other) {
        return one.length() >= other.length() ? one : other;
    }

    private String prefix() {
        return isLocal() ? "" : GeminiModel.named(model()).prefix(taskType());
    }

    /** Tokens of a text that count: what the model reads of it, or the next one if that is more. */
    int quotaTokens() {
        return Math.max(maxTokens(), next.map(EmbedderConfig::maxTokens).orElse(0));
    }

    boolean isLocal() {
        return provider().equals(LOCAL);
    }
}
