package dev.sluice.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WordCountsTest {
    /** Reckoned in Python, by hash: orbit twice, day, orbit day, day orbit. */
    private static final String GOLDEN_BYTES =
            "2fb86a9e72ed129f000000401d8f57f418398dca0000803f" + "d5fc0053a59b33fd0000803fa9bf7e737732f0300000803f";

    @Test
    void shouldCountWordsPairsAndTheWordsOfTheTitleWhenAMailIsCounted() {
        WordCounts words = WordCounts.of("Re: Orbit decay\n\nThe orbit, the ORBIT and über-orbit: x 10 1.");

        assertThat(asMap(words))
                .isEqualTo(hashed(Map.ofEntries(
                        Map.entry("orbit", 4f),
                        Map.entry("decay", 1f),
                        Map.entry("über", 1f),
                        Map.entry("10", 1f),
                        Map.entry("orbit decay", 1f),
                        Map.entry("decay orbit", 1f),
                        Map.entry("orbit orbit", 1f),
                        Map.entry("orbit über", 1f),
                        Map.entry("über orbit", 1f),
                        Map.entry("orbit 10", 1f),
                        Map.entry("\torbit", 1f),
                        Map.entry("\tdecay", 1f))));
    }

    @ParameterizedTest
    @CsvSource({"orbit,ORBIT", "day,DAY"})
    void shouldGiveTheSameHashWhenTheCaseDiffers(String word, String other) {
        assertThat(WordCounts.of(word)).isEqualTo(WordCounts.of(other)).hasToString("1 words");
    }

    /** Versions outlive this code: the hashes of a recipe are for ever. */
    @Test
    void shouldWriteTheGoldenBytesWhenATextIsCounted() {
        WordCounts words = WordCounts.of("orbit day orbit");

        assertThat(HexFormat.of().formatHex(words.toBytes().array()))
                .isEqualTo(GOLDEN_BYTES)
                .hasSize(4 * 24);
        assertThat(WordCounts.fromBytes(words.toBytes())).isEqualTo(words);
    }

    @ParameterizedTest
    @CsvSource({"1,0", "2,1", "3,1", "39,1", "40,1", "41,0"})
    void shouldCountAWordWhenItIsNeitherTooShortNorTooLong(int length, int counted) {
        assertThat(WordCounts.of("z".repeat(length)).size()).isEqualTo(counted);
    }

    @ParameterizedTest
    @CsvSource({"299,2", "300,2", "301,1"})
    void shouldReadATitleWhenTheFirstParagraphIsShort(int length, int counted) {
        String title = "orbit" + " ".repeat(length - 5);

        assertThat(WordCounts.of(title + "\n\norbit").size() - 1).isEqualTo(counted);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n\n ", "the and of", "?!", "\ud800", "orbit\n\n"})
    void shouldReadNoTitleWhenNothingFollows(String text) {
        assertThat(WordCounts.of(text).size()).isEqualTo(text.startsWith("orbit") ? 1 : 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 11, 13})
    void shouldRefuseBytesWhenTheyAreNotOfWholeWords(int size) {
        assertThatThrownBy(() -> WordCounts.fromBytes(ByteBuffer.allocate(size)))
                .isInstanceOf(UnreadableRecordException.class);
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "2,1,1", "1,2,0", "1,2,NaN", "1,2,Infinity"})
    void shouldRefuseBytesWhenHashesDoNotRiseOrNothingIsCounted(long first, long second, float count) {
        ByteBuffer bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(first).putFloat(1).putLong(second).putFloat(count).flip();

        assertThatThrownBy(() -> WordCounts.fromBytes(bytes)).isInstanceOf(UnreadableRecordException.class);
    }

    private static Map<Long, Float> asMap(WordCounts words) {
        Map<Long, Float> map = new TreeMap<>();
        for (int i = 0; i < words.size(); i++) {
            map.put(words.hash(i), words.count(i));
        }
        return map;
    }

    private static Map<Long, Float> hashed(Map<String, Float> counts) {
        Map<Long, Float> map = new TreeMap<>();
        counts.forEach((word, count) -> map.put(fnv1a(word), count));
        return map;
    }

    private static long fnv1a(String text) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash ^= b & 0xff;
            hash *= 1099511628211L;
        }
        return hash;
    }
}
