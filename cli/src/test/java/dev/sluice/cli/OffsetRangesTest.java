package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OffsetRangesTest {
    @Test
    void shouldJoinRangesWhenTheyMeet() {
        OffsetRanges ranges = new OffsetRanges();
        for (long offset : new long[] {3, 5, 4, 4, 0, 9}) {
            ranges.add(offset);
        }

        assertThat(ranges).hasToString("0,3-5,9");
        assertThat(ranges.contains(2)).isFalse();
        assertThat(ranges.contains(3)).isTrue();
        assertThat(ranges.contains(5)).isTrue();
        assertThat(ranges.contains(6)).isFalse();
    }

    @Test
    void shouldBeTheSameSetWhenOffsetsComeInAnyOrderAndThroughText() {
        Random random = new Random(7);
        Set<Long> wanted = new HashSet<>();
        OffsetRanges ranges = OffsetRanges.parse("");
        for (int i = 0; i < 2000; i++) {
            long offset = random.nextInt(600);
            wanted.add(offset);
            ranges.add(offset);
            ranges = i % 100 == 0 ? OffsetRanges.parse(ranges.toString()) : ranges;
        }
        for (long offset = -1; offset <= 600; offset++) {
            assertThat(ranges.contains(offset)).as("%d", offset).isEqualTo(wanted.contains(offset));
        }
    }

    @ParameterizedTest
    @CsvSource({"0,2,'0-2,4-6,9'", "2,4,'0,2-6,9'", "0,4,'0-6,9'", "6,9,'0,2,4-9'", "1,4,'0,2,4-6,9'", "6,8,'0,2,4-6,9'"
    })
    void shouldFillAGapWhenNothingLiesInIt(long offset, long next, String joined) {
        OffsetRanges ranges = OffsetRanges.parse("0,2,4-6,9");

        ranges.join(offset, next);

        assertThat(ranges).hasToString(joined);
    }

    @Test
    void shouldBeOneRangeWhenEachLetterWasATransactionOfItsOwn() {
        OffsetRanges ranges = new OffsetRanges();
        for (long offset = 0; offset < 100_000; offset += 2) {
            ranges.add(offset);
            ranges.join(offset - 2, offset);
        }

        assertThat(ranges).hasToString("0-99998");
    }

    @Test
    void shouldForgetWhatLiesBelow() {
        for (int below : new int[] {3, 4, 5, 6, 7}) {
            OffsetRanges ranges = OffsetRanges.parse("0-1,4-6,9");

            ranges.forgetBelow(below);

            assertThat(ranges)
                    .hasToString(
                            switch (below) {
                                case 3, 4 -> "4-6,9";
                                case 5 -> "5-6,9";
                                case 6 -> "6,9";
                                default -> "9";
                            });
        }
    }

    @Test
    void shouldRefuseWhenTheTextIsNoRanges() {
        assertThatThrownBy(() -> OffsetRanges.parse("1-x")).isInstanceOf(IllegalArgumentException.class);
    }
}
