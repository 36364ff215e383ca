package dev.sluice.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignificanceTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0, 1",
        "0, 5, 1",
        "-1, 5, 1",
        "5, -1, 0.03125", // as 5 and 0
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

    @ParameterizedTest
    @CsvSource({
        "3, 4, 1, 4, 0.242857142857", // the lady tasting tea: (16 + 1) / 70
        "91, 100, 80, 100, 0.021615833212",
        "80, 100, 90, 100, 0.985933147611",
        "9, 10, 900, 1000, 0.736294645572",
        "8, 8, 1, 8, 0.000699300699",
        "0, 10, 0, 20, 1",
        "10, 10, 20, 20, 1",
        "0, 0, 5, 10, 1",
        "5, 10, 0, 0, 1",
        "8, 8, -1, 8, 0.000077700078", // as 8 and 0: 1 of 12,870
        "-1, 8, 8, 8, 1"
    })
    void shouldBeFishersTestWhenExamplesAreNotVeryMany(
            long right, long examples, long otherRight, long otherExamples, double expected) {
        assertThat(Significance.ofShares(right, examples, otherRight, otherExamples))
                .isCloseTo(expected, within(1e-11));
    }

    @ParameterizedTest
    @CsvSource({
        "4600, 5000, 4550, 5000, 0.0394317414",
        "4601, 5001, 4550, 5000, 0.0391735441",
        "5520, 6000, 5460, 6000, 0.0267029666"
    })
    void shouldComeNearFishersTestWhenExamplesAreVeryMany(
            long right, long examples, long otherRight, long otherExamples, double exact) {
        double tolerance = examples + otherExamples <= Significance.EXACT_SHARES_UP_TO ? 1e-9 : 1e-4;
        assertThat(Significance.ofShares(right, examples, otherRight, otherExamples))
                .isCloseTo(exact, within(tolerance));
    }

    @ParameterizedTest
    @CsvSource({"20, 380, 0.98", "20, 380, 0.5", "20, 20, 0.9", "50, 200, 0.95"})
    void shouldErrNoMoreOftenThanItSaysWhenSidesAreSmallOrLopsided(int examples, int otherExamples, double accuracy) {
        double better = 0;
        double worse = 0;
        for (int right = 0; right <= examples; right++) {
            for (int other = 0; other <= otherExamples; other++) {
                double chance = binomial(examples, right, accuracy) * binomial(otherExamples, other, accuracy);
                if (chance > 1e-9) {
                    better += Significance.ofShares(right, examples, other, otherExamples) < 0.025 ? chance : 0;
                    worse += Significance.ofShares(other, otherExamples, right, examples) < 0.025 ? chance : 0;
                }
            }
        }

        assertThat(better).isLessThan(0.025);
        assertThat(worse).isLessThan(0.025);
    }

    private static double binomial(int n, int k, double p) {
        double term = Math.pow(1 - p, n - k) * Math.pow(p, k);
        for (int i = 1; i <= k; i++) {
            term *= (double) (n - k + i) / i;
        }
        return term;
    }

    @ParameterizedTest
    @CsvSource({"1, 10.828", "3, 16.266", "19, 43.820", "99, 148.230"})
    void shouldKnowThePointThatChiSquaredStaysBelowInAThousand(int freedom, double table) {
        assertThat(Significance.chiSquared(freedom, 3.0902)).isCloseTo(table, within(0.04 * table));
    }
}
