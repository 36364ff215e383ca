package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.classifier.ClassifierMain;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Topics;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A classifier that is killed while versions take each other's place: on a folder that it keeps, beside one that lives. */
class ClassifierCrashIT {
    private static final HandMadeModels MODELS = new HandMadeModels(64, 64, 3);
    private static final int BATCH = 200;
    private static final int KILLS = 2;

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    private final String prefix = TestBroker.newPrefix();
    private final AtomicBoolean enough = new AtomicBoolean();

    @TempDir
    Path folder;

    private ServiceProcess start(String instance) {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.put("instance", instance);
        settings.put("state.dir", folder.resolve(instance).toString());
        settings.put("consumer.session.timeout.ms", "6000");
        settings.put("consumer.heartbeat.interval.ms", "1000");
        settings.put("producer.transaction.timeout.ms", "6000");
        return ServiceProcess.start(folder, ClassifierMain.class, settings);
    }

    @Test
    void shouldServeOneVersionEverywhereAndAnswerEachPostOnceWhenItIsKilledInTheMidstOfSwaps() throws Exception {
        Topics topics = broker.createTopics(prefix);
        for (int version = 1; version <= 3; version++) {
            broker.produce(topics.models(), ModelVersions.keyOf("default", version), MODELS.version(version));
        }
        deploy(topics, 1);
        ServiceProcess killed = start("killed");
        ServiceProcess living = start("living");
        try {
            awaitServing(topics, 1);

            // when: versions are swapped and posts flow all the time, and one of the two is killed again and again
            CompletableFuture<Integer> load = CompletableFuture.supplyAsync(() -> swapUnderLoad(topics));
            for (int kill = 1; kill <= KILLS; kill++) {
                int soFar = broker.readToEnd(topics.predictions().name()).size();
                broker.readAll(topics.predictions().name(), records -> records.size() > soFar + BATCH);
                killed.pullThePlug();
                killed = start("killed");
            }
            enough.set(true);
            int posts = load.join();
            deploy(topics, 3);
            awaitServing(topics, 3);
            send(topics, posts, posts + BATCH);
            List<ConsumerRecord<byte[], byte[]>> records =
                    broker.readAll(topics.predictions().name(), all -> all.size() >= posts + BATCH);

            // then
            assertThat(living.isAlive()).isTrue();
            assertThat(killed.isAlive()).isTrue();
            assertEachOnceAndTheLastByVersion3(topics, records, posts);
        } finally {
            killed.close();
            living.close();
        }
    }

    private void assertEachOnceAndTheLastByVersion3(
            Topics topics, List<ConsumerRecord<byte[], byte[]>> records, int posts) {
        Set<Long> sources = new HashSet<>();
        Set<Integer> versions = new HashSet<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            Prediction prediction = topics.predictions().codec().decode(record.value());
            assertThat(prediction.getStatus()).isEqualTo(PredictionStatus.CLASSIFIED);
            assertThat(sources.add(prediction.getSource().getOffset()))
                    .as("%s", prediction.getSource())
                    .isTrue();
            versions.add(prediction.getModelVersion().orElseThrow());
            if (prediction.getSource().getOffset() >= posts) {
                assertThat(prediction.getModelVersion()).contains(3);
            }
        }
        assertThat(sources).hasSize(posts + BATCH);
        assertThat(versions).contains(1, 2, 3);
        System.out.printf("%d kills, %d posts, each answered once%n", KILLS, sources.size());
    }

    /** Each swap beside a batch of posts; tells how many posts there were. */
    private int swapUnderLoad(Topics topics) {
        int posts = 0;
        for (int swap = 0; !enough.get(); swap++) {
            CompletableFuture<Void> swapped =
                    CompletableFuture.completedFuture(1 + swap % 2).thenAcceptAsync(version -> deploy(topics, version));
            send(topics, posts, posts + BATCH);
            posts += BATCH;
            swapped.join();
        }
        return posts;
    }

    private static void deploy(Topics topics, int version) {
        broker.produce(
                topics.deployments(),
                "default",
                Deployment.newBuilder().setVersion(version).build());
    }

    private static void send(Topics topics, int from, int to) {
        broker.produce(IntStream.range(from, to)
                .mapToObj(MODELS::post)
                .map(post -> new ProducerRecord<>(
                        topics.embeddedPosts().name(),
                        post.getPost().getId().orElseThrow().getBytes(UTF_8),
                        topics.embeddedPosts().codec().encode(post)))
                .toList());
    }

    /** Until the last word of both instances is that this version serves. */
    private static void awaitServing(Topics topics, int version) {
        broker.readAll(topics.deploymentStatus(), statuses -> {
            Map<String, DeploymentStatus> last = new TreeMap<>();
            statuses.stream()
                    .filter(status -> status.getArm() == Arm.LIVE)
                    .forEach(status -> last.put(status.getInstance(), status));
            return last.size() == 2
                    && last.values().stream()
                            .allMatch(status -> status.getState() == DeploymentState.SERVING
                                    && status.getServingVersion().equals(Optional.of(version)));
        });
    }
}
