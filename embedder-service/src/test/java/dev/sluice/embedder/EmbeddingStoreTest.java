package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddingStoreTest {
    private static final long ONE = EmbeddingStore.bytesOf(2);

    private static String key(int i) {
        return String.format("%07x", i).repeat(10).substring(0, 64);
    }

    private static float[] vector(int i) {
        return new float[] {i, 1};
    }

    private static void fill(EmbeddingStore store, int from, int to) {
        IntStream.range(from, to).forEach(i -> store.put(key(i), vector(i)));
    }

    @ParameterizedTest
    @CsvSource({"2, 2", "3, 3", "4, 3"})
    void shouldKeepTheNewestWithinTheBoundWhenEntriesBelowAtAndAboveItArePut(int put, int kept) {
        EmbeddingStore store = new EmbeddingStore(1, 3 * ONE);

        fill(store, 0, put);

        assertThat(store.size()).isEqualTo(kept);
        assertThat(store.bytes()).isEqualTo(kept * ONE);
        assertThat(store.find(key(put - 1))).contains(vector(put - 1));
        assertThat(store.find(key(0)).isPresent()).isEqualTo(put == kept);
    }

    @ParameterizedTest
    @CsvSource({"-1, 2", "0, 3", "1, 3"})
    void shouldCountBytesWhenTheBoundIsAroundThreeEntries(int bytesMore, int kept) {
        EmbeddingStore store = new EmbeddingStore(1, 3 * ONE + bytesMore);

        fill(store, 0, 3);

        assertThat(store.size()).isEqualTo(kept);
    }

    @Test
    void shouldKeepWhatWasFoundLastWhenRoomIsNeeded() {
        EmbeddingStore store = new EmbeddingStore(1, 3 * ONE);
        fill(store, 0, 3);

        store.find(key(0));
        fill(store, 3, 4);

        assertThat(store.find(key(0))).isPresent();
        assertThat(store.find(key(1))).isEmpty();
    }

    @Test
    void shouldTakeTheRoomOnceWhenAKeyIsPutTwice() {
        EmbeddingStore store = new EmbeddingStore(1, 3 * ONE);

        fill(store, 0, 2);
        fill(store, 0, 2);

        assertThat(store.bytes()).isEqualTo(2 * ONE);
    }

    @Test
    void shouldLeaveTheFirstVectorWhenPutIfAbsentFindsOne() {
        EmbeddingStore store = new EmbeddingStore(1, 3 * ONE);

        assertThat(store.putIfAbsent(key(0), vector(1))).isTrue();
        assertThat(store.putIfAbsent(key(0), vector(2))).isFalse();

        assertThat(store.find(key(0))).contains(vector(1));
    }

    /** As at a start, when one broker answers sooner than the others. */
    @Test
    void shouldKeepTheNewestOfEachPartWhenThePartsAreFilledOneAfterAnother() {
        EmbeddingStore store = new EmbeddingStore(2, 4 * ONE);

        IntStream.of(0, 2, 4, 1, 3, 5, 7, 9).forEach(i -> store.put(key(i), vector(i)));

        assertThat(IntStream.range(0, 10).filter(i -> store.find(key(i)).isPresent()))
                .containsExactly(2, 4, 7, 9);
    }
}
