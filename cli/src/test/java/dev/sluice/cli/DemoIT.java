package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole route, as a newcomer runs it. */
class DemoIT {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    @Test
    void shouldLearnTheBundledPostsAndLeaveNothingBehindWhenItEnds() throws IOException {
        Set<Path> before = temporaryFolders();

        int exit = run("demo", "--json", "--text", "My tomatoes are still green: more sun, or less water?");

        assertThat(exit).as(err.toString()).isZero();
        JsonNode report = new JsonMapper().readTree(out.toString());
        assertThat(report.path("accuracy").asDouble()).isBetween(0.75, 1.0);
        assertThat(report.path("loss").asDouble()).isBetween(0.0, 1.0);
        assertThat(report.path("macroF1").asDouble()).isBetween(0.7, 1.0);
        assertThat(report.path("examples").toString()).isEqualTo("{\"train\":128,\"test\":32}");
        assertThat(report.path("deadLetters").asInt(-1)).isZero();
        assertThat(report.path("versions").toString()).isEqualTo("[1]");
        assertThat(report.path("labels").toString()).isEqualTo("[\"astronomy\",\"cooking\",\"cycling\",\"gardening\"]");
        assertThat(report.path("seconds").properties().stream().map(entry -> entry.getKey()))
                .containsExactly("start", "embed", "train", "deploy", "predict", "total");
        assertThat(sum(report.path("classified").path("probabilities"))).isBetween(0.999, 1.001);
        assertThat(temporaryFolders()).isEqualTo(before);
    }

    @Test
    void shouldTrainOncePerSeedAndDeleteItsTopicsWhenABrokerIsNamed() throws Exception {
        Path export = folder.resolve("vectors.jsonl");
        try (TestBroker broker = TestBroker.start()) {
            int exit = run(
                    "demo",
                    "--bootstrap-server",
                    broker.bootstrapServers(),
                    "--seeds",
                    "2",
                    "--seed",
                    "5",
                    "--per-class",
                    "8",
                    "--set",
                    "words=auto", // the trainer's figures and those of the predictions agree, or the demo fails
                    "--export",
                    export.toString(),
                    "--report",
                    folder.resolve("report.html").toString());

            assertThat(exit).as(err.toString()).isZero();
            assertThat(topicsLeft(broker)).isEmpty();
        }
        List<String> lines = out.toString().lines().toList();
        assertThat(lines).anyMatch(line -> line.matches(" +5 +\\d+\\.\\d\\d% .*"));
        assertThat(lines).anyMatch(line -> line.matches(" +6 +\\d+\\.\\d\\d% .*"));
        assertThat(lines).anyMatch(line -> line.matches("Accuracy \\d+\\.\\d\\d% ± .*"));
        assertThat(lines).anyMatch(line -> line.matches("(astronomy|cooking|cycling|gardening): \\d+\\.\\d\\d%"));
        assertThat(folder.resolve("report.html"))
                .content()
                .contains("data-cell=\"3,3\"", "Calibration", "data-figure=\"accuracy\"")
                .doesNotContain("not on the topic labeled-vectors any more");
        try (Stream<String> exported = Files.lines(export)) {
            assertThat(exported.map(line ->
                                    line.replaceAll(",\"id\".*\"split\"", "").replaceAll(",\"label.*", ""))
                            .collect(Collectors.groupingBy(line -> line, Collectors.counting())))
                    .containsEntry("{\"seed\":5:\"TRAIN\"", 32L)
                    .containsEntry("{\"seed\":5:\"TEST\"", 8L)
                    .containsEntry("{\"seed\":6:\"TRAIN\"", 32L)
                    .containsEntry("{\"seed\":6:\"TEST\"", 8L);
        }
    }

    /** A deletion is confirmed a moment before every view of the topics shows it. */
    private static Set<String> topicsLeft(TestBroker broker) throws Exception {
        Deadline deadline = Deadline.in(TestBroker.PATIENCE);
        Set<String> left = broker.admin().listTopics().names().get();
        while (!left.isEmpty() && !deadline.passed()) {
            left = broker.admin().listTopics().names().get();
        }
        return left;
    }

    private int run(String... arguments) {
        return Sluice.commandLine(new PrintWriter(out, true), new PrintWriter(err, true))
                .execute(arguments);
    }

    private static double sum(JsonNode probabilities) {
        return probabilities.properties().stream()
                .mapToDouble(entry -> entry.getValue().asDouble())
                .sum();
    }

    private static Set<Path> temporaryFolders() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("sluice-demo-"))
                    .collect(Collectors.toSet());
        }
    }
}
