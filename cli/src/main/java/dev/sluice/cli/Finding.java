package dev.sluice.cli;

/**
 * One line of {@code sluice doctor}.
 *
 * @param about what was looked at: a word or two
 * @param ok whether it is as it should be
 * @param detail what was found; if it is not ok, the cure as well
 */
record Finding(String about, boolean ok, String detail) {
    static Finding ok(String about, String detail) {
        return new Finding(about, true, detail);
    }

    static Finding cure(String about, String detail) {
        return new Finding(about, false, detail);
    }
}
