package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The classifier on a real broker, above all what a TopologyTestDriver does not do: restore, restart, commit. */
class ClassifierIT {
    private static final HandMadeModels MODELS = new HandMadeModels(8, 8, 3);

    private static TestBroker broker;

    @TempDir
    Path folder;

    private String prefix;
    private Topics topics;

    @BeforeAll
    static void startBroker() {
        broker = TestBroker.start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void createTopics() throws InterruptedException {
        prefix = TestBroker.newPrefix();
        topics = broker.createTopics(prefix);
    }

    private ClassifierService start(Path state) {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.put("state.dir", state.toString());
        settings.put("instance", state.getFileName().toString());
        return ClassifierService.start(new ClassifierConfig(settings), Clock.systemUTC(), new SimpleMeterRegistry());
    }

    private void running(String state, Runnable test) {
        ClassifierService service = start(folder.resolve(state));
        try {
            test.run();
        } finally {
            service.close();
        }
    }

    private void publish(int... versions) {
        for (int version : versions) {
            broker.produce(topics.models(), ModelVersions.keyOf("default", version), MODELS.version(version));
        }
    }

    private void deploy(int version) {
        broker.produce(
                topics.deployments(),
                "default",
                Deployment.newBuilder().setVersion(version).build());
    }

    private void send(int from, int to) {
        broker.produce(Stream.iterate(from, i -> i < to, i -> i + 1)
                .map(MODELS::post)
                .map(post -> new ProducerRecord<>(
                        topics.embeddedPosts().name(),
                        post.getPost().getId().orElseThrow().getBytes(UTF_8),
                        topics.embeddedPosts().codec().encode(post)))
                .toList());
    }

    private List<Prediction> predictions(int count) {
        return broker.readAtLeast(topics.predictions(), count);
    }

    @Test
    void shouldGoOnWithTheLiveModelBeforeTheFirstPostWhenItRestartsOnAKeptOrAFreshFolder() {
        // given
        publish(1, 2, 3);
        deploy(3);
        deploy(2);
        running("kept", () -> {
            send(0, 5);
            assertThat(predictions(5)).allSatisfy(this::assertVersion2);
        });

        // when: the posts are there before the service is
        send(5, 10);
        running("kept", () -> assertThat(predictions(10)).hasSize(10).allSatisfy(this::assertVersion2));
        send(10, 15);
        running("fresh", () -> assertThat(predictions(15)).hasSize(15).allSatisfy(this::assertVersion2));
    }

    private void assertVersion2(Prediction prediction) {
        assertThat(prediction.getStatus()).isEqualTo(PredictionStatus.CLASSIFIED);
        assertThat(prediction.getModelVersion()).contains(2);
    }
}
