package dev.sluice.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A service in a process of its own, as users run it, so that a test can pull the plug. */
final class ServiceProcess implements AutoCloseable {
    private static final List<String> LEAN = List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private static final int LAST_WORDS_SECONDS = 10;

    private final Process process;
    private final StringBuilder said = new StringBuilder();

    /** Completes when nothing more comes: what it said last may still be on its way when it has ended. */
    private final CompletableFuture<Void> heard = new CompletableFuture<>();

    private boolean silent;

    private ServiceProcess(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "service-output");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * @param folder for its settings
     * @param main the service's
     */
    static ServiceProcess start(Path folder, Class<?> main, Map<String, String> settings) {
        return start(folder, main, settings, LEAN);
    }

    /** @param options of its JVM */
    static ServiceProcess start(Path folder, Class<?> main, Map<String, String> settings, List<String> options) {
        return start(folder, System.getProperty("java.class.path"), main, settings, options);
    }

    /** As {@link #start(Path, Class, Map)}, with classes and resources of another release. */
    static ServiceProcess start(Path folder, String classPath, Class<?> main, Map<String, String> settings) {
        return start(folder, classPath, main, settings, LEAN);
    }

    private static ServiceProcess start(
            Path folder, String classPath, Class<?> main, Map<String, String> settings, List<String> options) {
        try {
            Path file = Files.createTempFile(folder, main.getSimpleName(), ".properties");
            Properties properties = new Properties();
            properties.putAll(settings);
            try (Writer out = Files.newBufferedWriter(file)) {
                properties.store(out, null);
            }
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString()));
            command.addAll(options);
            command.addAll(List.of(
                    "-Djdk.serialFilter=!*",
                    "-Dorg.apache.avro.SERIALIZABLE_PACKAGES=dev.sluice.schemas",
                    "-cp",
                    classPath,
                    main.getName(),
                    file.toString()));
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            // A service takes such variables for settings, and those of the tests are none of its.
            builder.environment().keySet().removeIf(name -> name.startsWith("SLUICE_") || name.endsWith("_API_KEY"));
            return new ServiceProcess(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (BufferedReader out = process.inputReader()) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                hear(line);
            }
        } catch (IOException e) {
            hear(e.toString()); // a process that is killed
        }
        end();
    }

    private synchronized void hear(String line) {
        said.append(line).append('\n');
        notifyAll();
    }

    private synchronized void end() {
        silent = true;
        heard.complete(null);
        notifyAll();
    }

    /** Not for ever: a child of the process may hold on to its output. */
    private CompletableFuture<Void> heardAll() {
        return heard.copy().completeOnTimeout(null, LAST_WORDS_SECONDS, TimeUnit.SECONDS);
    }

    /** What it said so far. */
    synchronized String log() {
        return said.toString();
    }

    /** Waits until it has said this. */
    synchronized void awaitLine(String text) throws InterruptedException {
        long deadline = System.nanoTime() + TestBroker.PATIENCE.toNanos();
        while (said.indexOf(text) < 0) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (silent || left <= 0) {
                throw new AssertionError("the service never said '" + text + "':\n" + said);
            }
            wait(left);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits until it ends by itself and has been heard to the end; returns the exit code. One that does not end is killed. */
    int awaitExit() throws InterruptedException {
        if (!process.waitFor(TestBroker.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            pullThePlug(); // whoever asks it to end may have no other hold on it
            throw new AssertionError("the service does not end:\n" + log());
        }
        heardAll().join();
        return process.exitValue();
    }

    /** As {@code kill -STOP}: it does nothing more, and its connections stay. */
    void pause() throws InterruptedException {
        signal("STOP");
    }

    /** As {@code kill -CONT}. */
    void resume() throws InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws InterruptedException {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Completes when the process has ended, of itself or not, and been heard to the end; with its exit code. */
    CompletableFuture<Integer> ended() {
        return process.onExit().thenCompose(ended -> heardAll().thenApply(nothing -> ended.exitValue()));
    }

    /** As kill -9. */
    void pullThePlug() throws InterruptedException {
        process.destroyForcibly().waitFor();
        heardAll().join();
    }

    /** As kill -15, and, if that does not end it, as kill -9. */
    void terminate() throws InterruptedException {
        process.destroy();
        awaitExit();
    }

    /** @throws AssertionError if it has said what nobody may say */
    @Override
    public void close() {
        process.destroyForcibly();
        Unsaid.check("the process", log());
    }
}
