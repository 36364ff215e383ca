package dev.sluice.cli;

/**
 * What lines are written to: a screen, where they may be drawn over, or a file.
 *
 * @param moving whether a line may be drawn over
 * @param width in columns; held between 60 and 140, so that tables are neither crushed nor strewn
 */
record Display(boolean moving, int width) {
    private static final int NARROWEST = 60;
    private static final int WIDEST = 140;
    private static final int USUAL = 100;

    Display {
        width = Math.max(NARROWEST, Math.min(width, WIDEST));
    }

    /** This process's, as the launcher found it. */
    static Display ofProcess() {
        return new Display(Terminal.err(), Integer.getInteger("sluice.columns", USUAL));
    }

    static Display ofFile() {
        return new Display(false, USUAL);
    }
}
