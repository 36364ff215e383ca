package dev.sluice.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** A file written whole or not at all: whoever reads it meanwhile, or after a full disk, has the one that was there before. */
public final class WholeFile {
    private WholeFile() {}

    /** Replaces what is there; what is no file, as /dev/stdout, is written to. */
    public static void write(Path file, byte[] bytes) throws IOException {
        Path whole = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
        if (Files.exists(whole) && !Files.isRegularFile(whole)) {
            Files.write(whole, bytes);
            return;
        }
        Path part = whole.resolveSibling("." + whole.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            Files.write(part, bytes, StandardOpenOption.CREATE_NEW);
            Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
