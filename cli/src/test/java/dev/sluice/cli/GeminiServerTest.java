package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GeminiServerTest {
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient http = HttpClient.newHttpClient();

    private record Answer(int status, JsonNode body) {}

    private Answer ask(GeminiServer server, String... texts) throws IOException, InterruptedException {
        return askAs(server, "gemini-embedding-001", "key", texts);
    }

    private Answer askAs(GeminiServer server, String model, String key, String... texts)
            throws IOException, InterruptedException {
        ObjectNode body = JSON.createObjectNode();
        for (String text : texts) {
            ObjectNode request = body.withArray("requests").addObject();
            request.put("outputDimensionality", 3);
            request.putObject("content").putArray("parts").addObject().put("text", text);
        }
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(URI.create(server.url() + "/v1beta/models/" + model + ":batchEmbedContents"))
                        .header("x-goog-api-key", key)
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return new Answer(response.statusCode(), JSON.readTree(response.body()));
    }

    @Test
    void shouldGiveEachTextItsOwnVectorWhenAskedForSeveral() throws Exception {
        try (GeminiServer server = GeminiServer.start()) {
            JsonNode embeddings = ask(server, "one", "two", "one").body().get("embeddings");

            assertThat(embeddings).hasSize(3);
            assertThat(embeddings.get(0)).isEqualTo(embeddings.get(2)).isNotEqualTo(embeddings.get(1));
            for (int i = 0; i < 3; i++) {
                assertThat(embeddings.get(1).get("values").get(i).floatValue())
                        .isEqualTo(GeminiVectors.of("two", 3)[i]);
            }
        }
    }

    @Test
    void shouldSayWhatTheApiSaysWhenTheQuotaIsUsedUp() throws Exception {
        try (GeminiServer server = GeminiServer.start("rpm", "3", "rpd", "3")) {
            ask(server, "a", "b", "c");

            Answer refusal = ask(server, "d");

            assertThat(refusal.status()).isEqualTo(429);
            JsonNode error = refusal.body().get("error");
            assertThat(error.get("code").asInt()).isEqualTo(429);
            assertThat(error.get("status").asText()).isEqualTo("RESOURCE_EXHAUSTED");
            JsonNode failure = error.get("details").get(0);
            assertThat(failure.get("@type").asText()).isEqualTo("type.googleapis.com/google.rpc.QuotaFailure");
            assertThat(failure.get("violations").findValuesAsText("quotaId"))
                    .containsExactly(
                            "EmbedContentRequestsPerMinutePerProjectPerModel-FreeTier",
                            "EmbedContentRequestsPerDayPerProjectPerModel-FreeTier");
            JsonNode retry = error.get("details").get(1);
            assertThat(retry.get("@type").asText()).isEqualTo("type.googleapis.com/google.rpc.RetryInfo");
            assertThat(retry.get("retryDelay").asText()).matches("\\d+\\.\\d\\ds");
            assertThat(server.payments("d")).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"item, 429", "call, 200"})
    void shouldCountTextsOrCallsWhenToldSo(String weight, int status) throws Exception {
        try (GeminiServer server = GeminiServer.start("rpm", "3", "weight", weight)) {
            ask(server, "a", "b");

            assertThat(ask(server, "c", "d").status()).isEqualTo(status);
        }
    }

    @Test
    void shouldNotSayHowLongToWaitWhenToldSo() throws Exception {
        try (GeminiServer server = GeminiServer.start("rpm", "1", "retry-info", "false")) {
            assertThat(ask(server, "a", "b").body().toString())
                    .contains("QuotaFailure")
                    .doesNotContain("RetryInfo");
        }
    }

    @Test
    void shouldSeeWhoComesTooEarlyWhenItHasAskedForAWait() throws Exception {
        try (GeminiServer server = GeminiServer.start("rpm", "1")) {
            ask(server, "a");
            assertThat(server.report().hasty()).isZero();
            ask(server, "b");
            ask(server, "c");

            assertThat(server.report().hasty()).isOne();
            assertThat(server.report().quotaExceeded()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 400", "1, 200", "100, 200", "101, 400"})
    void shouldTakeAHundredTextsAtMostWhenTheyComeTogether(int texts, int status) throws Exception {
        try (GeminiServer server = GeminiServer.start()) {
            assertThat(ask(server, Collections.nCopies(texts, "text").toArray(String[]::new))
                            .status())
                    .isEqualTo(status);
        }
    }

    @Test
    void shouldRefuseTheWholeCallWhenOneTextIsPoison() throws Exception {
        try (GeminiServer server = GeminiServer.start()) {
            Answer refusal = ask(server, "good", "some POISON in it");

            assertThat(refusal.status()).isEqualTo(400);
            assertThat(refusal.body().at("/error/status").asText()).isEqualTo("INVALID_ARGUMENT");
            assertThat(server.payments("good"))
                    .extracting(GeminiBill.Payment::answered)
                    .containsExactly(false);
        }
    }

    @Test
    void shouldKnowItsKeyAndItsModelsOnly() throws Exception {
        try (GeminiServer server = GeminiServer.start("key", "right")) {
            assertThat(askAs(server, "gemini-embedding-001", "right", "text").status())
                    .isEqualTo(200);
            Answer wrongKey = askAs(server, "gemini-embedding-001", "wrong", "text");
            assertThat(wrongKey.status()).isEqualTo(400);
            assertThat(wrongKey.body().toString()).contains("API key not valid", "API_KEY_INVALID");
            assertThat(askAs(server, "text-embedding-004", "right", "text").status())
                    .isEqualTo(404);
            assertThat(server.report().refused()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"drops", "halves"})
    void shouldBreakTheConnectionWhenToldSo(String fault) throws Exception {
        try (GeminiServer server = GeminiServer.start(fault, "1")) {
            assertThatThrownBy(() -> ask(server, "text")).isInstanceOf(IOException.class);
            assertThat(server.payments("text"))
                    .extracting(GeminiBill.Payment::answered)
                    .containsOnly(false);
        }
    }

    @Test
    void shouldSendTooFewOrTooManyVectorsWhenToldSo() throws Exception {
        try (GeminiServer server = GeminiServer.start("miscounts", "1")) {
            for (int i = 0; i < 10; i++) {
                assertThat(ask(server, "a", "b").body().get("embeddings").size())
                        .isIn(1, 3);
            }
        }
    }

    @Test
    void shouldFailAboutAsOftenAsToldWhenItIsToFail() throws Exception {
        try (GeminiServer server = GeminiServer.start("errors", "0.3")) {
            int[] statuses = new int[200];
            for (int i = 0; i < statuses.length; i++) {
                statuses[i] = ask(server, "text").status();
            }

            assertThat(statuses).contains(200, 500, 503);
            assertThat(Arrays.stream(statuses).filter(it -> it >= 500).count()).isBetween(40L, 80L);
            assertThat(server.report().failed())
                    .isEqualTo(Arrays.stream(statuses).filter(it -> it >= 500).count());
        }
    }

    @Test
    void shouldFailTheNextCallsOnlyWhenToldSo() throws Exception {
        try (GeminiServer server = GeminiServer.start()) {
            server.failNext(2);

            assertThat(ask(server, "text").status()).isGreaterThanOrEqualTo(500);
            assertThat(ask(server, "text").status()).isGreaterThanOrEqualTo(500);
            assertThat(ask(server, "text").status()).isEqualTo(200);
            assertThat(server.payments("text"))
                    .extracting(GeminiBill.Payment::answered)
                    .containsExactly(false, false, true);
            assertThat(server.report().answeredTwice()).isZero();
        }
    }

    @Test
    void shouldAnswerNobodyWhenItIsDown() throws Exception {
        try (GeminiServer server = GeminiServer.start()) {
            server.down(true);
            assertThatThrownBy(() -> ask(server, "text")).isInstanceOf(IOException.class);
            server.down(false);

            assertThat(ask(server, "text").status()).isEqualTo(200);
            assertThat(server.payments("text")).hasSize(1);
        }
    }

    @Test
    void shouldTellOtherProcessesWhatItSawWhenAskedOverHttp() throws Exception {
        try (GeminiServer server = GeminiServer.start("rpd", "4", "characters-per-token", "2")) {
            ask(server, "abcd", "abcde");
            ask(server, "abcd");

            JsonNode report = get(server, "/stub/report");
            JsonNode payments = get(server, "/stub/payments");

            assertThat(report.get("answered").asInt()).isEqualTo(3);
            assertThat(report.get("answeredTwice").asInt()).isOne();
            assertThat(report.get("mostTokens").asInt()).isEqualTo(7);
            assertThat(report.get("windows").get(0).get("requests").asInt()).isEqualTo(3);
            assertThat(payments.get("abcd")).hasSize(2);
            assertThat(payments.get("abcde").get(0).get("answered").asBoolean()).isTrue();
            assertThat(ask(server, "a", "b").status()).isEqualTo(429);
            post(server, "/stub/new-day");
            assertThat(ask(server, "a", "b").status()).isEqualTo(200);
        }
    }

    private JsonNode get(GeminiServer server, String path) throws IOException, InterruptedException {
        return JSON.readTree(http.send(
                        HttpRequest.newBuilder(URI.create(server.url() + path)).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body());
    }

    private void post(GeminiServer server, String path) throws IOException, InterruptedException {
        http.send(
                HttpRequest.newBuilder(URI.create(server.url() + path))
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.discarding());
    }

    @Test
    void shouldTellLongTextsApartWhenTheyBeginAlike() {
        GeminiBill bill = new GeminiBill();
        String same = "x".repeat(200);
        bill.add(List.of(same + 1), new GeminiBill.Payment(4, 5, true));

        assertThat(bill.of(same + 1)).hasSize(1);
        assertThat(bill.of(same + 2)).isEmpty();
    }

    @Test
    void shouldNameTheSettingWhenThereIsNoneOfThatName() {
        assertThatThrownBy(() -> GeminiSettings.of("--rps", "1")).hasMessageContaining("rps");
        assertThatThrownBy(() -> GeminiSettings.of("--rpm")).hasMessageContaining("value");
        assertThatThrownBy(() -> GeminiSettings.of("errors", "0.6", "drops", "0.5"))
                .hasMessageContaining("rates");
    }
}
