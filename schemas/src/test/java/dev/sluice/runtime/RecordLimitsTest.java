package dev.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.UnreadableRecordException;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class RecordLimitsTest {
    private static final Headers NONE = new RecordHeaders();

    @Test
    void shouldRefuseAValueWhenItIsAboveTheLimitOfItsTopic() {
        assertInThrees(
                500,
                size -> RecordLimits.check(null, new byte[size], NONE, 500),
                "the value has 501 bytes; it may have 500: send less, or in parts");
    }

    @Test
    void shouldRefuseAKeyWhenItIsTooLong() {
        assertInThrees(
                RecordLimits.MAX_KEY_BYTES,
                size -> RecordLimits.check(new byte[size], null, NONE, 1),
                "the key has 32769 bytes; it may have 32768: use a shorter id");
        assertInThrees(
                RecordLimits.MAX_KEY_BYTES,
                size -> RecordLimits.check(
                        Post.newBuilder().setId("x".repeat(size)).build()),
                "the post's id has 32769 bytes; it may have 32768");
    }

    @Test
    void shouldRefuseHeadersWhenThereAreTooMany() {
        assertInThrees(
                RecordLimits.MAX_HEADERS,
                count -> {
                    Headers headers = new RecordHeaders();
                    IntStream.range(0, count).forEach(i -> headers.add("h", null));
                    RecordLimits.check(null, null, headers, 1);
                },
                "the record has 129 headers; it may have 128: send fewer");
    }

    @Test
    void shouldRefuseHeadersWhenTheyAreTooLarge() {
        assertInThrees(
                RecordLimits.MAX_HEADER_BYTES,
                size -> RecordLimits.check(
                        null,
                        null,
                        new RecordHeaders().add("ä", new byte[size - 3]).add("b", new byte[0]),
                        1),
                "the headers together have 65537 bytes; they may have 65536: send fewer");
    }

    @Test
    void shouldNotCountWhatSluiceAddsWhenTheRecordIsFull() {
        Headers full = new RecordHeaders();
        IntStream.range(0, RecordLimits.MAX_HEADERS).forEach(i -> full.add("h", new byte[511]));
        Headers onItsWay = PostedAt.added(full, Long.MAX_VALUE).add(DeadLetters.REDRIVES, new byte[] {'1'});

        RecordLimits.check(null, null, onItsWay, 1);

        assertThatThrownBy(() -> RecordLimits.check(
                        null, null, new RecordHeaders(onItsWay).add(DeadLetters.REDRIVES, new byte[] {'1'}), 1))
                .as("a name counts but once")
                .hasMessageContaining("the record has 129 headers");
    }

    @Test
    void shouldCountAHeaderOfOursWhenItIsNoNumberOfOurs() {
        assertInThrees(
                19,
                size -> {
                    Headers headers = new RecordHeaders();
                    IntStream.range(0, RecordLimits.MAX_HEADERS).forEach(i -> headers.add("h", null));
                    RecordLimits.check(null, null, headers.add(PostedAt.HEADER, new byte[size]), 1);
                },
                "the record has 129 headers");
    }

    @Test
    void shouldRefuseAPostWhenItHasTooManyAttributes() {
        assertInThrees(
                RecordLimits.MAX_ATTRIBUTES,
                count -> RecordLimits.check(
                        Post.newBuilder().setAttributes(attributes(count)).build()),
                "the post has 1001 attributes; it may have 1000: put several into one as text");
    }

    @Test
    void shouldRefuseATextWhenItIsTooLong() {
        assertInThrees(
                RecordLimits.MAX_TEXT_CHARACTERS,
                size -> RecordLimits.checkText("x".repeat(size)),
                "the text has 1048577 characters; it may have 1048576: shorten it");
    }

    private static Map<String, String> attributes(int count) {
        return IntStream.range(0, count).boxed().collect(Collectors.toMap(i -> "a" + i, i -> "v"));
    }

    private static void assertInThrees(int limit, IntConsumer check, String reason) {
        check.accept(limit - 1);
        check.accept(limit);
        assertThatThrownBy(() -> check.accept(limit + 1))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining(reason);
    }
}
