package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewPartitions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice doctor} where all is well, and where one thing is not. */
class DoctorIT {
    private static final String KEY = "top-secret";

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    @TempDir
    Path folder;

    private final String prefix = TestBroker.newPrefix();

    @Test
    void shouldSayOkOnEachLineWhenAllIsWell() throws Exception {
        broker.createTopics(prefix);

        CommandRun people = doctor();
        CommandRun scripts = doctor("--json");

        assertThat(people.lines()).hasSizeGreaterThan(2).allMatch(line -> line.startsWith("ok    "));
        assertThat(people.lines().get(0))
                .isEqualTo("ok    broker             " + broker.bootstrapServers() + " answers: 1 node");
        assertThat(people.lines().get(1))
                .isEqualTo("ok    topics             25 are there, and as they should be; posts flow in 4 partitions");
        assertThat(people.exitCode()).isZero();
        assertThat(scripts.objects()).hasSameSizeAs(people.lines()).allMatch(line -> line.get("ok")
                .asBoolean());
        assertThat(scripts.exitCode()).isZero();
    }

    @Test
    void shouldGiveTheCureWhenNoServiceEverRan() {
        CommandRun run = doctor();

        assertThat(run.lines().get(1))
                .startsWith("cure  topics             none of the 25 topics is there: start a service");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void shouldGiveTheCureWhenATopicHasOtherPartitions() throws Exception {
        Topics topics = broker.createTopics(prefix);
        broker.admin()
                .createPartitions(Map.of(topics.models().name(), NewPartitions.increaseTo(2)))
                .all()
                .get();

        CommandRun run = doctor();

        assertThat(run.lines())
                .filteredOn(line -> line.startsWith("cure"))
                .singleElement()
                .asString()
                .contains(topics.models().name() + " has 2 partitions, not 1");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void shouldHoldTheTopicsAgainstTheSettingsWhenAFileIsGiven() throws Exception {
        broker.createTopics(prefix);
        Path file = Files.writeString(
                folder.resolve("embedder.properties"),
                "bootstrap.servers=" + broker.bootstrapServers() + "\ntopic.prefix=" + prefix
                        + "\ntopic.partitions=6\n");

        CommandRun run = CommandRun.of("doctor", "--config", file.toString());

        assertThat(run.lines())
                .filteredOn(line -> line.startsWith("cure"))
                .hasSize(8)
                .allMatch(line -> line.contains(" has 4 partitions, not 6"));
    }

    @Test
    void shouldGoOnWithTheModelWhenNoBrokerAnswers() {
        CommandRun run = CommandRun.of("doctor", "--bootstrap-server", "127.0.0.1:1");

        assertThat(run.lines().get(0)).startsWith("cure  broker             no Kafka broker answers at 127.0.0.1:1");
        assertThat(run.lines()).hasSizeGreaterThan(1);
        assertThat(run.lines().subList(1, run.lines().size())).allMatch(line -> line.startsWith("ok    "));
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void shouldAskGeminiOnceWhenItIsTheProvider() throws Exception {
        broker.createTopics(prefix);
        try (GeminiServer stub = GeminiServer.start("key", KEY)) {
            CommandRun run = doctor("--config", geminiAt(stub).toString());

            assertThat(run.lines()).allMatch(line -> line.startsWith("ok    "));
            assertThat(run.out())
                    .contains("gemini-embedding-001 answers")
                    .contains("768, in the embedding space gemini|");
            assertThat(stub.report().calls()).isEqualTo(1);
            assertThat(run.exitCode()).isZero();
        }
    }

    @Test
    void shouldNameTheKeyAsTheCureAndNeverPrintItWhenItIsRefused() throws Exception {
        broker.createTopics(prefix);
        try (GeminiServer stub = GeminiServer.start("key", "another")) {
            CommandRun run = doctor("--config", geminiAt(stub).toString(), "--json");

            assertThat(run.objects().stream().filter(line -> !line.get("ok").asBoolean()))
                    .singleElement()
                    .satisfies(line -> {
                        assertThat(line.get("check").asText()).isEqualTo("key");
                        assertThat(line.get("detail").asText()).contains("gemini.api.key");
                    });
            assertThat(run.out() + run.err()).doesNotContain(KEY);
            assertThat(run.exitCode()).isEqualTo(1);
        }
    }

    private Path geminiAt(GeminiServer stub) throws IOException {
        return Files.writeString(
                folder.resolve("embedder.properties"),
                "embedding.provider=gemini\ngemini.api.key=" + KEY + "\ngemini.base.url=" + stub.url() + "\n");
    }

    private CommandRun doctor(String... options) {
        List<String> arguments =
                new ArrayList<>(List.of("doctor", "--bootstrap-server", broker.bootstrapServers(), "--prefix", prefix));
        arguments.addAll(List.of(options));
        return CommandRun.of(arguments.toArray(String[]::new));
    }
}
