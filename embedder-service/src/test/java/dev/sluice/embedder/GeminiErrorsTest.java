package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.genai.errors.ApiException;
import com.google.genai.errors.ClientException;
import com.google.genai.errors.GenAiIOException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GeminiErrorsTest {
    private static final String KEY = "AIza-not-a-real-key";
    private static final String MINUTE = "EmbedContentRequestsPerMinutePerProjectPerModel-FreeTier";
    private static final String DAY = "EmbedContentRequestsPerDayPerProjectPerModel-FreeTier";

    private final GeminiErrors errors = new GeminiErrors(KEY);

    private static String violation(String quotaId) {
        return "{\"quotaMetric\":\"m\",\"quotaId\":\"" + quotaId + "\"}";
    }

    private QuotaExceededException refusal(String violations, String retryDelay) {
        String details =
                "{\"@type\":\"type.googleapis.com/google.rpc.QuotaFailure\",\"violations\":[" + violations + "]}\n"
                        + (retryDelay.isEmpty()
                                ? ""
                                : "{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\""
                                        + retryDelay + "\"}");
        return (QuotaExceededException) errors.meaningOf(
                new ClientException(429, "RESOURCE_EXHAUSTED", "You exceeded your quota.\nDetails: " + details));
    }

    @Test
    void shouldTellDayFromMinuteWhenTheQuotaIsUsedUp() {
        assertThat(refusal(violation(MINUTE), "1s").isPerDay()).isFalse();
        assertThat(refusal(violation(DAY), "1s").isPerDay()).isTrue();
        assertThat(refusal(violation(MINUTE) + "," + violation(DAY), "1s").isPerDay())
                .isTrue();
        assertThat(refusal("", "1s").isPerDay()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"34.07s, 34070", "0s, 0", "34s, 34000", "34.074824224s, 34075", "600s, 600000"})
    void shouldReadHowLongToWaitWhenTheServerSaysSo(String delay, long millis) {
        assertThat(refusal(violation(MINUTE), delay).retryDelay()).hasValueSatisfying(wait -> assertThat(wait)
                .isBetween(Duration.ofMillis(millis - 1), Duration.ofMillis(millis)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "-5s", "99999999999999999999s"})
    void shouldKnowNoWaitWhenTheServerSaysNoneThatMakesSense(String delay) {
        assertThat(refusal(violation(MINUTE), delay).retryDelay()).isEmpty();
    }

    @Test
    void shouldSpeakOnOneLineWhenTheServerUsesMany() {
        assertThat(refusal(violation(MINUTE), "34.07s"))
                .hasMessageStartingWith("Gemini answered 429 RESOURCE_EXHAUSTED: You exceeded")
                .hasMessageContaining("34.07s")
                .message()
                .doesNotContain("\n");
        assertThat(errors.meaningOf(new ClientException(400, "INVALID_ARGUMENT", "x".repeat(100_000)))
                        .getMessage())
                .hasSizeLessThan(2100);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 408, 418, 429, 500, 503})
    void shouldHideTheKeyWhenTheServerRepeatsIt(int status) {
        RuntimeException meaning = errors.meaningOf(
                new ApiException(status, "STATUS", "no, not " + KEY, new IOException("header " + KEY)));

        assertThat(printed(meaning)).contains("[key]").doesNotContain(KEY);
    }

    @Test
    void shouldHideTheKeyWhenTheConnectionsTroubleHoldsIt() {
        RuntimeException meaning = errors.unavailable(
                "Gemini cannot be reached",
                new GenAiIOException("failed", new IOException(new IllegalStateException("value: " + KEY))));

        assertThat(printed(meaning)).doesNotContain(KEY);
    }

    @Test
    void shouldKeepTheCauseWhenTheKeyIsNotInIt() {
        ApiException cause = new ClientException(400, "INVALID_ARGUMENT", "no");

        assertThat(errors.meaningOf(cause)).hasCause(cause);
    }

    private static String printed(Throwable e) {
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        return trace.toString();
    }
}
