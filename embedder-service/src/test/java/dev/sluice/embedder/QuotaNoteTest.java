package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuotaNoteTest {
    private static final Map<QuotaKind, Long> WIDTHS = Map.of(QuotaKind.REQUESTS, 1000L, QuotaKind.DAY, 10_000L);

    private static QuotaNote note(Map<Long, Long> requests, Map<Long, Long> day) {
        return new QuotaNote(
                false, Map.of(QuotaKind.REQUESTS, new TreeMap<>(requests), QuotaKind.DAY, new TreeMap<>(day)));
    }

    @Test
    void shouldRoundEndsUpWhenTheyAreWithinABucket() {
        QuotaNote note =
                note(Map.of(36_000L, 1L, 36_001L, 2L, 36_999L, 3L, 37_000L, 4L, 39_000L, 5L), Map.of(20_000L, 7L));

        String text = note.text(WIDTHS);

        assertThat(text).isEqualTo("q1 r rrs:10.1,.9,2.5 d7ps:2.7");
        assertThat(QuotaNote.parse(text))
                .isEqualTo(note(Map.of(36_000L, 1L, 37_000L, 9L, 39_000L, 5L), Map.of(20_000L, 7L)));
    }

    @Test
    void shouldStayBelowAKilobyteWhenTheLargestQuotasAreUsedEvenly() {
        TreeMap<Long, Long> minute = new TreeMap<>();
        for (int bucket = 0; bucket < 62; bucket++) { // of 60, and what rounding adds
            minute.put(1_790_000_000_000L + bucket * 1000L, Integer.MAX_VALUE / 60L);
        }
        minute.put(1_790_000_090_000L, (long) Integer.MAX_VALUE);
        TreeMap<Long, Long> day = new TreeMap<>(
                Map.of(1_790_000_000_000L, (long) Integer.MAX_VALUE, 1_790_086_400_000L, (long) Integer.MAX_VALUE));
        QuotaNote note =
                new QuotaNote(true, Map.of(QuotaKind.REQUESTS, minute, QuotaKind.TOKENS, minute, QuotaKind.DAY, day));

        String text = note.text(Map.of(QuotaKind.REQUESTS, 1000L, QuotaKind.TOKENS, 1000L, QuotaKind.DAY, 10_000L));

        assertThat(text.length()).isBetween(500, 1024);
        assertThat(QuotaNote.parse(text)).isEqualTo(note);
    }

    @Test
    void shouldSayLittleWhenNothingIsUsed() {
        assertThat(note(Map.of(), Map.of()).text(WIDTHS)).isEqualTo("q1 r");
        assertThat(new QuotaNote(true, Map.of()).text(Map.of())).isEqualTo("q1 h");
        assertThat(QuotaNote.parse("q1 h").held()).isTrue();
        assertThat(QuotaNote.parse("q1 r").of(QuotaKind.TOKENS)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "q1",
                "q1 ",
                "q0 h",
                "q1 x",
                "q1 r ",
                "q1 r r",
                "q1 r :1.1",
                "q1 r r:1.1",
                "q1 r r1:1",
                "q1 r r1:1.",
                "q1 r r1:-1.1",
                "q1 r r1:1.1,",
                "q1 r r1:1.é",
                "q1 r z1:1.1",
                "q1 r r1:1.zzzzzzzzzzzzzzzz",
                "q1 r r2:1y2p0ij32e8e7.1",
                "q1 r r1:1y2p0ij32e8e7.1,.1"
            })
    void shouldRefuseWhenTheTextIsNoNote(String text) {
        assertThatThrownBy(() -> QuotaNote.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
