package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbedderCheckTest {
    private static final String KEY = "AIza-not-a-real-key";

    private final GeminiStub stub = GeminiStub.start();

    @AfterEach
    void stop() {
        stub.close();
    }

    private List<EmbedderCheck.Line> check(String... namesAndValues) {
        Map<String, String> settings = new HashMap<>(Map.of("bootstrap.servers", "unused:1"));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            settings.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return EmbedderCheck.run(settings, Map.of());
    }

    private List<EmbedderCheck.Line> checkGemini(String... namesAndValues) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "bootstrap.servers", "unused:1",
                "embedding.provider", "gemini",
                "embedding.dimensions", "128",
                "gemini.base.url", stub.url()));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            settings.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return EmbedderCheck.run(settings, Map.of("GEMINI_API_KEY", KEY));
    }

    private static String vector(int dimensions) {
        return String.join(",", Collections.nCopies(dimensions, "0.1"));
    }

    /** The last line, which must be the only one that is not well. */
    private static EmbedderCheck.Line failureIn(List<EmbedderCheck.Line> lines) {
        assertThat(lines.subList(0, lines.size() - 1)).allMatch(EmbedderCheck.Line::ok);
        EmbedderCheck.Line last = lines.get(lines.size() - 1);
        assertThat(last.ok()).isFalse();
        assertThat(lines.toString()).doesNotContain(KEY);
        return last;
    }

    @Test
    void shouldFindEverythingWellWhenTheLocalModelAnswers() {
        assertThat(check())
                .allMatch(EmbedderCheck.Line::ok)
                .extracting(EmbedderCheck.Line::what)
                .containsExactly("embedder settings", "model", "dimensions");
    }

    @Test
    void shouldAskTheNextModelTooWhenThereIsOne() {
        List<EmbedderCheck.Line> lines = check("next.embedding.provider", "local", "next.embedding.max.tokens", "64");

        assertThat(lines)
                .allMatch(EmbedderCheck.Line::ok)
                .extracting(EmbedderCheck.Line::what)
                .containsExactly("embedder settings", "model", "dimensions", "next model", "next dimensions");
    }

    @Test
    void shouldFindEverythingWellWhenGeminiAnswers() {
        stub.answerVectors(vector(128));

        List<EmbedderCheck.Line> lines = checkGemini();

        assertThat(lines)
                .allMatch(EmbedderCheck.Line::ok)
                .extracting(EmbedderCheck.Line::what)
                .containsExactly("embedder settings", "key", "model", "dimensions");
        assertThat(lines.toString())
                .contains("gemini-embedding-001", "128", stub.url())
                .doesNotContain(KEY);
        assertThat(stub.requests).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "embedding.provider, nobody, embedding.provider",
        "embedding.model, text-embedding-004, successor is gemini-embedding-001",
        "embedding.dimensions, 127, 128 to 3072",
        "gemini.api.key, 'two words', another character",
        "gemini.api.key, ' ', SLUICE_GEMINI_API_KEY",
        "no.such.setting, x, no.such.setting",
    })
    void shouldNameTheSettingWhenItIsWrongInItself(String name, String value, String cure) {
        EmbedderCheck.Line failure = failureIn(checkGemini(name, value));

        assertThat(failure.what()).isEqualTo("embedder settings");
        assertThat(failure.detail()).contains(cure).doesNotContain("two words");
        assertThat(stub.requests).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "400, INVALID_ARGUMENT, API key not valid., key, SLUICE_GEMINI_API_KEY",
        "403, PERMISSION_DENIED, no, key, gemini.api.key",
        "404, NOT_FOUND, no such model, model, embedding.model",
        "400, INVALID_ARGUMENT, no, model, embedding.task.type",
        "429, RESOURCE_EXHAUSTED, 'Details: {\\\"quotaId\\\":\\\"RequestsPerMinute\\\"}', quota, requests.per.minute",
        "429, RESOURCE_EXHAUSTED, 'Details: {\\\"quotaId\\\":\\\"RequestsPerDay\\\"}', quota, midnight Pacific",
        "503, UNAVAILABLE, overloaded, Gemini, wait and lose nothing",
    })
    void shouldSayTheCureWhenGeminiRefuses(int status, String name, String message, String what, String cure) {
        stub.answerError(status, name, message);

        EmbedderCheck.Line failure = failureIn(checkGemini());

        assertThat(failure.what()).isEqualTo(what);
        assertThat(failure.detail()).contains(cure);
    }

    @Test
    void shouldBlameTheDimensionsWhenVectorsHaveAnotherLength() {
        stub.answerVectors(vector(64));

        EmbedderCheck.Line failure = failureIn(checkGemini());

        assertThat(failure.what()).isEqualTo("dimensions");
        assertThat(failure.detail()).contains("64", "embedding.dimensions");
    }

    @Test
    void shouldBlameTheNetworkWhenNobodyListens() {
        stub.close();

        EmbedderCheck.Line failure = failureIn(checkGemini());

        assertThat(failure.what()).isEqualTo("Gemini");
        assertThat(failure.detail()).contains("cannot be reached", "gemini.base.url");
    }
}
