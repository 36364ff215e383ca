package dev.sluice.cli;

import dev.sluice.embedder.EmbedderMain;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** The embedder in a process of its own, as users run it, so that a test can pull the plug. */
final class EmbedderProcess implements AutoCloseable {
    private final Process process;
    private final Path log;

    private EmbedderProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** @param folder for its settings and its log */
    static EmbedderProcess start(Path folder, Map<String, String> settings) {
        try {
            Path file = Files.createTempFile(folder, "embedder", ".properties");
            Properties properties = new Properties();
            properties.putAll(settings);
            try (Writer out = Files.newBufferedWriter(file)) {
                properties.store(out, null);
            }
            Path log = Path.of(file.toString().replace(".properties", ".log"));
            ProcessBuilder builder = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-Dorg.apache.avro.SERIALIZABLE_PACKAGES=dev.sluice.schemas",
                            "-cp",
                            System.getProperty("java.class.path"),
                            EmbedderMain.class.getName(),
                            file.toString()))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .directory(new File("."));
            // The embedder takes such variables for settings, and those of the tests are none of its.
            builder.environment().keySet().removeIf(name -> name.startsWith("SLUICE_") || name.endsWith("_API_KEY"));
            return new EmbedderProcess(builder.start(), log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it said so far. */
    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** As kill -9. */
    void pullThePlug() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** As kill -15. */
    void terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(TestBroker.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the embedder does not end:\n" + log());
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
