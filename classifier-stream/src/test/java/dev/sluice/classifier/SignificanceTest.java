package dev.sluice.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignificanceTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0, 1",
        "0, 5, 1",
        "1, 0, 0.5",
        "5, 0, 0.03125", // (1/2)^5
        "4, 1, 0.1875", // (5 + 1) / 32
        "8, 2, 0.0546875", // (45 + 10 + 1) / 1024
        "1, 9, 0.9990234375", // 1 - 1/1024
    })
    void shouldBeTheSignTestWhenPairsAreFew(long gains, long losses, double expected) {
        assertThat(Significance.ofPairs(gains, losses)).isCloseTo(expected, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({"520, 480", "540, 460", "450, 550", "521, 480", "541, 460", "560, 442"})
    void shouldAgreeWithWholeNumbersWhenExactAndNearlyWhenBeyond(long gains, long losses) {
        double exact = countedByHand(gains, losses);

        double tolerance = gains + losses <= Significance.EXACT_UP_TO ? 1e-9 : 1e-3;
        assertThat(Significance.ofPairs(gains, losses)).isCloseTo(exact, within(tolerance));
    }

    /** The sum of binomial coefficients over 2^n, in whole numbers. */
    private static double countedByHand(long gains, long losses) {
        long n = gains + losses;
        BigInteger coefficient = BigInteger.ONE;
        BigInteger sum = BigInteger.ZERO;
        for (long k = n; k >= gains; k--) {
            sum = sum.add(coefficient);
            coefficient = coefficient.multiply(BigInteger.valueOf(k)).divide(BigInteger.valueOf(n - k + 1));
        }
        return new BigDecimal(sum)
                .divide(new BigDecimal(BigInteger.TWO.pow((int) n)), MathContext.DECIMAL64)
                .doubleValue();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0.5",
        "1, 0.158655253931",
        "1.959963984540, 0.025",
        "2.999999999, 0.001349898036",
        "3, 0.001349898032",
        "3.000000001, 0.001349898027",
        "5, 0.000000286652",
        "-1, 0.841344746069",
        "-40, 1",
        "40, 0"
    })
    void shouldBeTheTailOfTheNormalDistribution(double z, double expected) {
        assertThat(Significance.upperTail(z)).isCloseTo(expected, within(2e-12));
    }

    @Test
    void shouldCompareSharesByThePooledTest() {
        // 90 of 100 beside 80 of 100: pooled 0.85, z = 0.1 / sqrt(0.85 * 0.15 * 0.02) = 1.980295
        assertThat(Significance.ofShares(90, 100, 80, 100)).isCloseTo(0.0238353, within(1e-6));
        assertThat(Significance.ofShares(80, 100, 90, 100)).isCloseTo(1 - 0.0238353, within(1e-6));
        assertThat(Significance.ofShares(9, 10, 900, 1000)).isCloseTo(0.5, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 5, 10", "5, 10, 0, 0", "10, 10, 20, 20", "0, 10, 0, 20"})
    void shouldSayNothingWhenSharesTellNothing(long right, long examples, long otherRight, long otherExamples) {
        assertThat(Significance.ofShares(right, examples, otherRight, otherExamples))
                .isEqualTo(0.5);
    }

    @ParameterizedTest
    @CsvSource({"1, 10.828", "3, 16.266", "19, 43.820", "99, 148.230"})
    void shouldKnowThePointThatChiSquaredStaysBelowInAThousand(int freedom, double table) {
        assertThat(Significance.chiSquared(freedom, 3.0902)).isCloseTo(table, within(0.04 * table));
    }
}
