package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.TrainingRequest;
import dev.sluice.trainer.TrainerMain;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * There is always a request to train at hand while trainers, as processes of their own, are scaled from one to three, restarted
 * one after another, killed, and scaled back to one.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class RollingTrainersIT {
    private static final int INSTANCES = 3;

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    private final String prefix = TestBroker.newPrefix();
    private final Deque<ServiceProcess> trainers = new ArrayDeque<>();
    private int asked;

    @TempDir
    Path folder;

    private void start() {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.putAll(Map.of(
                "training.trigger", "request",
                "epochs", "100", // so that one is at work whenever something happens
                "early.stopping.monitor", "none",
                "hidden.layers", "8",
                "models.keep", "0",
                "consumer.session.timeout.ms", "6000"));
        trainers.add(ServiceProcess.start(folder, TrainerMain.class, settings));
    }

    /** The one that is active, which it stays until it leaves; it may not have heard of it yet. */
    private ServiceProcess leaving() {
        long deadline = System.nanoTime() + TestBroker.PATIENCE.toNanos();
        while (true) {
            for (ServiceProcess trainer : trainers) {
                if (trainer.log().contains("This is the active trainer")) {
                    trainers.remove(trainer);
                    return trainer;
                }
            }
            assertThat(System.nanoTime()).as("no trainer is active").isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private void ask(Topics topics, int times) {
        for (int i = 0; i < times; i++) {
            asked++;
            broker.produce(
                    topics.trainingRequests(),
                    "default",
                    TrainingRequest.newBuilder().setId("r-" + asked).build());
        }
    }

    @Test
    void shouldAnswerEachRequestOnceWhenTrainersAreScaledRestartedAndKilled() throws Exception {
        // given
        Topics topics = broker.createTopics(prefix);
        new LabeledClouds(16, 2).produce(broker, topics, 0, 400, Split.TRAIN);
        GroupMembers members = new GroupMembers(broker, prefix + "sluice-trainer-default");
        try {
            start();
            members.await(1, 1);
            ask(topics, 1);
            broker.readAtLeast(topics.models(), asked);

            // when
            ask(topics, 2);
            while (trainers.size() < INSTANCES) {
                start();
            }
            members.await(INSTANCES, 1);
            for (int i = 0; i < INSTANCES; i++) {
                ask(topics, 2);
                leaving().terminate();
                start();
                members.await(INSTANCES, 1);
            }
            ask(topics, 2);
            leaving().pullThePlug();
            members.await(INSTANCES - 1, 1);
            ask(topics, 2);
            leaving().terminate();
            members.await(1, 1);
            ask(topics, 1);
            broker.readAtLeast(topics.models(), asked);
        } finally {
            trainers.forEach(ServiceProcess::close);
        }

        // then
        List<ModelVersion> versions = broker.readAtLeast(topics.models(), asked);
        assertThat(versions)
                .extracting(version -> version.getTraining().getRequestId())
                .containsExactlyElementsOf(IntStream.rangeClosed(1, asked)
                        .mapToObj(i -> Optional.of("r-" + i))
                        .toList());
        assertThat(versions)
                .extracting(ModelVersion::getVersion)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, asked).boxed().toList());
        assertThat(broker.readToEnd(
                        Topics.deadLetterOf(topics.trainingRequests().name())))
                .isEmpty();
        List<Deployment> deployments = broker.readAtLeast(topics.deployments(), 1);
        assertThat(deployments).extracting(Deployment::getVersion).doesNotHaveDuplicates();
    }
}
