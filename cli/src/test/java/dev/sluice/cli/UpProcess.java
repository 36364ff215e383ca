package dev.sluice.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** {@code sluice up --json} in a process of its own, so that a test can press Ctrl-C, or pull the plug. */
final class UpProcess {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String END = "";

    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> seen = new ArrayList<>();
    private final String bootstrapServers;

    private UpProcess(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "up-output");
        reader.setDaemon(true);
        reader.start();
        bootstrapServers = await("ready").get("bootstrapServers").asText();
    }

    /** Returns when it says that it is ready. */
    static UpProcess start(Path dataDir, String... options) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-Djdk.serialFilter=!*",
                "-Dorg.apache.avro.SERIALIZABLE_PACKAGES=dev.sluice.schemas",
                "-cp",
                System.getProperty("java.class.path"),
                Sluice.class.getName(),
                "up",
                "--json",
                "--port",
                "0",
                "--data-dir",
                dataDir.toString()));
        command.addAll(List.of(options));
        try {
            return new UpProcess(new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .directory(new File("."))
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    /** The next event of this kind. */
    JsonNode await(String event) {
        long deadline = System.nanoTime() + TestBroker.PATIENCE.toNanos();
        try {
            while (true) {
                String line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (line == null || line.equals(END)) {
                    throw new AssertionError(
                            "'sluice up' did not come to say " + event + "; it said:\n" + String.join("\n", seen));
                }
                seen.add(line);
                if (line.contains("\"event\":\"" + event + "\"")) {
                    return JSON.readTree(line);
                }
            }
        } catch (InterruptedException | JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    /** Presses Ctrl-C, waits for the end, and returns every line that was said. */
    List<String> interrupt() throws InterruptedException, IOException {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
        return ended();
    }

    /** Pulls the plug. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    private List<String> ended() throws InterruptedException {
        if (!process.waitFor(TestBroker.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("'sluice up' does not end");
        }
        for (String line = lines.take(); !line.equals(END); line = lines.take()) {
            seen.add(line);
        }
        return seen;
    }

    private void read() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            out.lines().filter(line -> !line.isEmpty()).forEach(lines::add);
        } catch (IOException | UncheckedIOException e) {
            lines.add("the output broke off: " + e);
        }
        lines.add(END);
    }
}
