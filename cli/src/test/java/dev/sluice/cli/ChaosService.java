package dev.sluice.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A place that a process runs in, one life after the other with the same settings. Whoever ends of itself has failed, is
 * written down, and is started again, as an operator's supervisor would do.
 */
final class ChaosService implements AutoCloseable {
    private static final int LAST_LINES = 60;

    private final String name;
    private final Class<?> main;
    private final Map<String, String> settings;
    private final Path folder;
    private final ChaosLog log;
    private final Set<ServiceProcess> toEnd = new HashSet<>();
    private ServiceProcess process;
    private int lives;
    private boolean closed;

    /** @param folder for its settings */
    ChaosService(String name, Class<?> main, Map<String, String> settings, Path folder, ChaosLog log) {
        this.name = name;
        this.main = main;
        this.settings = Map.copyOf(settings);
        this.folder = folder;
        this.log = log;
    }

    String name() {
        return name;
    }

    /** Returns at once; it may take seconds until it works. */
    synchronized void start() {
        if (closed) {
            return;
        }
        ServiceProcess started = ServiceProcess.start(folder, main, settings);
        int life = ++lives;
        process = started;
        var unused = started.ended().thenAccept(code -> hearEnd(started, life, code));
    }

    private synchronized void hearEnd(ServiceProcess ended, int life, int code) {
        log.keep(name + "-" + life, ended.log());
        if (!toEnd.remove(ended) && !closed) {
            log.failure(name + " (life " + life + ") ended of itself with code " + code + ":\n" + tail(ended.log()));
            start();
        }
    }

    /** Where nobody can look into the folder of logs, this is what is left to understand it by. */
    private static String tail(String said) {
        String[] lines = said.split("\n");
        return String.join("\n", Arrays.asList(lines).subList(Math.max(0, lines.length - LAST_LINES), lines.length));
    }

    void awaitLine(String text) throws InterruptedException {
        current().awaitLine(text);
    }

    private synchronized ServiceProcess current() {
        return process;
    }

    private synchronized ServiceProcess giveUp() {
        toEnd.add(process);
        return process;
    }

    void kill() throws InterruptedException {
        giveUp().pullThePlug();
    }

    /** Asks it to end, and waits until it has. */
    void terminate() throws InterruptedException {
        ServiceProcess asked = giveUp();
        long start = System.nanoTime();
        try {
            asked.terminate();
        } catch (AssertionError e) {
            log.failure(name + " does not end when it is asked to");
            asked.pullThePlug();
        }
        log.event(name + " took " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) + " ms to end");
    }

    void pause() throws InterruptedException {
        current().pause();
    }

    void resume() throws InterruptedException {
        current().resume();
    }

    /** Ends for good. */
    @Override
    public synchronized void close() {
        closed = true;
        if (process != null) {
            process.close();
        }
    }
}
