package dev.sluice.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** How large and deep JSON may be, each limit in threes. */
class JsonLimitsTest {
    private static final int SHORT = 40_000;

    private final JsonRecords json = new JsonRecords(Post.getClassSchema(), SHORT);

    @Test
    void shouldRefuseWhenItIsNestedTooDeeply() {
        assertInThrees(
                JsonRecords.MAX_DEPTH,
                depth -> "{\"deep\":" + "[".repeat(depth - 1) + "]".repeat(depth - 1) + "}",
                "the JSON is nested 65 deep or more; it may be 64: write it flatter");
    }

    @Test
    void shouldRefuseWhenItIsNestedVeryDeeply() {
        assertThatThrownBy(() -> json.toSingleObject("{\"a\":".repeat(300_000).getBytes(UTF_8)))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining("nested 65 deep");
    }

    @Test
    void shouldRefuseWhenAStringIsTooLong() {
        assertInThrees(
                SHORT,
                length -> "{\"text\":\"" + "x".repeat(length) + "\"}",
                "a string of the JSON has 40001 characters or more; it may have 40000: shorten it");
    }

    @Test
    void shouldRefuseWhenANameIsTooLong() {
        assertInThrees(
                JsonRecords.MAX_NAME,
                length -> "{\"" + "n".repeat(length) + "\":1}",
                "a field's name of the JSON has 10001 characters or more; it may have 10000: shorten it");
    }

    @Test
    void shouldRefuseWhenANumberIsTooLong() {
        assertInThrees(
                JsonRecords.MAX_NUMBER,
                length -> "{\"n\":" + "9".repeat(length) + "}",
                "a number of the JSON has 1001 characters or more; it may have 1000: shorten it");
    }

    private void assertInThrees(int limit, IntFunction<String> text, String reason) {
        assertThat(json.toSingleObject(text.apply(limit - 1).getBytes(UTF_8))).isNotEmpty();
        assertThat(json.toSingleObject(text.apply(limit).getBytes(UTF_8))).isNotEmpty();
        assertThatThrownBy(() -> json.toSingleObject(text.apply(limit + 1).getBytes(UTF_8)))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessage(reason);
    }
}
