package dev.sluice.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What was done when, in a file beside the logs of the processes, so that a failure can be understood; and what must not be. */
final class ChaosLog implements AutoCloseable {
    private final long start = System.nanoTime();
    private final Path folder;
    private final PrintWriter out;
    private final List<String> failures = new ArrayList<>();

    private ChaosLog(Path folder, PrintWriter out) {
        this.folder = folder;
        this.out = out;
    }

    /** @param folder made where it is missing */
    static ChaosLog in(Path folder) {
        try {
            Files.createDirectories(folder);
            return new ChaosLog(folder, new PrintWriter(Files.newBufferedWriter(folder.resolve("events.log")), true));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path folder() {
        return folder;
    }

    synchronized void event(String what) {
        out.printf(Locale.ROOT, "%9.3f  %s%n", (System.nanoTime() - start) / 1e9, what);
    }

    /** Something that must not happen, whatever is done to the services. */
    synchronized void failure(String what) {
        event("FAILURE " + what);
        failures.add(what);
    }

    synchronized List<String> failures() {
        return List.copyOf(failures);
    }

    /** Keeps what a process said. */
    void keep(String process, String said) {
        try {
            Files.writeString(folder.resolve(process + ".log"), said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void close() {
        out.close();
    }
}
