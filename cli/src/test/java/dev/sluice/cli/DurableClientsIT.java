package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.classifier.Replay;
import dev.sluice.embedder.EmbedderConfig;
import dev.sluice.embedder.EmbedderService;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Post;
import dev.sluice.trainer.TrainerConfig;
import dev.sluice.trainer.TrainerService;
import dev.sluice.trainer.TrainingListener;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Kafka's clients are really told, all that the services, a replay and the commands make, at work on a broker. */
class DurableClientsIT {
    /** What the file of a command may ask for in vain. */
    private static final String CARELESS =
            "acks=1\nenable.idempotence=false\nisolation.level=read_uncommitted\nenable.auto.commit=true\n";

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    private final String prefix = TestBroker.newPrefix();

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"exactly_once_v2", "at_least_once"})
    void shouldWriteToAllReplicasAndReadWhatIsCommittedWhereverAClientIsMade(String guarantee) throws Exception {
        RecordedClients.forget();
        var topics = broker.createTopics(prefix);
        broker.produce(topics.models(), ModelVersions.keyOf("default", 1), new HandMadeModels(8, 8, 3).version(1));
        try (GeminiServer gemini = GeminiServer.start();
                EmbedderService embedder = EmbedderService.start(
                        new EmbedderConfig(settings(gemini.embedderSettings())),
                        Clock.systemUTC(),
                        new SimpleMeterRegistry());
                TrainerService trainer = TrainerService.start(
                        new TrainerConfig(settings(
                                Map.of("training.min.examples", "4", "epochs", "1", "validation.data", "none"))),
                        Clock.systemUTC(),
                        new SimpleMeterRegistry(),
                        TrainingListener.logging());
                ClassifierService classifier = ClassifierService.start(
                        new ClassifierConfig(settings(Map.of("processing.guarantee", guarantee))),
                        Clock.systemUTC(),
                        new SimpleMeterRegistry())) {
            command(
                    "produce",
                    Files.writeString(folder.resolve("post.txt"), "a post").toString());
            for (int i = 0; i < 8; i++) {
                broker.produce(topics.posts(), "p" + i, post(i));
            }
            broker.readAtLeast(topics.predictions(), 8);
            broker.readAtLeast(topics.models(), 2);
            var request = new Replay.Request("r", Instant.EPOCH, Optional.empty(), Optional.of(1));
            try (Replay replay =
                    Replay.begin(new ClassifierConfig(settings(Map.of())), request, 10, Clock.systemUTC())) {
                replay.step();
            }
            command("tail", "--from-beginning", "--timeout", "1s");
            command("forget", "p1", "--yes");
            assertThat(List.of(embedder, trainer, classifier))
                    .allSatisfy(service -> assertThat(service.ended()).isNotDone());
        }

        assertThat(told("producer ", ProducerConfig.ACKS_CONFIG)).allSatisfy(DurableClientsIT::isAll);
        assertThat(told("producer ", ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG))
                .allSatisfy((client, value) -> assertThat(value).as(client).isEqualTo("true"));
        assertThat(told("consumer ", ConsumerConfig.ISOLATION_LEVEL_CONFIG))
                .allSatisfy((client, value) -> assertThat(value).as(client).isEqualTo("read_committed"));
        assertThat(told("consumer ", ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG))
                .allSatisfy((client, value) -> assertThat(value).as(client).isEqualTo("false"));
        for (String wanted : List.of(
                "producer .*sluice-embedder-[^c].*",
                "producer .*sluice-embedder-cache.*",
                "producer .*sluice-trainer-default-models-.*",
                "producer .*sluice-trainer-default-dead-letters-.*",
                "producer .*sluice-classifier-status.*",
                "producer .*sluice-classify.*",
                "producer .*sluice-learn.*",
                "producer .*sluice-replay-r",
                "producer sluice-cli",
                "consumer .*sluice-embedder-[^c].*",
                "consumer .*sluice-embedder-cache.*",
                "consumer .*sluice-trainer-default-requests-.*",
                "consumer .*sluice-trainer-default-vectors-.*",
                "consumer .*sluice-trainer-default-models-.*",
                "consumer .*sluice-trainer-default-deployments-.*",
                "consumer .*sluice-classify.*-consumer",
                "consumer .*sluice-classify.*-global-consumer",
                "consumer .*sluice-learn.*-restore-consumer",
                "consumer .*sluice-replay-r",
                "consumer sluice-cli")) {
            assertThat(RecordedClients.all().keySet())
                    .as(wanted)
                    .anyMatch(Pattern.compile(wanted).asMatchPredicate());
        }
    }

    private static Post post(int number) {
        return Post.newBuilder()
                .setText("post " + number)
                .setLabel(number % 2 == 0 ? "even" : "odd")
                .build();
    }

    private void command(String... arguments) throws IOException {
        Path careless = Files.writeString(
                folder.resolve("careless.properties"),
                CARELESS + "metric.reporters=" + RecordedClients.class.getName() + "\n");
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(
                "--bootstrap-server",
                broker.bootstrapServers(),
                "--prefix",
                prefix,
                "--command-config",
                careless.toString()));
        CommandRun run = CommandRun.of(all.toArray(String[]::new));
        assertThat(run.exitCode()).as(arguments[0] + ": " + run.err()).isZero();
    }

    private static void isAll(String client, String acks) {
        assertThat(acks).as(client).isIn("all", "-1");
    }

    private static Map<String, String> told(String kind, String setting) {
        return RecordedClients.all().entrySet().stream()
                .filter(client -> client.getKey().startsWith(kind))
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        client -> String.valueOf((Object) client.getValue().get(setting))));
    }

    private Map<String, String> settings(Map<String, String> own) {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.put("producer.metric.reporters", RecordedClients.class.getName());
        settings.put("consumer.metric.reporters", RecordedClients.class.getName());
        settings.putAll(own);
        return settings;
    }
}
