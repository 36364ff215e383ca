package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TextTableTest {
    @Test
    void shouldAlignNumbersToTheRightAndTextToTheLeftWhenPrinted() {
        TextTable table = new TextTable("name", "count", "note").row("a", 7, "").row("longer", 1200, "x");

        assertThat(table.lines()).containsExactly("name    count  note", "a           7", "longer   1200  x");
    }

    @Test
    void shouldTreatAColumnAsTextWhenOneValueIsNoNumber() {
        assertThat(new TextTable("v").row("1").row("none").lines()).containsExactly("v", "1", "none");
    }

    @Test
    void shouldPrintTheHeaderAloneWhenThereAreNoRows() {
        assertThat(new TextTable("a", "b").lines()).containsExactly("a  b");
    }

    @Test
    void shouldRefuseARowWhenItHasAnotherNumberOfCells() {
        assertThatThrownBy(() -> new TextTable("a", "b").row(1)).isInstanceOf(IllegalArgumentException.class);
    }
}
