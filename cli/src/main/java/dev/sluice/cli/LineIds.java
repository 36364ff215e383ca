package dev.sluice.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The ids of posts that stand on lines: their own, else the file's name and the line, so that a second reading gives the same. */
final class LineIds {
    private final Path file;
    private final Map<String, Long> lines = new HashMap<>();

    LineIds(Path file) {
        this.file = file;
    }

    /**
     * @param own the post's own id, or an empty text
     * @throws CommandException if another line has it already
     */
    String of(String own, long line) {
        String id = own.isEmpty() ? file.getFileName() + "/" + line : own;
        Long before = lines.putIfAbsent(id, line);
        if (before != null) {
            throw LineErrors.at(
                    file, line, "the id " + id + " stands on line " + before + " too; give each post its own, or none");
        }
        return id;
    }
}
