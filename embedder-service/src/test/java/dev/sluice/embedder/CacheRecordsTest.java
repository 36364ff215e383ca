package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.CachedEmbedding;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheRecordsTest {
    private static final RecordCodec<CachedEmbedding> CODEC =
            Topics.ofDefaults().embeddingCache().codec();
    private static final EmbeddingSpace OTHER = EmbeddingSpace.newBuilder(FakeEmbeddingModel.SPACE)
            .setModel("other")
            .build();

    private final CacheRecords records = new CacheRecords(CODEC, FakeEmbeddingModel.SPACE);
    private final String key = records.keyOf("a text");

    private byte[] value(float... vector) {
        return records.valueOf(vector, Instant.EPOCH);
    }

    /** The hash is Python's. */
    @Test
    void shouldHashSpaceAndTextInUtf8WhenAKeyIsMade() {
        assertThat(records.keyOf("Gr\u00fc\u00dfe"))
                .isEqualTo("94cde02fdef647fa887d5c3ef3b78d640720d265d95373bc76bcc9900f04ef57");
    }

    @Test
    void shouldHaveOtherKeysInOtherSpacesWhenTheTextIsTheSame() {
        assertThat(new CacheRecords(CODEC, OTHER).keyOf("a text")).isNotEqualTo(key);
    }

    @Test
    void shouldGiveTheVectorWhenItsSpaceIsOurs() {
        assertThat(records.vectorOf(key, value(0.5f, -1))).contains(new float[] {0.5f, -1});
    }

    @Test
    void shouldGiveNothingWhenTheSpaceIsAnother() {
        byte[] theirs = new CacheRecords(CODEC, OTHER).valueOf(new float[] {1, 2}, Instant.EPOCH);

        assertThat(records.vectorOf(key, theirs)).isEmpty();
    }

    @Test
    void shouldGiveNothingWhenTheVectorWasWithdrawn() {
        assertThat(records.vectorOf(key, null)).isEmpty();
    }

    static Stream<float[]> wrongVectors() {
        return Stream.of(
                new float[] {},
                new float[] {1},
                new float[] {1, 2, 3},
                new float[] {0, 0},
                new float[] {1, Float.NaN},
                new float[] {Float.POSITIVE_INFINITY, 1});
    }

    @ParameterizedTest
    @MethodSource("wrongVectors")
    void shouldRefuseWhenTheVectorCannotBeOfTheSpace(float[] wrong) {
        assertThatThrownBy(() -> records.vectorOf(key, value(wrong))).isInstanceOf(UnreadableRecordException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "a text", "0123456789abcdef"})
    void shouldRefuseWhenTheKeyIsNoHash(String wrong) {
        assertThatThrownBy(() -> records.vectorOf(wrong, value(1, 2)))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining("key");
    }

    @Test
    void shouldRefuseWhenTheBytesAreNoRecord() {
        assertThatThrownBy(() -> records.vectorOf(key, new byte[] {1, 2, 3}))
                .isInstanceOf(UnreadableRecordException.class);
    }
}
