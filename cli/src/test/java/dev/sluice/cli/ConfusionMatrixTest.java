package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {
    @Test
    void shouldHeadColumnsWithLabelsWhenTheyFit() {
        ConfusionMatrix matrix =
                new ConfusionMatrix(List.of("ham", "spam"), List.of(List.of(1200L, 0L), List.of(1L, 2L)));

        assertThat(matrix.lines(100))
                .containsExactly(
                        "true \\ predicted    ham  spam  right",
                        "ham               1,200     ·   100%",
                        "spam                  1     2    67%");
    }

    @Test
    void shouldHeadColumnsWithLettersWhenLabelsAreTooLong() {
        ConfusionMatrix matrix = new ConfusionMatrix(List.of("ham", "spam"), List.of(List.of(1L, 0L), List.of(0L, 0L)));

        assertThat(matrix.lines(34)).contains("ham                 1     ·   100%");
        assertThat(matrix.lines(33)).containsExactly("        a  b  right", "a ham   1  ·   100%", "b spam  ·  ·");
    }

    @Test
    void shouldFitTheScreenWhenThereAreTwentyLongLabels() {
        ConfusionMatrix matrix = matrix(20, "talk.politics.something.", 398);

        assertThat(matrix.lines(98)).hasSize(21).allSatisfy(line -> assertThat(line.length())
                .isLessThanOrEqualTo(98));
        assertThat(matrix.lines(98).get(20)).startsWith("t talk.poli");
        assertThat(matrix.lines(10)).hasSize(21);
    }

    @Test
    void shouldGoOnWithTwoLettersWhenThereAreMoreThanTwentySixLabels() {
        List<String> lines =
                matrix(28, "a label that is far too long for a head ", 1).lines(98);

        assertThat(lines.get(26)).startsWith("z ");
        assertThat(lines.get(27)).startsWith("aa ");
        assertThat(lines.get(28)).startsWith("ab ");
    }

    @Test
    void shouldRefuseWhenItIsNotSquare() {
        assertThatThrownBy(() -> new ConfusionMatrix(List.of("a", "b"), List.of(List.of(1L, 2L))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static ConfusionMatrix matrix(int size, String name, long count) {
        List<List<Long>> rows = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            int row = i;
            rows.add(IntStream.range(0, size)
                    .mapToObj(j -> j == row ? count : 0L)
                    .toList());
        }
        return new ConfusionMatrix(
                IntStream.range(0, size).mapToObj(i -> name + i).toList(), rows);
    }
}
