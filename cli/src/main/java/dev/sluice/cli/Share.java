package dev.sluice.cli;

import java.math.BigDecimal;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A share of the posts as people type and read it: {@code 10%} or {@code 0.1}.
 *
 * @param value above 0, at most 1
 */
record Share(double value) {

    static String text(double share) {
        BigDecimal percent = BigDecimal.valueOf(share).movePointRight(2).stripTrailingZeros();
        return percent.toPlainString() + "%";
    }

    /** A number above 1 without a sign is refused: 5 may be meant as 5 % or as all of it. */
    static final class Converter implements ITypeConverter<Share> {
        @Override
        public Share convert(String text) {
            try {
                boolean percent = text.strip().endsWith("%");
                BigDecimal number =
                        new BigDecimal(percent ? text.strip().replace("%", "").strip() : text.strip());
                double value = (percent ? number.movePointLeft(2) : number).doubleValue();
                if (value > 0 && value <= 1) {
                    return new Share(value);
                }
            } catch (NumberFormatException e) {
                // told below, as any other
            }
            throw new TypeConversionException("'" + text + "' is no share: say 10% or 0.1, above 0, at most 1");
        }
    }
}
