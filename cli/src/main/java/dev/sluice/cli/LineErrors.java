package dev.sluice.cli;

import java.nio.file.Path;

/** Errors in files that people write, always told with the file, the line, what is wrong and the cure. */
final class LineErrors {
    private LineErrors() {}

    /** @param line of the file, from 1 */
    static CommandException at(Path file, long line, String whatAndCure) {
        return new CommandException(file + ", line " + line + ": " + whatAndCure);
    }
}
