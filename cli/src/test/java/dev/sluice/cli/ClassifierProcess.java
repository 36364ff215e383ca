package dev.sluice.cli;

import dev.sluice.classifier.ClassifierMain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** The classifier in a process of its own, as users run it, so that a test can pull the plug. */
final class ClassifierProcess implements AutoCloseable {
    private final Process process;
    private final Path log;

    private ClassifierProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** @param folder for its settings and its log */
    static ClassifierProcess start(Path folder, Map<String, String> settings) {
        try {
            Path file = Files.createTempFile(folder, "classifier", ".properties");
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
                            "-cp",
                            System.getProperty("java.class.path"),
                            ClassifierMain.class.getName(),
                            file.toString()))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("SLUICE_"));
            return new ClassifierProcess(builder.start(), log);
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

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
