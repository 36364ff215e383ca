package dev.sluice.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetsTest {
    @ParameterizedTest
    @CsvSource({
        "0,true",
        "-3.5,true",
        "9.9e29,true",
        "1e30,true",
        "-1e30,true",
        "1.1e30,false",
        "-1.1e30,false",
        "1e300,false",
        "NaN,false",
        "Infinity,false",
        "-Infinity,false"
    })
    void shouldKnowANumberThatCanBeLearnedWhenItIsFiniteAndNotTooLarge(double target, boolean learned) {
        assertThat(Targets.canBeLearned(target)).isEqualTo(learned);
    }
}
