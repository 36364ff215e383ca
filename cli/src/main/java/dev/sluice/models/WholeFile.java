package dev.sluice.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** A file in one piece: written whole or not at all, so that whoever reads it meanwhile has the one before; read if not too large. */
public final class WholeFile {
    /** No topic takes a model that is so large. */
    static final long LARGEST = 1L << 30;

    private WholeFile() {}

    /** @throws InvalidPresetException if it cannot be read, or is larger than a model can be */
    public static byte[] read(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw new InvalidPresetException(file + " has " + Files.size(file) + " bytes: no model is so large");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new InvalidPresetException("cannot read " + file + " (" + e + ")", e);
        }
    }

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
