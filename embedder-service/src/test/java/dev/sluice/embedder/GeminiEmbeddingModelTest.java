package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GeminiEmbeddingModelTest {
    private static final String KEY = "AIza-not-a-real-key";

    /** Nothing is known of it, so it may have two dimensions. */
    private static final String MODEL = "gemini-embedding-x";

    private final GeminiStub stub = GeminiStub.start();
    private final GeminiEmbeddingModel model = GeminiEmbeddingModel.open(config());

    private EmbedderConfig config(String... namesAndValues) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "bootstrap.servers", "unused:1",
                "embedding.provider", "gemini",
                "embedding.model", MODEL,
                "embedding.dimensions", "2",
                "gemini.api.key", KEY,
                "gemini.base.url", stub.url(),
                "request.timeout.ms", "20000"));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            settings.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new EmbedderConfig(settings);
    }

    @AfterEach
    void stop() {
        model.close();
        stub.close();
    }

    @Test
    void shouldMakeOneCallForAllTextsWhenThereAreSeveral() throws Exception {
        stub.answerVectors("3,4", "0,-5");

        List<float[]> vectors = model.embed(List.of("one", "two"));

        assertThat(vectors.get(0)).containsExactly(new float[] {0.6f, 0.8f}, within(1e-6f)); // of unit length
        assertThat(vectors.get(1)).containsExactly(0, -1);
        GeminiStub.Request request = stub.requests.remove();
        assertThat(stub.requests).isEmpty();
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.pathAndQuery()).isEqualTo("/v1beta/models/" + MODEL + ":batchEmbedContents");
        assertThat(request.body())
                .contains("\"one\"", "\"two\"", "\"CLASSIFICATION\"")
                .containsPattern("\"outputDimensionality\":\\s*2");
    }

    @Test
    void shouldSendTheKeyInAHeaderOnlyWhenItCalls() throws Exception {
        stub.answerVectors("1,0");

        model.embed(List.of("text"));

        GeminiStub.Request request = stub.requests.remove();
        assertThat(request.keyHeaders()).containsExactly(KEY);
        assertThat(request.pathAndQuery()).doesNotContain(KEY);
        assertThat(request.body()).doesNotContain(KEY);
    }

    @Test
    void shouldPutTheTaskBeforeTheTextWhenTheModelReadsItThere() throws Exception {
        stub.answerVectors("1,0");
        try (GeminiEmbeddingModel second = GeminiEmbeddingModel.open(config("embedding.model", "gemini-embedding-2"))) {
            second.embed(List.of("text"));

            GeminiStub.Request request = stub.requests.remove();
            assertThat(request.pathAndQuery()).isEqualTo("/v1beta/models/gemini-embedding-2:batchEmbedContents");
            assertThat(request.body())
                    .contains("\"task: classification | query: text\"")
                    .doesNotContain("taskType", "CLASSIFICATION");
            assertThat(second.space().getTaskType()).isEmpty();
            assertThat(second.space().getTextRecipe()).isEqualTo("subject-body-no-addresses-5000-task-classification");
            assertThat(second.space().getMaxTokens()).isEqualTo(8192);
        }
    }

    @Test
    void shouldAskOnceOnlyWhenAUsedConnectionBreaks() throws Exception {
        stub.answerVectors("1,0").hangUp().answerVectors("1,0");
        model.embed(List.of("text")); // the connection stays open

        assertThatThrownBy(() -> model.embed(List.of("text"))).isInstanceOf(ProviderUnavailableException.class);
        assertThat(stub.requests).hasSize(2);
    }

    @Test
    void shouldAskOnceOnlyWhenTheServerInvitesToComeAgainAtOnce() {
        stub.answer(503, Map.of("Retry-After", "0"), "{}").answerVectors("1,0");

        assertThatThrownBy(() -> model.embed(List.of("text"))).isInstanceOf(ProviderUnavailableException.class);
        assertThat(stub.requests).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 307, 308})
    void shouldNotTakeTheKeyElsewhereWhenItIsSentThere(int status) {
        try (GeminiStub elsewhere = GeminiStub.start()) {
            elsewhere.answerVectors("1,0");
            stub.answer(status, Map.of("Location", elsewhere.url() + "/"), "{}");

            assertThatThrownBy(() -> model.embed(List.of("text")))
                    .isInstanceOf(ProviderMisconfiguredException.class)
                    .hasMessageContaining("gemini.base.url");
            assertThat(elsewhere.requests).isEmpty();
        }
    }

    /** Fails instead of holding up the suite for ever. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void shouldWaitForAnAnswerAsLongAsTheSettingSaysWhenNoneComes() {
        try (GeminiEmbeddingModel hasty = GeminiEmbeddingModel.open(config("request.timeout.ms", "100"))) {
            assertThatThrownBy(() -> hasty.embed(List.of("text")))
                    .isInstanceOf(ProviderUnavailableException.class)
                    .hasMessageContaining("timeout");
        }
        OkHttpClient http = GeminiEmbeddingModel.http(Duration.ofMinutes(1));
        assertThat(http.readTimeoutMillis()).isZero(); // no other limit comes before it
        assertThat(http.writeTimeoutMillis()).isZero();
    }

    @Test
    void shouldEndACallWhenItIsClosedMeanwhile() throws Exception {
        CompletableFuture<List<float[]>> call = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            try {
                call.complete(model.embed(List.of("text"))); // never answered
            } catch (InterruptedException | RuntimeException e) {
                call.completeExceptionally(e);
            }
        });
        caller.start();
        while (stub.requests.isEmpty()) {
            Thread.onSpinWait();
        }
        model.close();

        assertThat(call)
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(ProviderUnavailableException.class);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "429, RESOURCE_EXHAUSTED, quota",
        "500, INTERNAL, oops",
        "502, BAD_GATEWAY, oops",
        "503, UNAVAILABLE, overloaded",
        "504, DEADLINE_EXCEEDED, slow",
    })
    void shouldSayThatItMayPassWhenTheServerIsBusyOrBroken(int status, String name, String message) {
        stub.answerError(status, name, message);

        assertThatThrownBy(() -> model.embed(List.of("text")))
                .isInstanceOf(ProviderUnavailableException.class)
                .hasMessageContaining(Integer.toString(status));
        assertThat(stub.requests).as("the SDK must not retry by itself").hasSize(1);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "400, INVALID_ARGUMENT, API key not valid. Please pass a valid API key., gemini.api.key",
        "400, INVALID_ARGUMENT, reason API_KEY_INVALID, gemini.api.key",
        "400, FAILED_PRECONDITION, not in your country, gemini.api.key",
        "401, UNAUTHENTICATED, who are you, gemini.api.key",
        "403, PERMISSION_DENIED, not you, gemini.api.key",
        "404, NOT_FOUND, no such model, embedding.model",
        "405, NOT_ALLOWED, what, gemini.base.url",
    })
    void shouldBlameTheSettingsWhenTheKeyOrModelIsRefused(int status, String name, String message, String setting) {
        stub.answerError(status, name, message);

        assertThatThrownBy(() -> model.embed(List.of("text")))
                .isInstanceOf(ProviderMisconfiguredException.class)
                .hasMessageContaining(setting);
        assertThat(stub.requests).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 413})
    void shouldBlameTheTextsWhenTheArgumentIsRefused(int status) {
        stub.answerError(status, "INVALID_ARGUMENT", "the text is not to my liking");

        assertThatThrownBy(() -> model.embed(List.of("text")))
                .isInstanceOf(TextRefusedException.class)
                .hasMessageContaining("not to my liking");
    }

    @Test
    void shouldNotBelieveTheAnswerWhenItHasTooFewOrTooManyVectors() {
        stub.answerVectors("1,0").answerVectors("1,0", "1,0", "1,0").answer(200, "{}");

        for (int answers = 0; answers < 3; answers++) {
            assertThatThrownBy(() -> model.embed(List.of("one", "two")))
                    .isInstanceOf(ProviderUnavailableException.class)
                    .hasMessageContaining("2 texts");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1,0,0"})
    void shouldBlameTheSettingsWhenAVectorHasAnotherLength(String vector) {
        stub.answerVectors(vector);

        assertThatThrownBy(() -> model.embed(List.of("text")))
                .isInstanceOf(ProviderMisconfiguredException.class)
                .hasMessageContaining("embedding.dimensions");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0,0", "1e39,1"})
    void shouldKeepTheOthersOfTheCallWhenAVectorIsZeroOrNotFinite(String vector) throws Exception {
        stub.answerVectors("3,4", vector, "0,1");

        List<float[]> vectors = model.embed(List.of("good", "bad", "good, too"));

        assertThat(vectors).extracting(it -> it.length).containsExactly(2, 0, 2);
        assertThat(vectors.get(2)).containsExactly(0, 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>a proxy's page</html>",
                "null",
                "[]",
                "{\"embeddings\":5}",
                "{\"embeddings\":[5]}",
                "{\"embeddings\":[{\"values\":[[1],[0]]}]}",
                "{\"embeddings\":[{\"values\":[1,"
            })
    void shouldSayThatItMayPassWhenTheAnswerIsNotTheApis(String body) {
        stub.answer(200, body);

        assertThatThrownBy(() -> model.embed(List.of("text"))).isInstanceOf(ProviderUnavailableException.class);
    }

    @Test
    void shouldSayThatItMayPassWhenNobodyListens() {
        stub.close();

        assertThatThrownBy(() -> model.embed(List.of("text")))
                .isInstanceOf(ProviderUnavailableException.class)
                .hasMessageContaining("cannot be reached");
    }

    @Test
    void shouldRefuseWhenACallWouldCarryMoreThanTheApiTakes() throws Exception {
        stub.answerVectors(Collections.nCopies(100, "1,0").toArray(String[]::new));

        assertThat(model.embed(Collections.nCopies(100, "text"))).hasSize(100);
        assertThatThrownBy(() -> model.embed(Collections.nCopies(101, "text")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldNameEverythingThatChangesAVectorWhenAskedForItsSpace() {
        try (GeminiEmbeddingModel other = GeminiEmbeddingModel.open(config(
                "embedding.model", "gemini-x", "embedding.task.type", "CLUSTERING", "text.max.characters", "7"))) {
            assertThat(other.space().getProvider()).isEqualTo("gemini");
            assertThat(other.space().getModel()).isEqualTo("gemini-x");
            assertThat(other.space().getDimensions()).isEqualTo(2);
            assertThat(other.space().getTaskType()).isEqualTo("CLUSTERING");
            assertThat(other.space().getMaxTokens()).isEqualTo(2048);
            assertThat(other.space().getTextRecipe()).isEqualTo("subject-body-no-addresses-7");
        }
    }
}
