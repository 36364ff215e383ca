package dev.sluice.cli;

import dev.sluice.trainer.TrainerMain;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** The trainer in a process of its own, as users run it, so that a test can pull the plug. */
final class TrainerProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;

    private TrainerProcess(Process process) {
        this.process = process;
        this.out = process.inputReader();
    }

    /** @param folder for its settings */
    static TrainerProcess start(Path folder, Map<String, String> settings) {
        try {
            Path file = Files.createTempFile(folder, "trainer", ".properties");
            Properties properties = new Properties();
            properties.putAll(settings);
            try (Writer writer = Files.newBufferedWriter(file)) {
                properties.store(writer, null);
            }
            ProcessBuilder builder = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-Dorg.apache.avro.SERIALIZABLE_PACKAGES=dev.sluice.schemas",
                            "-cp",
                            System.getProperty("java.class.path"),
                            TrainerMain.class.getName(),
                            file.toString()))
                    .redirectErrorStream(true);
            // The trainer takes such variables for settings, and those of the tests are none of its.
            builder.environment().keySet().removeIf(name -> name.startsWith("SLUICE_"));
            return new TrainerProcess(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it has said this. */
    void awaitLine(String text) {
        StringBuilder said = new StringBuilder();
        try {
            String line = out.readLine();
            while (line != null && !line.contains(text)) {
                said.append(line).append('\n');
                line = out.readLine();
            }
            if (line == null) {
                throw new AssertionError("the trainer ended, and never said '" + text + "':\n" + said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
