package dev.sluice.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A check that cannot fail is no proof: decoders with bugs planted in them. */
class FuzzTest {
    private static final int TRIES = 100_000;
    private static final List<byte[]> SEEDS = List.of("sluice:0001:text".getBytes(StandardCharsets.UTF_8));

    private static void fuzz(Fuzz.Decoder decoder) {
        Fuzz.of("a decoder", decoder, IllegalArgumentException.class)
                .from(SEEDS)
                .endsWithin(Duration.ofMillis(500))
                .run(TRIES, 7);
    }

    @Test
    void shouldFindTheExceptionThatNobodyKnowsOfBehindThreeChecksAndTellTheShortestInput() {
        assertThatThrownBy(() -> fuzz(input -> {
                    check(input.length > 4);
                    check(input[1] == 'm');
                    check(input[2] == 't');
                    check(input[3] == 'h');
                    return new int[] {1}[input[4] == 'b' ? 1 : 0];
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("seed 7")
                .hasMessageContaining("not documented: java.lang.ArrayIndexOutOfBoundsException")
                .hasMessageContaining("of 5 bytes")
                .hasCauseInstanceOf(ArrayIndexOutOfBoundsException.class);
    }

    @Test
    void shouldFindTheLengthThatIsBelievedWhenFourBytesAskForMemory() {
        assertThatThrownBy(() -> fuzz(input -> {
                    check(input.length >= 4);
                    int length = ByteBuffer.wrap(input).getInt();
                    check(length >= 0 && length < 1 << 28);
                    return new byte[length];
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("it allocated");
    }

    @Test
    void shouldFindTheStackThatOverflowsWhenWhatIsNestedIsReadByRecursion() {
        assertThatThrownBy(() -> fuzz(input -> nested(input, 0))).hasMessageContaining("StackOverflowError");
    }

    @Test
    void shouldFindTheInputThatNeverEnds() {
        AtomicBoolean goesOn = new AtomicBoolean(true); // or its thread would compute beside all other tests
        try {
            assertThatThrownBy(() -> fuzz(input -> {
                        long sum = 0;
                        for (int i = 0; input.length > 6 && input[6] == 'x' && goesOn.get(); i++) {
                            sum += i;
                        }
                        check(goesOn.get());
                        return sum;
                    }))
                    .hasMessageContaining("no end after");
        } finally {
            goesOn.set(false);
        }
    }

    @Test
    void shouldFindNothingWhenTheDecoderIsSound() {
        assertThatCode(() -> fuzz(input -> {
                    check(input.length > 7 && input[6] == ':');
                    return new String(input, StandardCharsets.UTF_8);
                }))
                .doesNotThrowAnyException();
    }

    @Test
    void shouldTryTheSameInputsWhenTheSeedIsTheSameAndOthersWhenNot() {
        assertThat(hashes(1)).isEqualTo(hashes(1)).isNotEqualTo(hashes(2));
    }

    private static List<Integer> hashes(long seed) {
        List<Integer> hashes = new ArrayList<>();
        Fuzz.of(
                        "a decoder",
                        input -> {
                            hashes.add(Arrays.hashCode(input));
                            check(input.length > 2 && input[1] == 'l' && input[2] != 'u');
                            return "read";
                        },
                        IllegalArgumentException.class)
                .from(SEEDS)
                .run(1000, seed);
        return hashes;
    }

    private static Object nested(byte[] input, int at) {
        return at < input.length && input[at] == input[0]
                ? Stream.of(at + 1).map(next -> nested(input, next)).toList()
                : "end";
    }

    private static void check(boolean holds) {
        if (!holds) {
            throw new IllegalArgumentException("refused");
        }
    }
}
