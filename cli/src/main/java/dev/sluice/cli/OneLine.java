package dev.sluice.cli;

/** Text of unknown origin as a part of one line on a terminal: no line breaks, no escape sequences, not too long. */
final class OneLine {
    private OneLine() {}

    /** @param most characters, 4 or more */
    static String of(String text, int most) {
        String line = text.replaceAll("[\\p{Cntrl}\\p{Cf}]+", " ").strip();
        return line.length() <= most ? line : line.substring(0, most - 3) + "...";
    }
}
