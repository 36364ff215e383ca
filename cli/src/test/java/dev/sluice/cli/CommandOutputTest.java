package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a command prints as a process of its own, with the log as users have it. */
class CommandOutputTest {
    @TempDir
    Path folder;

    /** A log that starts before a command has set it up would write all that Kafka's clients have to say to stdout. */
    @Test
    void shouldPrintNothingOfTheLogWhenACommandRuns() throws Exception {
        String classes = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("test-classes")) // there lies the tests' own log
                .collect(Collectors.joining(File.pathSeparator));
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");

        int exit = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Duser.home=" + folder,
                        "-Dorg.apache.avro.SERIALIZABLE_PACKAGES=dev.sluice.schemas",
                        "-cp",
                        classes,
                        Sluice.class.getName(),
                        "topics",
                        "--bootstrap-server",
                        "127.0.0.1:1")
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start()
                .waitFor();

        assertThat(exit).isEqualTo(1);
        assertThat(Files.readString(out, UTF_8)).isEmpty();
        assertThat(Files.readAllLines(err, UTF_8))
                .singleElement()
                .asString()
                .startsWith("sluice: no Kafka broker answers at 127.0.0.1:1");
    }
}
