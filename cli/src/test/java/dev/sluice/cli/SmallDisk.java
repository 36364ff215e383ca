package dev.sluice.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A disk in memory that can be full, or become one that nobody may write to; for tests that run as root. */
final class SmallDisk implements AutoCloseable {
    private static final byte[] BLOCK = new byte[64 * 1024];

    private final Path path;

    private SmallDisk(Path path) {
        this.path = path;
    }

    /** @return nothing where mounting is not allowed */
    static Optional<SmallDisk> mount(Path parent, int megabytes) throws IOException, InterruptedException {
        Path path = Files.createDirectories(parent.resolve("disk"));
        return run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "sluice-test", path.toString())
                ? Optional.of(new SmallDisk(path))
                : Optional.empty();
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // there is no such command
        }
    }

    Path path() {
        return path;
    }

    /** To the last byte. */
    void fill() throws IOException {
        try (OutputStream out = Files.newOutputStream(path.resolve("filler"))) {
            while (path.toFile().getUsableSpace() > 0) {
                out.write(BLOCK);
            }
        } catch (IOException e) {
            if (path.toFile().getUsableSpace() > 0) {
                throw e;
            }
        }
    }

    void makeRoom() throws IOException {
        Files.delete(path.resolve("filler"));
    }

    /** Waits for whoever still writes there: a disk in use is not made read-only. */
    void forbidWriting(boolean forbidden) throws InterruptedException {
        long deadline = System.nanoTime() + TestBroker.PATIENCE.toNanos();
        while (!run("mount", "-o", "remount," + (forbidden ? "ro" : "rw"), path.toString())) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("cannot mount " + path + " again");
            }
        }
    }

    @Override
    public void close() {
        try {
            boolean unused = run("umount", "-l", path.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
