package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenEstimateTest {
    private final TokenEstimate estimate = new TokenEstimate(4, 10, "");

    @ParameterizedTest
    @CsvSource({
        "'', 1",
        "abc, 1",
        "abcd, 1",
        "abcde, 2",
        "äöüßé, 2",
        "日本語, 3",
        "日本 abcd, 4",
        "\uD83D\uDE00\uD83D\uDE00, 2",
        "日日日日日日日日日, 9",
        "日日日日日日日日日日, 10",
        "日日日日日日日日日日日, 10",
    })
    void shouldRatherCountTooManyWhenTheScriptIsNotLatin(String text, int tokens) {
        assertThat(estimate.of(text)).isEqualTo(tokens);
    }

    @ParameterizedTest
    @CsvSource({"'', 8", "abcd, 9", "abcde, 10", "abcdefghi, 10"})
    void shouldCountWhatIsPutBeforeEachTextWhenTheModelReadsIt(String text, int tokens) {
        String prefix = GeminiModel.named("gemini-embedding-2").prefix("CLASSIFICATION");

        assertThat(new TokenEstimate(4, 10, prefix).of(text)).isEqualTo(tokens);
    }

    @Test
    void shouldRefuseWhenTokensHaveNoLengthOrNoneIsRead() {
        assertThatThrownBy(() -> new TokenEstimate(0, 1, "")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TokenEstimate(1, 0, "")).isInstanceOf(IllegalArgumentException.class);
    }
}
