package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WaitingTextsTest {
    private static final TopicPartition P0 = new TopicPartition("posts", 0);
    private static final TopicPartition P1 = new TopicPartition("posts", 1);
    private static final long NOW = 1_000_000;

    private int fitting = Integer.MAX_VALUE;
    private final WaitingTexts waiting =
            new WaitingTexts(new BatchLimits(3, 3000, Duration.ofMillis(100)), it -> Math.min(fitting, it.size()));

    private void add(TopicPartition partition, String... texts) {
        for (String text : texts) {
            waiting.add(partition, new TextInHand(text, NOW));
        }
    }

    private Optional<List<String>> nextAfter(long millis) {
        return waiting.next(NOW + millis)
                .map(texts -> texts.stream().map(TextInHand::text).toList());
    }

    @ParameterizedTest
    @CsvSource({"2, false", "3, true", "4, true"})
    void shouldCallAtOnceWhenOnePartitionFillsACall(int texts, boolean called) {
        add(P0, List.of("a", "b", "c", "d").subList(0, texts).toArray(String[]::new));

        assertThat(nextAfter(0)).isEqualTo(called ? Optional.of(List.of("a", "b", "c")) : Optional.empty());
    }

    @ParameterizedTest
    @CsvSource({"99, false", "100, true", "101, true"})
    void shouldCallWithWhatIsThereWhenATextHasWaitedLongEnough(long millis, boolean called) {
        add(P0, "a");
        add(P1, "b");

        assertThat(nextAfter(millis)).isEqualTo(called ? Optional.of(List.of("a", "b")) : Optional.empty());
        assertThat(nextAfter(millis).isPresent()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1})
    void shouldKeepACallWithinItsBytesWhenTextsAreLong(int more) {
        int around = new TextInHand("", NOW).bytes();
        String half = "x".repeat(1500 - around);
        String other = "y".repeat(1500 - around + more);
        add(P0, half, other);

        assertThat(nextAfter(100)).contains(more <= 0 ? List.of(half, other) : List.of(half));
        assertThat(nextAfter(100)).isEqualTo(more <= 0 ? Optional.empty() : Optional.of(List.of(other)));
    }

    @Test
    void shouldCallForATextAloneWhenItIsLargerThanACall() {
        String large = "x".repeat(5000);
        add(P0, "a", large, "b");

        assertThat(nextAfter(0)).contains(List.of("a"));
        assertThat(nextAfter(0)).contains(List.of(large));
        assertThat(nextAfter(100)).contains(List.of("b"));
    }

    @Test
    void shouldNotMixPartitionsAndTakeTurnsWhenEachFillsACall() {
        add(P0, "a", "b", "c", "d", "e", "f");
        add(P1, "1", "2", "3", "4");

        assertThat(nextAfter(0)).contains(List.of("a", "b", "c"));
        assertThat(nextAfter(0)).contains(List.of("1", "2", "3"));
        assertThat(nextAfter(0)).contains(List.of("d", "e", "f"));
        assertThat(nextAfter(0)).isEmpty();
        assertThat(nextAfter(100)).contains(List.of("4"));
    }

    @Test
    void shouldNotKeepAQuietPartitionWaitingWhenABusyOneAlwaysFillsACall() {
        add(P0, "a", "b", "c", "d", "e", "f", "g", "h", "i");
        add(P1, "quiet");

        assertThat(nextAfter(100)).contains(List.of("a", "b", "c"));
        assertThat(nextAfter(100)).contains(List.of("quiet", "d", "e"));
    }

    @Test
    void shouldCallAtOnceWhenTheClockIsSetBack() {
        add(P0, "a");

        assertThat(nextAfter(-3_600_000)).contains(List.of("a"));
    }

    @Test
    void shouldMakeSmallerCallsAtOnceWhenTheQuotaAllowsNoLarger() {
        fitting = 1;
        add(P0, "a", "b");

        assertThat(nextAfter(0)).contains(List.of("a"));
        assertThat(nextAfter(0)).isEmpty();
        assertThat(nextAfter(100)).contains(List.of("b"));
    }

    @Test
    void shouldForgetAPartitionsTextsWhenTheyAreRemoved() {
        add(P0, "a");
        add(P1, "b");

        assertThat(waiting.remove(List.of(P0))).extracting(TextInHand::text).containsExactly("a");
        assertThat(nextAfter(100)).contains(List.of("b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "a \"quoted\" \\ word", "line\nline\u0001", "grüße", "日本語", "😀😀"})
    void shouldNeverUnderestimateATextsBytesInJson(String text) throws Exception {
        byte[] json = new com.fasterxml.jackson.databind.json.JsonMapper().writeValueAsBytes(text);

        assertThat(TextInHand.jsonBytes(text)).isGreaterThanOrEqualTo(json.length - 2);
    }
}
