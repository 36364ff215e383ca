package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.Deployments.Change;
import dev.sluice.schemas.LabelProbability;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Replication;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.TopicCreation;
import dev.sluice.schemas.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The examples of README.md for clients in other languages, run as they are written there. */
class ForeignClientsIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    private static Topics topics;

    @BeforeAll
    static void start() throws Exception {
        topics = new Topics("", Topics.DEFAULT_CLASSIFIER, 1); // the examples' names; one partition keeps the order
        TopicCreation.createMissing(broker.admin(), topics, Replication.OF_BROKER);
        Prediction prediction = prediction("in-avro");
        broker.produce(topics.predictions(), "in-avro", prediction);
        broker.produce(
                topics.predictions().name(), null, topics.predictions().codec().encodeJson(prediction("in-json")));
    }

    @Test
    void shouldSendAPostWhenKcatWritesALineOfJson() throws Exception {
        run(example("-t posts"), "kcat -V");

        assertThat(broker.readAtLeast(topics.posts(), 1))
                .singleElement()
                .extracting(Post::getText)
                .asString()
                .contains("Which eyepiece shows the rings of Saturn best?");
    }

    @Test
    void shouldSayALabelWhenKcatWritesALineOfJson() throws Exception {
        run(example("-t labels"), "kcat -V");

        assertThat(broker.readAtLeast(topics.labels(), 1))
                .singleElement()
                .satisfies(label -> assertThat(label.getLabel()).contains("sci.space"));
    }

    @Test
    void shouldDeployPinAndRollBackWhenKcatWritesLinesOfJson() throws Exception {
        broker.produce(
                topics.deployments(),
                "default",
                Deployment.newBuilder().setVersion(2).build());

        List<String> examples = examples("-t deployments");
        for (String each : examples) {
            run(each, "kcat -V");
        }

        Deployments deployments = new Deployments(topics.classifier());
        List<Deployment> events = broker.readAtLeast(topics.deployments(), 1 + examples.size());
        for (int i = 0; i < events.size(); i++) {
            deployments.add(i, events.get(i));
        }
        assertThat(deployments.history())
                .allMatch(Change::applied)
                .extracting(
                        change -> change.event().getAction() + " " + change.to().orElse(0))
                .containsExactly(
                        "DEPLOY 2", "DEPLOY 1", "PIN 1", "UNPIN 1", "ROLLBACK 2", "SHADOW 2", "CANARY 2", "END 2");
    }

    @Test
    void shouldShowPredictionsInJsonWhenKcatReads() throws Exception {
        String out = run(example("kcat -C") + " -e", "kcat -V");

        assertThat(out).contains("{\"postId\":\"in-json\"").contains("\"label\":\"sci.space\"");
    }

    @Test
    void shouldReadAvroAndJsonWhenPythonReads() throws Exception {
        String out = run(
                example("docs/examples/predictions.py") + " 2",
                "/usr/bin/env python3 -c 'import avro, confluent_kafka'");

        assertThat(out.lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("in-avro CLASSIFIED sci.space 0.75"),
                        line -> assertThat(line).startsWith("in-json CLASSIFIED sci.space 0.75"));
    }

    @Test
    void shouldReadAvroAndJsonWhenJavaReads() throws Exception {
        String out = run(example("docs/examples/ReadPredictions.java") + " 2", "test -d cli/target/lib");

        assertThat(out.lines())
                .containsExactly("in-avro CLASSIFIED sci.space 0.75", "in-json CLASSIFIED sci.space 0.75");
    }

    /** The line of the README that holds this, meant for this broker. */
    private static String example(String part) throws IOException {
        List<String> found = examples(part);
        assertThat(found).as("examples with '%s' in README.md", part).hasSize(1);
        return found.get(0);
    }

    private static List<String> examples(String part) throws IOException {
        return Files.readAllLines(ROOT.resolve("README.md")).stream()
                .filter(line -> line.contains(part) && line.contains("localhost:9092"))
                .map(line -> line.replace("localhost:9092", broker.bootstrapServers()))
                .toList();
    }

    /** Runs the command as a shell does in the project's folder; where its tool is missing, there is nothing to test. */
    private static String run(String command, String probe) throws Exception {
        boolean required = Boolean.parseBoolean(System.getenv("SLUICE_REQUIRE_FOREIGN_CLIENTS"));
        assumeTrue(required || bash(probe).exitCode() == 0, () -> "missing: " + probe);
        Result result = bash(command);
        assertThat(result.exitCode()).as(command + "\n" + result.output()).isZero();
        return result.output();
    }

    private record Result(int exitCode, String output) {}

    private static Result bash(String command) throws Exception {
        Path output = Files.createTempFile("foreign-client", ".txt");
        try {
            ProcessBuilder bash = new ProcessBuilder("bash", "-c", command)
                    .directory(ROOT.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            // Where Debian's packages put their modules, before any other Python.
            bash.environment().merge("PATH", "/usr/bin", (path, first) -> first + ":" + path);
            Process process = bash.start();
            if (!process.waitFor(TestBroker.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError(command + " does not end; so far:\n" + text(output));
            }
            return new Result(process.exitValue(), text(output));
        } finally {
            Files.deleteIfExists(output);
        }
    }

    /** Some of what kcat shows is no text. */
    private static String text(Path output) throws IOException {
        return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
    }

    private static Prediction prediction(String id) {
        return Prediction.newBuilder()
                .setPostId(id)
                .setSource(new Source("posts", 0, 0L))
                .setStatus(PredictionStatus.CLASSIFIED)
                .setLabel("sci.space")
                .setConfidence(0.75f)
                .setProbabilities(
                        List.of(new LabelProbability("sci.space", 0.75f), new LabelProbability("sci.med", 0.25f)))
                .setModelVersion(1)
                .setEmbeddedAt(TestModels.TIME)
                .setClassifiedAt(TestModels.TIME)
                .build();
    }
}
