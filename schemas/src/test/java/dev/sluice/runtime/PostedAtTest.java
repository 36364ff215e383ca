package dev.sluice.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class PostedAtTest {
    @Test
    void shouldTakeThePlaceOfWhatWasSaidAndLeaveTheRestAlone() {
        Headers original = new RecordHeaders().add("a", bytes("1")).add(PostedAt.HEADER, bytes("7"));

        Headers marked = PostedAt.added(original, 1_700_000_000_000L);

        assertThat(PostedAt.of(marked)).hasValue(1_700_000_000_000L);
        assertThat(marked.headers(PostedAt.HEADER)).hasSize(1);
        assertThat(marked.lastHeader("a").value()).isEqualTo(bytes("1"));
        assertThat(PostedAt.of(original)).hasValue(7);
    }

    @Test
    void shouldKnowNoTimeWhenNoneIsTold() {
        byte[] nothing = null;
        assertThat(PostedAt.of(new RecordHeaders())).isEmpty();
        assertThat(PostedAt.of(new RecordHeaders().add(PostedAt.HEADER, nothing)))
                .isEmpty();
        assertThat(PostedAt.of(new RecordHeaders().add(PostedAt.HEADER, bytes("now"))))
                .isEmpty();
        assertThat(PostedAt.of(new RecordHeaders().add(PostedAt.HEADER, bytes("99999999999999999999"))))
                .isEmpty();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
