package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ShareTest {
    private final Share.Converter converter = new Share.Converter();

    @ParameterizedTest
    @CsvSource({"10%,0.1,10%", "0.1,0.1,10%", "100%,1,100%", "1,1,100%", "2.5 %,0.025,2.5%", "0.001%,0.00001,0.001%"})
    void shouldReadAndShowAShareWhenItIsOne(String typed, double value, String shown) {
        assertThat(converter.convert(typed)).isEqualTo(new Share(value));
        assertThat(Share.text(value)).isEqualTo(shown);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0%", "-1%", "10", "1.01", "101%", "ten", "", "%"})
    void shouldSayWhatAShareIsWhenItIsNone(String typed) {
        assertThatThrownBy(() -> converter.convert(typed))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("say 10% or 0.1");
    }
}
