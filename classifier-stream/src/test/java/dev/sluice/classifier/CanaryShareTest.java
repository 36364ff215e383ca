package dev.sluice.classifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanaryShareTest {
    /** The first 8 bytes by Python: int.from_bytes(hashlib.sha256(id.encode()).digest()[:8], 'big') / 2**64. */
    @ParameterizedTest
    @CsvSource({"post-1,0.221593940651", "post-2,0.176822065490", "héllo,0.235478944506", "0,0.374708855292"})
    void shouldAgreeWithOtherLanguagesWhenTheShareIsJustAboveTheHash(String id, double hash) {
        assertThat(CanaryShare.holds(id, hash - 1e-9)).isFalse();
        assertThat(CanaryShare.holds(id, hash + 1e-9)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"0,0,0", "0.001,60,140", "0.1,9700,10300", "0.5,49500,50500", "1,100000,100000"})
    void shouldHoldItsShareWhenThereAreManyPosts(double share, long least, long most) {
        assertThat(IntStream.range(0, 100_000)
                        .filter(i -> CanaryShare.holds("post-" + i, share))
                        .count())
                .isBetween(least, most);
    }

    @Test
    void shouldHoldMoreWhenTheShareGrows() {
        assertThat(IntStream.range(0, 1_000).mapToObj(i -> "post-" + i).filter(id -> CanaryShare.holds(id, 0.1)))
                .allMatch(id -> CanaryShare.holds(id, 0.2));
    }
}
