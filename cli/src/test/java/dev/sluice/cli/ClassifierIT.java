package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The classifier on a real broker, above all what a TopologyTestDriver does not do: restore, restart, commit. */
class ClassifierIT {
    private static final HandMadeModels MODELS = new HandMadeModels(8, 8, 3);

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    @TempDir
    Path folder;

    private String prefix;
    private Topics topics;

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

    private void awaitStatus(DeploymentState state, int version) {
        broker.readAll(topics.deploymentStatus(), statuses -> statuses.stream()
                .anyMatch(status -> status.getState() == state && status.getVersion() == version));
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

    @Test
    void shouldRememberADeploymentWithoutAKeyWhenItRestartsOnAFreshFolder() {
        publish(1, 2);
        deploy(1);
        broker.produce(topics.deployments().name(), null, "{\"version\":2}".getBytes(UTF_8));
        send(0, 3);

        running("first", () -> assertThat(predictions(3)).allSatisfy(this::assertVersion2));
        send(3, 6);
        running("fresh", () -> assertThat(predictions(6)).hasSize(6).allSatisfy(this::assertVersion2));
    }

    @Test
    void shouldServeTheSameWhenItRestartsAfterPinsRollbacksAndEventsThatLost() {
        // given: 3 is rolled back to 2, which is pinned, so that 1 loses
        publish(1, 2, 3);
        deploy(2);
        running("kept", () -> {
            deploy(3);
            awaitStatus(DeploymentState.SERVING, 3);
            event("{\"action\":\"ROLLBACK\",\"by\":\"ann\"}");
            event("{\"action\":\"PIN\"}");
            event("{\"version\":1,\"automatic\":true}");
            event("{\"version\":3,\"expected\":3}");
            event("{\"action\":\"LAUNCH\",\"version\":3}");
            event("{\"version\":9}");
            awaitStatus(DeploymentState.WAITING, 9); // so all before it were taken in
            send(0, 5);
            assertThat(predictions(5)).allSatisfy(this::assertVersion2);
        });

        // when, then
        send(5, 10);
        running("kept", () -> assertThat(predictions(10)).hasSize(10).allSatisfy(this::assertVersion2));
        send(10, 15);
        running("fresh", () -> assertThat(predictions(15)).hasSize(15).allSatisfy(this::assertVersion2));
        assertThat(broker.readToEnd(Topics.deadLetterOf(topics.deployments().name())))
                .isEmpty();
    }

    private void event(String json) {
        broker.produce(topics.deployments().name(), null, json.getBytes(UTF_8));
    }

    @Tag("smoke")
    @Test
    void shouldClassifyEachPostOnceAndChangeTheVersionOnceWhenItIsSwappedUnderLoad() {
        publish(1, 2);
        deploy(1);
        running("state", () -> {
            // given: every partition has answers by version 1
            send(0, 1_000);
            predictions(1_000);

            // when: the load comes before, during and after the swap
            CompletableFuture<Void> load = CompletableFuture.runAsync(() -> send(1_000, 11_000));
            deploy(2);
            awaitStatus(DeploymentState.SERVING, 2);
            load.join();
            send(11_000, 12_000);
            predictions(12_000);
        });

        // then
        List<ConsumerRecord<byte[], byte[]>> records =
                broker.readToEnd(topics.predictions().name());
        Set<Long> sources = new HashSet<>();
        Map<Integer, List<Integer>> versions = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            Prediction prediction = topics.predictions().codec().decode(record.value());
            assertThat(prediction.getStatus()).isEqualTo(PredictionStatus.CLASSIFIED);
            sources.add(prediction.getSource().getOffset());
            List<Integer> seen = versions.computeIfAbsent(record.partition(), none -> new ArrayList<>());
            int version = prediction.getModelVersion().orElseThrow();
            if (seen.isEmpty() || seen.get(seen.size() - 1) != version) {
                seen.add(version);
            }
        }
        assertThat(records).hasSize(12_000);
        assertThat(sources).hasSize(12_000);
        assertThat(versions).hasSize(LocalBroker.PARTITIONS).allSatisfy((partition, seen) -> assertThat(seen)
                .containsExactly(1, 2));
    }

    @Test
    void shouldGoOnWhenEveryTopicHoldsGarbage() {
        List<byte[]> garbage = List.of(
                new byte[0],
                new byte[] {0, 0, 0, 0, 1, 2},
                new byte[] {(byte) 0xC3, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9},
                "hello".getBytes(UTF_8),
                "{\"version\":\"one\",\"post\":7}".getBytes(UTF_8),
                hugeLength(topics.embeddedPosts().codec().encode(MODELS.post(0)), 11),
                hugeLength(topics.models().codec().encode(MODELS.version(1)), 10));
        publish(1);
        deploy(1);
        running("state", () -> {
            awaitStatus(DeploymentState.SERVING, 1);

            // when
            for (byte[] value : garbage) {
                broker.produce(topics.embeddedPosts().name(), null, value);
                broker.produce(topics.models().name(), "default/1".getBytes(UTF_8), value);
                broker.produce(topics.deployments().name(), null, value);
            }
            broker.produce(topics.embeddedPosts().name(), new byte[] {1}, null);
            broker.produce(topics.deployments().name(), null, null);
            broker.produce(topics.models().name(), "default/1".getBytes(UTF_8), null);
            broker.produce(topics.models(), "default/2", MODELS.version(2, "spam"));
            deploy(2);
            deploy(9);
            send(0, 100);

            // then
            assertThat(predictions(100)).hasSize(100).allSatisfy(prediction -> assertThat(prediction.getModelVersion())
                    .contains(1));
            assertThat(deadLetters(topics.embeddedPosts().name(), garbage.size() + 1))
                    .containsAll(garbage);
            assertThat(deadLetters(topics.models().name(), garbage.size() + 1)).containsAll(garbage);
            assertThat(deadLetters(topics.deployments().name(), garbage.size() + 1))
                    .containsAll(garbage);
            awaitStatus(DeploymentState.REFUSED, 2);
            awaitStatus(DeploymentState.WAITING, 9);
        });

        // and the version that served is gone from its topic, so after a restart there is none
        send(100, 101);
        running("state", () -> assertThat(predictions(101))
                .filteredOn(prediction -> prediction.getPostId().equals("post-100"))
                .extracting(Prediction::getStatus)
                .containsExactly(PredictionStatus.NO_MODEL));
    }

    /** The same record up to a string, whose length now says 1.9 GB. */
    private static byte[] hugeLength(byte[] record, int length) {
        byte[] huge = {(byte) 0x80, (byte) 0xC8, (byte) 0xCF, (byte) 0x95, 0x0E};
        byte[] result = Arrays.copyOf(record, length + huge.length + 5);
        System.arraycopy(huge, 0, result, length, huge.length);
        return result;
    }

    private List<byte[]> deadLetters(String topic, int count) {
        return broker.readAll(Topics.deadLetterOf(topic), records -> records.size() >= count).stream()
                .peek(record -> assertThat(record.headers().lastHeader(DeadLetters.MESSAGE))
                        .isNotNull())
                .map(ConsumerRecord::value)
                .toList();
    }

    @Test
    void shouldSayWhatIsWrongWhenTwoInstancesHaveTheSameStateFolder() {
        running("state", () -> assertThatThrownBy(() -> start(folder.resolve("state")))
                .isInstanceOf(KafkaException.class)
                .hasMessageContaining("in use by another instance"));
    }

    @Test
    void shouldHoldOneVersionInMemoryAndSurviveAKillWhenThereAreManyVersions() throws Exception {
        HandMadeModels large = new HandMadeModels(384, 384, 20);
        publish(large, 1, 5);
        deploy(5);
        HeapHistogram before = HeapHistogram.now();
        Path killed = folder.resolve("killed");
        AtomicReference<HeapHistogram> few = new AtomicReference<>();
        AtomicReference<HeapHistogram> many = new AtomicReference<>();
        running("state", () -> {
            awaitStatus(DeploymentState.SERVING, 5);
            few.set(HeapHistogram.now());
            publish(large, 6, 50);
            for (int version = 6; version <= 50; version++) {
                deploy(version);
            }
            awaitStatus(DeploymentState.SERVING, 50);
            many.set(HeapHistogram.now());
            copy(folder.resolve("state"), killed); // what a process killed now would leave behind
        });
        System.out.printf(
                "heap after GC: %.1f MB without the service, %.1f MB with 5 versions, %.1f MB with 50%n",
                before.megabytes(), few.get().megabytes(), many.get().megabytes());

        assertThat(few.get().predictors() - before.predictors()).isEqualTo(1);
        assertThat(many.get().predictors() - before.predictors()).isEqualTo(1);

        // and the next instance starts on what the killed one left
        broker.produce(topics.embeddedPosts(), "p", large.post(0));
        running("killed", () -> assertThat(predictions(1))
                .allSatisfy(
                        prediction -> assertThat(prediction.getModelVersion()).contains(50)));
    }

    private void publish(HandMadeModels models, int from, int to) {
        for (int version = from; version <= to; version++) {
            broker.produce(topics.models(), ModelVersions.keyOf("default", version), models.version(version));
        }
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Files.copy(path, to.resolve(from.relativize(path)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
