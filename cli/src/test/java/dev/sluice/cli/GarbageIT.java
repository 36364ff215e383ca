package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import dev.sluice.trainer.TrainingListener;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All services at work while every kind of garbage lies on every topic. */
@Tag("smoke")
class GarbageIT {
    private static final byte[] KEY = "default/99".getBytes(StandardCharsets.UTF_8);

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    @TempDir
    Path folder;

    @Test
    void shouldClassifyThePostsBehindWhenGarbageLiesOnEveryTopic() throws Exception {
        // given: a live model for the vectors of the real embedder
        Topics topics = broker.createTopics(TestBroker.newPrefix());
        Map<String, String> settings = broker.serviceSettings(topics.prefix());
        settings.put("state.dir", folder.toString());
        settings.put("training.trigger", "request");
        try (LocalPlatform platform =
                LocalPlatform.start(settings, EnumSet.allOf(LocalPlatform.Service.class), TrainingListener.logging())) {
            send(topics, "before", "Which eyepiece shows the rings of Saturn best?");
            EmbeddingSpace space =
                    broker.readAtLeast(topics.embeddedPosts(), 1).get(0).getSpace();
            broker.produce(topics.models(), "default/1", TestModels.of(1, space));
            deploy(topics, 1);
            awaitStatus(topics, DeploymentState.SERVING, 1);

            // when
            List<Topic<?>> all = List.copyOf(topics.all());
            for (Topic<?> topic : all) {
                broker.produce(garbageFor(topic));
            }
            ModelVersion sound = TestModels.of(2, space);
            broker.produce(
                    topics.models(),
                    "default/2",
                    ModelVersion.newBuilder(sound)
                            .setNetwork(TestModels.of(2, TestModels.SPACE).getNetwork())
                            .build());
            deploy(topics, 2);
            deploy(topics, 77);
            send(topics, "behind", "Should pancake batter rest?");

            // then
            Prediction behind = firstReadable(
                    topics.predictions(), prediction -> prediction.getPostId().equals("behind"));
            assertThat(behind.getStatus()).isEqualTo(PredictionStatus.CLASSIFIED);
            assertThat(behind.getModelVersion()).contains(1);
            assertThat(platform.ended()).isNotDone();
            awaitStatus(topics, DeploymentState.REFUSED, 2);
            awaitStatus(topics, DeploymentState.WAITING, 77);
            for (Topic<?> topic : List.of(
                    topics.posts(),
                    topics.embeddedPosts(),
                    topics.labeledVectors(),
                    topics.trainingRequests(),
                    topics.models(),
                    topics.deployments())) {
                broker.readAll(Topics.deadLetterOf(topic.name()), letters -> letters.size() >= 4);
            }
        }
    }

    @Test
    void shouldClassifyTextsBelowAtAndAboveTheLimitWhenTheyFitTheTopic() throws Exception {
        Topics topics = broker.createTopics(TestBroker.newPrefix());
        Map<String, String> settings = broker.serviceSettings(topics.prefix());
        settings.put("state.dir", folder.toString());
        try (LocalPlatform platform = LocalPlatform.start(
                settings,
                EnumSet.of(LocalPlatform.Service.EMBEDDER, LocalPlatform.Service.CLASSIFIER),
                TrainingListener.logging())) {
            send(topics, "below", "x".repeat(4999));
            send(topics, "at", "x".repeat(5000));
            send(topics, "above", "x".repeat(5001));
            send(topics, "largest", "x ".repeat(Topics.MAX_POST_BYTES / 2 - 1000));

            assertThat(broker.readAtLeast(topics.predictions(), 4))
                    .extracting(Prediction::getPostId)
                    .containsExactlyInAnyOrder("below", "at", "above", "largest");
            assertThat(broker.readToEnd(Topics.deadLetterOf(topics.posts().name())))
                    .isEmpty();
            assertThat(platform.ended()).isNotDone();
        }
    }

    /** Random bytes, wrong JSON, nothing, an unknown schema, another framing; without a key where the topic takes that. */
    private static List<ProducerRecord<byte[], byte[]>> garbageFor(Topic<?> topic) {
        byte[] random = new byte[1000];
        new Random(1).nextBytes(random);
        List<byte[]> values = List.of(
                random,
                utf8("{\"text\":{\"no\":[\"text\"]},\"version\":\"one\",\"id\":[1]}"),
                utf8("{\"text\":"),
                new byte[0],
                new byte[] {(byte) 0xC3, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
                new byte[] {0, 0, 0, 0, 1, 2, 3});
        boolean keyless =
                !topic.configs().get(TopicConfig.CLEANUP_POLICY_CONFIG).startsWith(TopicConfig.CLEANUP_POLICY_COMPACT);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (byte[] value : values) {
            records.add(new ProducerRecord<>(topic.name(), KEY, value));
            if (keyless) {
                records.add(new ProducerRecord<>(topic.name(), null, value));
            }
        }
        records.add(new ProducerRecord<>(topic.name(), KEY, null));
        return records;
    }

    private static void send(Topics topics, String id, String text) {
        broker.produce(
                topics.posts(), id, Post.newBuilder().setId(id).setText(text).build());
    }

    private static void deploy(Topics topics, int version) {
        broker.produce(
                topics.deployments(),
                "default",
                Deployment.newBuilder().setVersion(version).build());
    }

    private static void awaitStatus(Topics topics, DeploymentState state, int version) {
        DeploymentStatus status = firstReadable(
                topics.deploymentStatus(), each -> each.getState() == state && each.getVersion() == version);
        assertThat(status).isNotNull();
    }

    private static <V extends SpecificRecord> V firstReadable(Topic<V> topic, Predicate<V> wanted) {
        return readable(topic, broker.readAll(topic.name(), records -> readable(topic, records).stream()
                        .anyMatch(wanted)))
                .stream()
                .filter(wanted)
                .findFirst()
                .orElseThrow();
    }

    private static <V extends SpecificRecord> List<V> readable(
            Topic<V> topic, List<ConsumerRecord<byte[], byte[]>> records) {
        List<V> values = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            try {
                values.add(topic.codec().decode(record.value()));
            } catch (UnreadableRecordException e) {
                // garbage, as it was sent
            }
        }
        return values;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
