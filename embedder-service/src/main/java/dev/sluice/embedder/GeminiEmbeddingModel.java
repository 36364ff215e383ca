package dev.sluice.embedder;

import com.google.genai.Client;
import com.google.genai.errors.ApiException;
import com.google.genai.errors.GenAiIOException;
import com.google.genai.types.ContentEmbedding;
import com.google.genai.types.EmbedContentConfig;
import com.google.genai.types.HttpOptions;
import com.google.genai.types.HttpRetryOptions;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Vectors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Google's Gemini API by its own SDK: one call for all texts of a batch. The SDK's retries are off, since they multiply
 * with ours and pass by the rate limiter. An answer is checked before it is believed: as many vectors as texts, each of the
 * length asked for, finite and not zero.
 */
final class GeminiEmbeddingModel implements EmbeddingModel {
    static final String DEFAULT_MODEL = "gemini-embedding-001";
    static final int DEFAULT_DIMENSIONS = 768;
    static final int DEFAULT_MAX_TOKENS = 2048;
    static final String DEFAULT_TASK_TYPE = "CLASSIFICATION";

    /** The API refuses more. */
    static final int MAX_TEXTS_PER_CALL = 100;

    /** The API refuses more than 4 MiB in a call; the rest is room for what estimates miss. */
    static final int MAX_BYTES_PER_CALL = 4 * 1024 * 1024 - 64 * 1024;

    private final Client client;
    private final EmbeddingSpace space;
    private final EmbedContentConfig request;

    private GeminiEmbeddingModel(Client client, EmbeddingSpace space) {
        this.client = client;
        this.space = space;
        this.request = EmbedContentConfig.builder()
                .taskType(space.getTaskType())
                .outputDimensionality(space.getDimensions())
                .build();
    }

    /** Makes no call: a wrong key shows at the first {@link #embed}. */
    static GeminiEmbeddingModel open(EmbedderConfig config) {
        EmbeddingSpace space = EmbeddingSpace.newBuilder()
                .setProvider(EmbedderConfig.GEMINI)
                .setModel(config.model())
                .setDimensions(config.dimensions())
                .setTaskType(config.taskType())
                .setNormalisation("L2")
                .setMaxTokens(config.maxTokens())
                .setTextRecipe(config.postText().recipe())
                .build();
        return new GeminiEmbeddingModel(
                client(config.geminiApiKey(), config.geminiBaseUrl(), config.requestTimeout()), space);
    }

    /** Everything that the SDK would else take from its own environment variables is said here. */
    private static Client client(String apiKey, String baseUrl, Duration timeout) {
        return Client.builder()
                .apiKey(apiKey)
                .vertexAI(false)
                .httpOptions(HttpOptions.builder()
                        .baseUrl(baseUrl)
                        .timeout((int) timeout.toMillis())
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
            throw new ProviderUnavailableException(
                    "Gemini answered " + texts.size() + " texts with " + answer.size() + " vectors");
        }
        List<float[]> vectors = new ArrayList<>(answer.size());
        answer.forEach(embedding -> vectors.add(checked(embedding.values().orElse(List.of()))));
        return vectors;
    }

    private List<ContentEmbedding> call(List<String> texts) throws InterruptedException {
        try {
            return client.models
                    .embedContent(space.getModel(), texts, request)
                    .embeddings()
                    .orElse(List.of());
        } catch (ApiException e) {
            throw meaningOf(e);
        } catch (GenAiIOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            throw new ProviderUnavailableException("Gemini cannot be reached: " + e.getMessage(), e);
        }
    }

    private RuntimeException meaningOf(ApiException e) {
        String reason = "Gemini answered " + e.code() + " " + e.status() + ": " + e.message();
        boolean badKey = String.valueOf(e.message()).toLowerCase(Locale.ROOT).contains("api key")
                || String.valueOf(e.message()).contains("API_KEY_INVALID");
        return switch (e.code()) {
            case 400, 413 -> badKey ? misconfigured(reason, e) : new TextRefusedException(reason, e);
            case 408, 429, 500, 502, 503, 504 -> new ProviderUnavailableException(reason, e);
            default -> e.code() >= 500 ? new ProviderUnavailableException(reason, e) : misconfigured(reason, e);
        };
    }

    private static ProviderMisconfiguredException misconfigured(String reason, ApiException e) {
        return new ProviderMisconfiguredException(
                reason + "; see " + EmbedderConfig.GEMINI_API_KEY + ", " + EmbedderConfig.MODEL, e);
    }

    private float[] checked(List<Float> values) {
        if (values.size() != space.getDimensions()) {
            throw new ProviderMisconfiguredException("Gemini's model " + space.getModel() + " gave " + values.size()
                    + " numbers where " + EmbedderConfig.DIMENSIONS + " asks for " + space.getDimensions());
        }
        float[] vector = new float[values.size()];
        boolean allZero = true;
        for (int i = 0; i < vector.length; i++) {
            vector[i] = values.get(i);
            allZero &= vector[i] == 0;
        }
        if (allZero || !Vectors.allFinite(vector)) {
            throw new TextRefusedException(
                    "Gemini gave a vector that " + (allZero ? "is zero throughout" : "holds NaN or infinity"));
        }
        return Normalisation.l2(vector); // below 3072 dimensions Gemini leaves that to the caller
    }

    @Override
    public void close() {
        client.close();
    }
}
