package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.EmbeddingSpace;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextEmbedderTest {
    private static final String KEY = "AIza-not-a-real-key";

    private final GeminiStub stub = GeminiStub.start();

    @AfterEach
    void stop() {
        stub.close();
    }

    private Map<String, String> gemini(String... namesAndValues) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "embedding.provider", "gemini",
                "embedding.dimensions", "128",
                "gemini.base.url", stub.url(),
                "retry.backoff.ms", "1",
                "retry.backoff.max.ms", "1"));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            settings.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return settings;
    }

    private TextEmbedder openGemini(String... namesAndValues) {
        return TextEmbedder.open(gemini(namesAndValues), Map.of("GEMINI_API_KEY", KEY));
    }

    private static String answer(int texts) {
        String vector = "{\"values\":[" + String.join(",", Collections.nCopies(128, "0.5")) + "]}";
        return "{\"embeddings\":[" + String.join(",", Collections.nCopies(texts, vector)) + "]}";
    }

    @ParameterizedTest
    @ValueSource(strings = {"bge-small-en-v1.5-q", "all-minilm-l6-v2-q"})
    void shouldGiveTheVectorsOfTheServiceWhenTheModelIsLocal(String name) throws Exception {
        Map<String, String> settings = Map.of("embedding.model", name, "text.max.characters", "20");
        try (TextEmbedder embedder = TextEmbedder.open(settings, Map.of());
                TextEmbedder again = TextEmbedder.of(embedder.space(), Map.of());
                LocalEmbeddingModel bare = LocalEmbeddingModel.open(
                        LocalModel.named(name), 1, LocalModel.named(name).defaultMaxTokens(), "as-is")) {
            String text = embedder.textOf("Write to me@here.org, or wait and see what comes");

            assertThat(text).isEqualTo("Write to , or wait a");
            assertThat(again.space()).isEqualTo(embedder.space());
            assertThat(again.maxCharacters()).isEqualTo(20);
            assertThat(embedder.embed(List.of(text, "other")).get(0))
                    .isEqualTo(bare.embed(List.of(text)).get(0))
                    .isEqualTo(again.embed(List.of(text)).get(0));
            assertThat(embedder.embed(List.of())).isEmpty();
        }
    }

    @Test
    void shouldSayThatNothingIsLeftWhenATextIsBlank() {
        try (TextEmbedder embedder = TextEmbedder.open(Map.of(), Map.of())) {
            assertThatThrownBy(() -> embedder.textOf(" me@here.org\n"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no text left");
        }
    }

    @Test
    void shouldAskInSeveralCallsWhenThereAreMoreTextsThanOneTakes() throws Exception {
        stub.answer(200, answer(2)).answer(200, answer(1));
        try (TextEmbedder embedder = openGemini("batch.max.texts", "2")) {
            assertThat(embedder.embed(List.of("a", "b", "c"))).hasSize(3).allSatisfy(it -> assertThat(it)
                    .hasSize(128));
            assertThat(stub.requests).hasSize(2).allSatisfy(it -> assertThat(it.keyHeaders())
                    .containsExactly(KEY));
        }
    }

    @Test
    void shouldAskAgainWhenTheProviderIsAwayAndGiveUpAtLast() throws Exception {
        stub.answer(503, "{}").answer(200, answer(1));
        try (TextEmbedder embedder = openGemini()) {
            assertThat(embedder.embed(List.of("a"))).hasSize(1);

            for (int i = 0; i < ImpatientCalls.ATTEMPTS; i++) {
                stub.answer(503, "{}");
            }
            assertThatThrownBy(() -> embedder.embed(List.of("a")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("no vectors");
            assertThat(stub.requests).hasSize(2 + ImpatientCalls.ATTEMPTS);
        }
    }

    @Test
    void shouldGiveUpAtOnceWhenTheDayIsUsedUpOrTheKeyIsWrong() {
        stub.answer(
                        429,
                        """
                        {"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"quota","details":[{
                        "@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{
                        "quotaId":"EmbedContentRequestsPerDayPerUserPerProjectPerModel-FreeTier"}]}]}}""")
                .answer(403, "{\"error\":{\"code\":403,\"status\":\"PERMISSION_DENIED\",\"message\":\"no\"}}");
        try (TextEmbedder embedder = openGemini()) {
            assertThatThrownBy(() -> embedder.embed(List.of("a"))).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> embedder.embed(List.of("a"))).isInstanceOf(IllegalArgumentException.class);
            assertThat(stub.requests).hasSize(2);
        }
    }

    @Test
    void shouldNameTheKeyWhenGeminiHasNone() {
        assertThatThrownBy(() -> TextEmbedder.open(gemini(), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("SLUICE_GEMINI_API_KEY");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gemini-embedding-001", "gemini-embedding-2"})
    void shouldComeBackToTheSettingsWhenTheSpaceIsOneOfGemini(String name) {
        try (TextEmbedder embedder =
                openGemini("embedding.model", name, "embedding.task.type", "SEMANTIC_SIMILARITY")) {
            Map<String, String> settings = new HashMap<>(SpaceSettings.of(embedder.space()));
            settings.put("gemini.api.key", KEY);

            try (TextEmbedder again = TextEmbedder.open(settings, Map.of())) {
                assertThat(again.space()).isEqualTo(embedder.space());
            }
        }
    }

    @Test
    void shouldSayWhatDiffersWhenASpaceCannotBeMadeHere() {
        EmbeddingSpace known;
        try (TextEmbedder embedder = TextEmbedder.open(Map.of(), Map.of())) {
            known = embedder.space();
        }

        assertThatThrownBy(() -> TextEmbedder.of(
                        EmbeddingSpace.newBuilder(known).setProvider("external").build(), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("external");
        assertThatThrownBy(() -> TextEmbedder.of(
                        EmbeddingSpace.newBuilder(known).setTextRecipe("words").build(), Map.of()))
                .hasMessageContaining("text recipe words");
        for (EmbeddingSpace other : Arrays.asList(
                EmbeddingSpace.newBuilder(known).setModelSha256("00").build(),
                EmbeddingSpace.newBuilder(known).setPooling("MEAN").build())) {
            assertThatThrownBy(() -> TextEmbedder.of(other, Map.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cannot be made here");
        }
        assertThatThrownBy(() -> TextEmbedder.of(
                        EmbeddingSpace.newBuilder(known).setModel("e5-small").build(), Map.of()))
                .hasMessageContaining("all-minilm-l6-v2-q");
    }
}
