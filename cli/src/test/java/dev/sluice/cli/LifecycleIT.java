package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierMain;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.embedder.EmbedderMain;
import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.TrainingRequest;
import dev.sluice.trainer.TrainerConfig;
import dev.sluice.trainer.TrainerMain;
import dev.sluice.trainer.TrainerService;
import dev.sluice.trainer.TrainingListener;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How services wait, end and begin again: as processes, where a signal or a kill is the point. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class LifecycleIT {
    private static final int SHORT_MS = 6000;
    private static final String TOO_LATE = "has not closed within";

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    private final String prefix = TestBroker.newPrefix();

    @TempDir
    Path folder;

    private static Map<String, String> embedding(Map<String, String> settings, GeminiServer gemini) {
        settings.putAll(gemini.embedderSettings());
        settings.putAll(Map.of(
                "consumer.session.timeout.ms",
                Integer.toString(SHORT_MS),
                "consumer.max.poll.interval.ms",
                Integer.toString(SHORT_MS)));
        return settings;
    }

    private static void post(Topics topics, String text) {
        broker.produce(topics.posts().name(), null, ("{\"text\":\"" + text + "\"}").getBytes(UTF_8));
    }

    private List<String> members(String group) throws Exception {
        return broker
                .admin()
                .describeConsumerGroups(List.of(prefix + group))
                .describedGroups()
                .get(prefix + group)
                .get()
                .members()
                .stream()
                .map(MemberDescription::consumerId)
                .toList();
    }

    @Test
    void shouldKeepItsPlaceWhileACallTakesLongAndEndInTimeWhenOneHangs() throws Exception {
        Topics topics = broker.createTopics(prefix);
        post(topics, "slow");
        try (GeminiServer slow = GeminiServer.start("latency-ms", Integer.toString(SHORT_MS * 3 / 2));
                GeminiServer quick = GeminiServer.start();
                ServiceProcess embedder = ServiceProcess.start(
                        folder, EmbedderMain.class, embedding(broker.serviceSettings(prefix), slow))) {
            embedder.awaitLine("embeds");
            await(() -> !slow.payments("slow").isEmpty());
            List<String> before = members("sluice-embedder");
            broker.readAtLeast(topics.embeddedPosts(), 1);
            assertThat(members("sluice-embedder")).isEqualTo(before).hasSize(1);

            post(topics, "hanging");
            await(() -> !slow.payments("hanging").isEmpty());
            System.out.printf("SIGTERM while a call hangs: %.1f s%n", terminate(embedder));
            assertThat(members("sluice-embedder")).isEmpty();

            try (ServiceProcess next = ServiceProcess.start(
                    folder, EmbedderMain.class, embedding(broker.serviceSettings(prefix), quick))) {
                next.awaitLine("embeds");
                assertThat(broker.readAtLeast(topics.embeddedPosts(), 2))
                        .extracting(it -> it.getText())
                        .containsExactlyInAnyOrder("slow", "hanging");
                terminate(next);
            }
            assertThat(broker.readToEnd(topics.embeddedPosts().name())).hasSize(2);
        }
    }

    /** In seconds; the service itself says if it was not in time. */
    private static double terminate(ServiceProcess process) {
        long start = System.nanoTime();
        try {
            process.terminate();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(process.log()).doesNotContain(TOO_LATE);
        return (System.nanoTime() - start) / 1e9;
    }

    /** Something that may fail while it is not yet so. */
    private interface Condition {
        boolean isMet() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        long deadline = System.nanoTime() + TestBroker.PATIENCE.toNanos();
        while (!condition.isMet()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it has not come to that");
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    @Test
    void shouldEndInTimeWhenTheBrokerIsGone() throws Exception {
        LocalBroker gone = LocalBroker.start(folder.resolve("broker"), 0);
        try (GeminiServer gemini = GeminiServer.start("latency-ms", "60000")) {
            Map<String, String> common = Map.of("bootstrap.servers", gone.bootstrapServers(), "topic.partitions", "4");
            Map<String, String> classifier = new HashMap<>(common);
            classifier.put("state.dir", folder.resolve("state").toString());
            try (ServiceProcess embedding =
                            ServiceProcess.start(folder, EmbedderMain.class, embedding(new HashMap<>(common), gemini));
                    ServiceProcess training = ServiceProcess.start(folder, TrainerMain.class, common);
                    ServiceProcess classifying = ServiceProcess.start(folder, ClassifierMain.class, classifier)) {
                embedding.awaitLine("embedder runs");
                training.awaitLine("This is the active trainer");
                classifying.awaitLine("classifier runs");
                gone.close();

                CompletableFuture<Double> first = CompletableFuture.supplyAsync(() -> terminate(embedding));
                CompletableFuture<Double> second = CompletableFuture.supplyAsync(() -> terminate(training));
                System.out.printf(
                        "SIGTERM while the broker is gone: classifier %.1f s, embedder %.1f s, trainer %.1f s%n",
                        terminate(classifying), first.join(), second.join());
            }
        } finally {
            gone.close();
        }
    }

    private ServiceProcess trainer() {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.putAll(Map.of(
                "training.trigger", "request",
                "hidden.layers", "64",
                "early.stopping.patience", "0",
                "epochs", "100000",
                "consumer.session.timeout.ms", Integer.toString(SHORT_MS)));
        return ServiceProcess.start(folder, TrainerMain.class, settings);
    }

    /** What is noted beside the committed offset of the only request. */
    private OffsetAndMetadata noted(Topics topics) throws Exception {
        return broker.admin()
                .listConsumerGroupOffsets(prefix + "sluice-trainer-default")
                .partitionsToOffsetAndMetadata()
                .get()
                .get(new TopicPartition(topics.trainingRequests().name(), 0));
    }

    private void awaitNote(Topics topics, String note) throws Exception {
        await(() -> Optional.ofNullable(noted(topics))
                .filter(it -> it.offset() == 0 && it.metadata().equals(note))
                .isPresent());
    }

    private static void askToTrain(Topics topics) {
        new LabeledClouds(16, 2).produce(broker, topics, 0, 400, Split.TRAIN);
        broker.produce(
                topics.trainingRequests(),
                "default",
                TrainingRequest.newBuilder().setId("poison").build());
    }

    @Test
    void shouldEndInTimeWhileItFitsAndRefuseARequestThatTrainersFellAt() throws Exception {
        Topics topics = broker.createTopics(prefix);
        askToTrain(topics);
        TopicPartition requests = new TopicPartition(topics.trainingRequests().name(), 0);
        broker.admin()
                .alterConsumerGroupOffsets(
                        prefix + "sluice-trainer-default", Map.of(requests, new OffsetAndMetadata(0, "begun 2")))
                .all()
                .get();

        try (ServiceProcess stopped = trainer()) {
            awaitNote(topics, "begun 3");
            System.out.printf("SIGTERM while a fit runs: %.1f s%n", terminate(stopped));
        }
        assertThat(noted(topics).metadata()).as("nobody fell").isEqualTo("begun 2");
        try (ServiceProcess killed = trainer()) {
            awaitNote(topics, "begun 3");
            killed.pullThePlug();
        }
        long start = System.nanoTime();
        try (ServiceProcess next = trainer()) {
            var letters =
                    broker.readAll(Topics.deadLetterOf(topics.trainingRequests().name()), it -> !it.isEmpty());
            System.out.printf("trainer at work after kill -9: %.1f s%n", (System.nanoTime() - start) / 1e9);
            assertThat(new String(
                            letters.get(0)
                                    .headers()
                                    .lastHeader(DeadLetters.MESSAGE)
                                    .value(),
                            UTF_8))
                    .contains("3 trainers in a row have fallen");
            await(() -> noted(topics).offset() == 1);
            assertThat(next.isAlive()).isTrue();
        }
    }

    /** What happens as soon as a fit begins. */
    private record AtFit(Runnable done) implements TrainingListener {
        @Override
        public void fitStarted(int trainingExamples, int validationExamples, int epochs) {
            done.run();
        }

        @Override
        public void batchEnded(int epoch, int batch, int batches) {}

        @Override
        public void epochEnded(Epoch epoch, int epochs) {}

        @Override
        public void published(ModelVersion version) {}

        @Override
        public void refused(String reason) {}
    }

    private TrainerService trainer(Runnable atFit) {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.put("training.trigger", "request");
        return TrainerService.start(
                new TrainerConfig(settings), Clock.systemUTC(), new SimpleMeterRegistry(), new AtFit(atFit));
    }

    @Test
    void shouldCountATrainerThatFellByItselfAtARequestAndNoneThatWasClosed() throws Exception {
        // given
        Topics topics = broker.createTopics(prefix);
        askToTrain(topics);

        for (int fallen = 1; fallen <= 3; fallen++) {
            // when: one falls, as by memory
            try (TrainerService falls = trainer(() -> {
                throw new OutOfMemoryError("as if");
            })) {
                assertThatThrownBy(() -> falls.ended().get(TestBroker.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .hasStackTraceContaining("as if");
            }

            // then
            assertThat(noted(topics)).isEqualTo(new OffsetAndMetadata(0, "begun " + fallen));
        }
        broker.admin()
                .alterConsumerGroupOffsets(
                        prefix + "sluice-trainer-default",
                        Map.of(
                                new TopicPartition(topics.trainingRequests().name(), 0),
                                new OffsetAndMetadata(0, "begun 2")))
                .all()
                .get();

        // when: one is closed while it fits
        CountDownLatch fits = new CountDownLatch(1);
        TrainerService closed = trainer(() -> {
            fits.countDown();
            while (!Thread.currentThread().isInterrupted()) {
                LockSupport.park();
            }
        });
        assertThat(fits.await(TestBroker.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(noted(topics).metadata()).isEqualTo("begun 3");
        closed.close();

        // then
        assertThat(noted(topics)).isEqualTo(new OffsetAndMetadata(0, "begun 2"));
    }

    private ClassifierService classifier(Path state) {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.put("state.dir", state.toString());
        return ClassifierService.start(new ClassifierConfig(settings), Clock.systemUTC(), new SimpleMeterRegistry());
    }

    @Test
    void shouldSayWhyAndStartOnTheSameFolderLaterWhenItsDiskIsFullOrReadOnly() throws Exception {
        Topics topics = broker.createTopics(prefix);
        HandMadeModels models = new HandMadeModels(8, 8, 2);
        Optional<SmallDisk> mounted = SmallDisk.mount(folder, 256);
        assumeTrue(mounted.isPresent(), "mounting needs root");
        try (SmallDisk disk = mounted.get()) {
            Path state = disk.path().resolve("state");
            try (ClassifierService before = classifier(state)) {
                assertThatThrownBy(() -> classifier(state))
                        .isInstanceOf(ConfigException.class)
                        .hasMessageContaining("in use by another instance");
                classify(topics, models, 0, 10);
                assertThat(before.ended()).isNotDone();
            }
            assertAnswered(topics, 10);

            disk.forbidWriting(true);
            assertThatThrownBy(() -> classifier(state))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining(state.toString())
                    .hasMessageContaining("Read-only file system");
            disk.forbidWriting(false);
            disk.fill();
            assertThatThrownBy(() -> classifier(state))
                    .isInstanceOf(KafkaException.class)
                    .hasMessageContaining(state.toString())
                    .hasMessageContaining("No space left on device");
            disk.makeRoom();

            try (ClassifierService after = classifier(state)) {
                classify(topics, models, 10, 20);
                assertThat(after.ended()).isNotDone();
            }
            assertAnswered(topics, 20);
        }
    }

    private static void classify(Topics topics, HandMadeModels models, int from, int to) {
        List<ProducerRecord<byte[], byte[]>> posts = new ArrayList<>();
        for (int i = from; i < to; i++) {
            posts.add(new ProducerRecord<>(
                    topics.embeddedPosts().name(),
                    null,
                    topics.embeddedPosts().codec().encode(models.post(i))));
        }
        broker.produce(posts);
        broker.readAtLeast(topics.predictions(), to);
    }

    /** Asked when the classifier has ended, and so writes no more. */
    private static void assertAnswered(Topics topics, int posts) {
        assertThat(broker.readToEnd(topics.predictions().name())).hasSize(posts);
    }

    @Test
    void shouldEndWithAnErrorAndKeepItsRecordsWhenTheBrokersDiskIsFull() throws Exception {
        Optional<SmallDisk> mounted = SmallDisk.mount(folder, 256);
        assumeTrue(mounted.isPresent(), "mounting needs root");
        try (SmallDisk disk = mounted.get()) {
            Path data = disk.path().resolve("data");
            disk.forbidWriting(true);
            assertThatThrownBy(() -> LocalBroker.start(data, 0))
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("Read-only file system")
                    .hasMessageContaining("--data-dir");
            disk.forbidWriting(false);
            disk.fill();
            assertThatThrownBy(() -> LocalBroker.start(data, 0))
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("No space left on device");
            disk.makeRoom();
            LocalBroker.start(data, 0).close();
        }
    }
}
