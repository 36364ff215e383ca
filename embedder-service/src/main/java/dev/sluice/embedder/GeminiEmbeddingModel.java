package dev.sluice.embedder;

import com.google.genai.Client;
import com.google.genai.errors.ApiException;
import com.google.genai.errors.GenAiIOException;
import com.google.genai.types.ClientOptions;
import com.google.genai.types.ContentEmbedding;
import com.google.genai.types.EmbedContentConfig;
import com.google.genai.types.HttpOptions;
import com.google.genai.types.HttpRetryOptions;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Vectors;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Google's Gemini API by its own SDK: one call for all texts of a batch, and exactly one. The SDK's retries are off, and so
 * are those of the HTTP client below it, which would send a batch again when a connection breaks: they multiply with ours
 * and pass by the quota. Redirects are not followed, since the key would go along to wherever they lead. An answer is
 * checked before it is believed: as many vectors as texts, each of the length asked for, finite and not zero. A vector
 * that is zero or not finite costs its own text alone, since the others of the call are paid for.
 */
final class GeminiEmbeddingModel implements EmbeddingModel {
    private static final Logger LOG = LoggerFactory.getLogger(GeminiEmbeddingModel.class);

    static final String DEFAULT_TASK_TYPE = "CLASSIFICATION";

    /** The API refuses more. */
    static final int MAX_TEXTS_PER_CALL = 100;

    /** The API refuses more than 4 MiB in a call; the rest is room for what estimates miss. */
    static final int MAX_BYTES_PER_CALL = 4 * 1024 * 1024 - 64 * 1024;

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final OkHttpClient http;
    private final Client client;
    private final GeminiErrors errors;
    private final EmbeddingSpace space;
    private final String prefix;
    private final EmbedContentConfig request;

    private GeminiEmbeddingModel(
            OkHttpClient http, Client client, GeminiErrors errors, EmbeddingSpace space, String prefix) {
        this.http = http;
        this.client = client;
        this.errors = errors;
        this.space = space;
        this.prefix = prefix;
        EmbedContentConfig.Builder builder = EmbedContentConfig.builder().outputDimensionality(space.getDimensions());
        this.request = (space.getTaskType().isEmpty() ? builder : builder.taskType(space.getTaskType())).build();
    }

    /** Makes no call: a wrong key shows at the first {@link #embed}. */
    static GeminiEmbeddingModel open(EmbedderConfig config) {
        GeminiModel model = GeminiModel.named(config.model());
        EmbeddingSpace space = EmbeddingSpace.newBuilder()
                .setProvider(EmbedderConfig.GEMINI)
                .setModel(model.name())
                .setDimensions(config.dimensions())
                .setTaskType(model.taskType(config.taskType()))
                .setNormalisation("L2")
                .setMaxTokens(config.maxTokens())
                .setTextRecipe(model.recipe(config.postText().recipe(), config.taskType()))
                .build();
        OkHttpClient http = http(config.requestTimeout());
        return new GeminiEmbeddingModel(
                http,
                client(http, config),
                new GeminiErrors(config.geminiApiKey()),
                space,
                model.prefix(config.taskType()));
    }

    /** The SDK sets no timeout on a client that it is given. OkHttp's own would end a call after 10 seconds of silence. */
    static OkHttpClient http(Duration timeout) {
        return new OkHttpClient.Builder()
                .retryOnConnectionFailure(false)
                .followRedirects(false)
                .followSslRedirects(false)
                .callTimeout(timeout)
                .connectTimeout(CONNECT_TIMEOUT)
                .readTimeout(Duration.ZERO)
                .writeTimeout(Duration.ZERO)
                .addNetworkInterceptor(GeminiEmbeddingModel::withoutRetryAfter)
                .build();
    }

    /** A 503 with "Retry-After: 0" is the one call that OkHttp sends again whatever it was told. */
    private static Response withoutRetryAfter(Interceptor.Chain chain) throws IOException {
        return chain.proceed(chain.request())
                .newBuilder()
                .removeHeader("Retry-After")
                .build();
    }

    /** Everything that the SDK would else take from its own environment variables is said here. */
    private static Client client(OkHttpClient http, EmbedderConfig config) {
        return Client.builder()
                .apiKey(config.geminiApiKey())
                .vertexAI(false)
                .clientOptions(ClientOptions.builder().customHttpClient(http).build())
                .httpOptions(HttpOptions.builder()
                        .baseUrl(config.geminiBaseUrl())
                        .timeout((int) config.requestTimeout().toMillis())
                        .retryOptions(HttpRetryOptions.builder().attempts(1).httpStatusCodes(List.of()))
                        .build())
                .build();
    }

    @Override
    public EmbeddingSpace space() {
        return space;
    }

    @Override
    public List<float[]> embed(List<String> texts) throws InterruptedException {
        if (texts.size() > MAX_TEXTS_PER_CALL) {
            throw new IllegalArgumentException(texts.size() + " texts; one call takes " + MAX_TEXTS_PER_CALL);
        }
        List<ContentEmbedding> answer = call(texts);
        if (answer.size() != texts.size()) {
            throw new MiscountedAnswerException(
                    "Gemini answered " + texts.size() + " texts with " + answer.size() + " vectors");
        }
        List<float[]> vectors = new ArrayList<>(answer.size());
        answer.forEach(embedding -> vectors.add(checked(embedding.values().orElse(List.of()))));
        return vectors;
    }

    private List<ContentEmbedding> call(List<String> texts) throws InterruptedException {
        List<String> prefixed = texts.stream().map(prefix::concat).toList();
        try {
            return client.models
                    .embedContent(space.getModel(), prefixed, request)
                    .embeddings()
                    .orElse(List.of());
        } catch (ApiException e) {
            throw errors.meaningOf(e);
        } catch (GenAiIOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            throw errors.unavailable("Gemini cannot be reached", e);
        } catch (RuntimeException e) { // of the SDK, where an answer is JSON but not the API's
            throw errors.unavailable("Gemini's answer cannot be read", e);
        }
    }

    private float[] checked(List<Float> values) {
        if (values.size() != space.getDimensions()) {
            throw new ProviderMisconfiguredException(
                    EmbedderConfig.DIMENSIONS,
                    "Gemini's model " + space.getModel() + " gave " + values.size() + " numbers where "
                            + EmbedderConfig.DIMENSIONS + " asks for " + space.getDimensions(),
                    null);
        }
        float[] vector = new float[values.size()];
        boolean allZero = true;
        for (int i = 0; i < vector.length; i++) {
            vector[i] = values.get(i);
            allZero &= vector[i] == 0;
        }
        if (allZero || !Vectors.allFinite(vector)) {
            LOG.warn("Gemini gave a vector that {}", allZero ? "is zero throughout" : "holds NaN or infinity");
            return UNUSABLE;
        }
        return Normalisation.l2(vector); // some models leave that to the caller; to the others' vectors it does nothing
    }

    /** Calls that are still running end at once, as if the network had failed. */
    @Override
    public void close() {
        http.dispatcher().cancelAll();
        client.close();
    }
}
