package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScaleTest {
    @ParameterizedTest
    @CsvSource({
        "0, 1.3",
        "-0.07, 1.05",
        "3, 3",
        "0, 0",
        "-5, -5",
        "1e-9, 2e-9",
        "-1e12, 1e12",
        "0.93, 0.94",
        "-1e100, 1e100",
        "0, 4.9e-324"
    })
    void shouldHoldAllNumbersBetweenItsMarksWhenItIsMadeAroundThem(double least, double most) {
        Scale scale = Scale.around(least, most);

        assertThat(scale.at(least)).isBetween(-1e-9, 1.0);
        assertThat(scale.at(most)).isBetween(0.0, 1 + 1e-9);
        assertThat(scale.marks()).hasSizeBetween(3, 12);
        assertThat(scale.marks().stream().map(scale::text)).doesNotHaveDuplicates();
    }

    @Test
    void shouldStandAtNumbersThatPeopleCountInWhenItIsMarked() {
        assertThat(texts(Scale.around(0, 1.3))).containsExactly("0.0", "0.2", "0.4", "0.6", "0.8", "1.0", "1.2", "1.4");
        assertThat(texts(Scale.around(0, 5_300)))
                .containsExactly("0", "1,000", "2,000", "3,000", "4,000", "5,000", "6,000");
        assertThat(texts(Scale.around(-0.07, 1.05)))
                .containsExactly("-0.2", "0.0", "0.2", "0.4", "0.6", "0.8", "1.0", "1.2");
    }

    @Test
    void shouldNotGoBeyondAShareWhenItIsOfShares() {
        assertThat(Scale.ofShares(0.93, 1.0).high()).isEqualTo(1);
        assertThat(Scale.ofShares(-0.05, 0.02).low()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 0.01", "0.5, 0.5", "0.99, 1", "1, 1"})
    void shouldSpanATenthAtLeastWhenItIsOfShares(double least, double most) {
        Scale scale = Scale.ofShares(least, most);

        assertThat(scale.high() - scale.low()).isBetween(0.1 - 1e-9, 0.3);
        assertThat(scale.at(least)).isBetween(-1e-9, 1.0);
        assertThat(scale.at(most)).isBetween(0.0, 1 + 1e-9);
    }

    @Test
    void shouldBeMarkedAtWholeNumbersOnlyWhenItIsOfEpochs() {
        assertThat(texts(Scale.ofWhole(1, 1))).containsExactly("1");
        assertThat(texts(Scale.ofWhole(1, 2))).containsExactly("1", "2");
        assertThat(texts(Scale.ofWhole(1, 3))).containsExactly("1", "2", "3");
        assertThat(texts(Scale.ofWhole(1, 200))).containsExactly("50", "100", "150", "200");
    }

    @Test
    void shouldTellPlacesFromBeginningToEndWhenAskedWhereANumberLies() {
        Scale scale = new Scale(-1, 3, 1);

        assertThat(scale.at(-1)).isZero();
        assertThat(scale.at(0)).isCloseTo(0.25, within(1e-12));
        assertThat(scale.at(3)).isEqualTo(1);
    }

    @Test
    void shouldBeRefusedWhenItSpansNothing() {
        assertThatThrownBy(() -> new Scale(1, 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Scale(0, 1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Scale(0, Double.NaN, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    private static List<String> texts(Scale scale) {
        return scale.marks().stream().map(scale::text).toList();
    }
}
