package dev.sluice.trainer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A file that grows by parts, each mapped into memory. It has no name from the moment it is there, where the operating system
 * allows that (elsewhere it goes when it is closed), so a process that is killed leaves nothing. Each part is written before it
 * is mapped: that a disk is full is told when room is asked for, and not by a signal to whoever writes. A part is unmapped, and the
 * disk has its room again, when nobody can read it any more: by the garbage collector. To be used by one thread.
 */
final class TemporaryFile {
    private static final byte[] ZEROS = new byte[64 << 10];
    private static final long COLLECTING_MILLIS = 200;

    private final Path folder;
    private FileChannel file;

    /**
     * Nothing is written yet.
     *
     * @param folder there, or to be made
     * @throws UncheckedIOException naming the folder and the cure, if it cannot be written to
     */
    TemporaryFile(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw unusable(e);
        }
        if (!Files.isWritable(folder)) {
            throw unusable(new IOException("it cannot be written to"));
        }
    }

    /**
     * @param size in bytes, 1 or more
     * @return zeros, mapped; they may be written to
     * @throws UncheckedIOException naming the folder and the cure, if the disk is full
     */
    ByteBuffer nextPart(int size) {
        try {
            return map(size);
        } catch (IOException e) {
            collect(); // perhaps what was closed before is not unmapped yet
            try {
                return map(size);
            } catch (IOException again) {
                throw unusable(again);
            }
        }
    }

    private ByteBuffer map(int size) throws IOException {
        if (file == null) {
            file = FileChannel.open(
                    folder.resolve("sluice-examples-" + UUID.randomUUID()),
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE); // where it can be, right now
        }
        long from = file.size();
        try {
            for (long at = from; at < from + size; ) {
                int count = (int) Math.min(ZEROS.length, from + size - at);
                at += file.write(ByteBuffer.wrap(ZEROS, 0, count), at);
            }
        } catch (IOException e) {
            file.truncate(from); // nothing of it is mapped
            throw e;
        }
        return file.map(FileChannel.MapMode.READ_WRITE, from, size);
    }

    private static void collect() {
        System.gc();
        try {
            Thread.sleep(COLLECTING_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private UncheckedIOException unusable(IOException cause) {
        return new UncheckedIOException(
                "the folder " + folder.toAbsolutePath() + " does not take the vectors of the examples ("
                        + cause.getMessage() + "): make room there, or set " + TrainerConfig.EXAMPLES_DIR
                        + " to a folder on another disk",
                cause);
    }

    /** The next part is of another file. What was mapped may be read and written still. */
    void close() {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            file = null;
        }
    }
}
