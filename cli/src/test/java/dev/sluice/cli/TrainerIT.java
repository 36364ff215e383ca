package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.TopicOffset;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.TrainingRequest;
import dev.sluice.schemas.Vectors;
import dev.sluice.trainer.TrainerConfig;
import dev.sluice.trainer.TrainerService;
import dev.sluice.trainer.TrainingListener;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class TrainerIT {
    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    private String prefix;
    private Topics topics;
    private final Heard heard = new Heard();
    private final List<TrainerService> trainers = new ArrayList<>();

    @BeforeEach
    void createTopics() throws Exception {
        prefix = TestBroker.newPrefix();
        topics = broker.createTopics(prefix);
    }

    @AfterEach
    void stopTrainers() {
        trainers.forEach(TrainerService::close);
    }

    /** What the trainers told: published versions and refusals, in their order. */
    private static final class Heard implements TrainingListener {
        final BlockingQueue<String> news = new LinkedBlockingQueue<>();
        final CountDownLatch fitting = new CountDownLatch(1);
        volatile boolean holdsUpFits;

        @Override
        public void fitStarted(int trainingExamples, int validationExamples, int epochs) {
            fitting.countDown();
        }

        @Override
        public void batchEnded(int epoch, int batch, int batches) {
            while (holdsUpFits && !Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
            }
        }

        @Override
        public void epochEnded(Epoch epoch, int epochs) {
            // the versions carry them
        }

        @Override
        public void published(ModelVersion version) {
            news.add("published " + version.getVersion());
        }

        @Override
        public void refused(String reason) {
            news.add("refused " + reason);
        }

        String next() throws InterruptedException {
            String next = news.poll(TestBroker.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return Optional.ofNullable(next).orElseThrow(() -> new AssertionError("nothing was heard"));
        }
    }

    private TrainerService start(String... namesAndValues) {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.put("epochs", "2");
        settings.put("hidden.layers", "8");
        settings.put("validation.data", "none");
        for (int i = 0; i < namesAndValues.length; i += 2) {
            settings.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        TrainerService trainer =
                TrainerService.start(new TrainerConfig(settings), Clock.systemUTC(), new SimpleMeterRegistry(), heard);
        trainers.add(trainer);
        return trainer;
    }

    private static EmbeddingSpace space(String model) {
        return EmbeddingSpace.newBuilder()
                .setProvider("external")
                .setModel(model)
                .setDimensions(4)
                .setNormalisation("NONE")
                .setMaxTokens(512)
                .setTextRecipe("as-is")
                .build();
    }

    private static EmbeddedPost vector(String id, String label, Split split, String model, Instant embeddedAt) {
        Random random = new Random(id.hashCode());
        float[] vector = new float[4];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (label.equals("warm") ? 1 : -1) + (float) random.nextGaussian() / 4;
        }
        return EmbeddedPost.newBuilder()
                .setPost(Post.newBuilder()
                        .setId(id)
                        .setText(id)
                        .setLabel(label)
                        .setSplit(split)
                        .build())
                .setSource(new Source("posts", 0, 0L))
                .setText(id)
                .setEmbedding(Vectors.toBytes(vector))
                .setSpace(space(model))
                .setEmbeddedAt(embeddedAt)
                .build();
    }

    /** Half of them warm, half cold. */
    private void produceVectors(String name, int count, Split split) {
        produceVectors(name, count, split, "m", Instant.EPOCH);
    }

    private void produceVectors(String name, int count, Split split, String model, Instant embeddedAt) {
        produceVectors(name, count, split, model, embeddedAt, Map.of());
    }

    /** @param instead the label that is said instead of the one that the vector looks like */
    private void produceVectors(String name, int count, Split split, Map<String, String> instead) {
        produceVectors(name, count, split, "m", Instant.EPOCH, instead);
    }

    private void produceVectors(
            String name, int count, Split split, String model, Instant embeddedAt, Map<String, String> instead) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String id = name + "-" + i;
            EmbeddedPost post = vector(id, i % 2 == 0 ? "warm" : "cold", split, model, embeddedAt);
            String label = post.getPost().getLabel().orElseThrow();
            EmbeddedPost said = EmbeddedPost.newBuilder(post)
                    .setPost(Post.newBuilder(post.getPost())
                            .setLabel(instead.getOrDefault(label, label))
                            .build())
                    .build();
            records.add(new ProducerRecord<>(
                    topics.labeledVectors().name(),
                    bytes(id),
                    topics.labeledVectors().codec().encode(said)));
        }
        broker.produce(records);
    }

    private void request(String id, String... overrides) {
        broker.produce(
                topics.trainingRequests(),
                "default",
                TrainingRequest.newBuilder()
                        .setId(id)
                        .setBy("ann")
                        .setOverrides(overrides.length == 0 ? Map.of() : Map.of(overrides[0], overrides[1]))
                        .build());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Tag("smoke")
    @Test
    void shouldPublishAVersionAndItsDeploymentWhenThereAreEnoughExamples() throws Exception {
        // given
        produceVectors("train", 40, Split.TRAIN);
        produceVectors("test", 10, Split.TEST);

        // when
        start("validation.data", "test");

        // then
        assertThat(heard.next()).isEqualTo("published 1");
        ConsumerRecord<byte[], byte[]> record = broker.readAll(topics.models().name(), records -> !records.isEmpty())
                .get(0);
        assertThat(record.key()).isEqualTo(bytes(ModelVersions.keyOf("default", 1)));
        ModelVersion version = topics.models().codec().decode(record.value());
        Predictor predictor = Predictor.of(version);
        assertThat(predictor.labels()).containsExactly("cold", "warm");
        assertThat(version.getTraining().getExamples()).isEqualTo(Map.of("cold", 20L, "warm", 20L));
        assertThat(version.getTraining().getHistory()).hasSize(2).allSatisfy(epoch -> assertThat(epoch.getValLoss())
                .isPresent());
        assertThat(version.getTraining().getValidationSplit()).isEqualTo(Split.TEST);
        assertThat(version.getTraining().getParameters()).containsEntry("hidden.layers", "8");
        assertThat(version.getTraining().getLineage().stream()
                        .mapToLong(TopicOffset::getOffset)
                        .sum())
                .isEqualTo(50);
        assertThat(version.getEvaluations()).singleElement().satisfies(evaluation -> {
            assertThat(evaluation.getSplit()).isEqualTo(Split.TEST);
            assertThat(evaluation.getExamples()).isEqualTo(10);
        });
        List<Deployment> deployments = broker.readAtLeast(topics.deployments(), 1);
        assertThat(deployments).singleElement().satisfies(deployment -> {
            assertThat(deployment.getVersion()).isEqualTo(1);
            assertThat(deployment.getBy()).isEqualTo("trainer");
        });
    }

    @Test
    void shouldLearnTwoLabelsThenWaitWhileALabelIsRareThenLearnThree() throws Exception {
        // given
        produceVectors("train", 60, Split.TRAIN);
        produceVectors("validation", 60, Split.VALIDATION);
        start(
                "validation.data",
                "holdout",
                "threshold",
                "best_f1",
                "training.trigger",
                "request",
                "learning.rate",
                "0.05");

        // when: one sigmoid for warm
        request("two", "epochs", "10");
        assertThat(heard.next()).isEqualTo("published 1");
        // a label that one example has
        produceVectors("odd", 1, Split.TRAIN, Map.of("warm", "tepid"));
        request("rare");
        assertThat(heard.next()).startsWith("refused").contains("tepid (1)");
        // and once it has two
        produceVectors("even", 1, Split.TRAIN, Map.of("warm", "tepid"));
        request("three", "epochs", "10");
        assertThat(heard.next()).isEqualTo("published 2");

        // then
        List<ModelVersion> versions = broker.readAtLeast(topics.models(), 2);
        ModelVersion two = versions.get(0);
        assertThat(Predictor.of(two).task()).isEqualTo(Task.BINARY);
        assertThat(two.getLabels()).containsExactly("cold", "warm");
        assertThat(two.getThreshold()).isPresent();
        assertThat(two.getTraining().getTaskReason()).isEqualTo("task=auto: 2 labels");
        assertThat(two.getTraining().getHistory()).allSatisfy(epoch -> {
            assertThat(epoch.getAuc()).isPresent();
            assertThat(epoch.getValAuc()).isPresent();
        });
        assertThat(two.getEvaluations()).singleElement().satisfies(evaluation -> {
            assertThat(evaluation.getAuc().orElseThrow()).isGreaterThan(0.5);
            assertThat(evaluation.getRoc()).isNotEmpty();
        });
        assertThat(Predictor.of(versions.get(1)).task()).isEqualTo(Task.MULTICLASS);
        assertThat(versions.get(1).getLabels()).containsExactly("cold", "tepid", "warm");
        assertThat(broker.readAtLeast(topics.deployments(), 2).get(1).getReason())
                .contains("accuracy", "version 1 has");
    }

    @Test
    void shouldLearnNumbersWhenThereAreNoLabels() throws Exception {
        // given: targets about 50, and one that is no number
        produceNumbers("train", 200, Split.TRAIN);
        produceNumbers("validation", 50, Split.VALIDATION);
        broker.produce(topics.labeledVectors(), "nan", numbered("nan", Split.TRAIN, Double.NaN));

        // when
        start("validation.data", "holdout", "epochs", "40", "learning.rate", "0.02");

        // then
        assertThat(heard.next()).isEqualTo("published 1");
        ModelVersion version = broker.readAtLeast(topics.models(), 1).get(0);
        Predictor predictor = Predictor.of(version);
        assertThat(predictor.task()).isEqualTo(Task.REGRESSION);
        assertThat(version.getLabels()).isEmpty();
        assertThat(version.getTraining().getTrainingExamples()).isEqualTo(200);
        assertThat(version.getTraining().getHistory())
                .allSatisfy(epoch -> assertThat(epoch.getValMeanAbsoluteError()).isPresent());
        assertThat(version.getEvaluations()).singleElement().satisfies(evaluation -> {
            assertThat(evaluation.getRSquared().orElseThrow()).isGreaterThan(0.8);
            assertThat(evaluation.getTargets()).hasSize(50);
        });
        float[] vector = {1, -1, 0.5f, 0};
        assertThat(predictor.predict(vector)[0]).isCloseTo((float) targetOf(vector), within(10f));
        assertThat(broker.readAtLeast(topics.deployments(), 1)).hasSize(1);
        assertThat(broker.readAll(Topics.deadLetterOf(topics.labeledVectors().name()), records -> !records.isEmpty()))
                .hasSize(1);
    }

    private static double targetOf(float[] vector) {
        return 50 + 10 * vector[0] - 20 * vector[1] + 5 * vector[2];
    }

    private void produceNumbers(String name, int count, Split split) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            EmbeddedPost post = numbered(name + "-" + i, split, 0);
            double target = targetOf(Vectors.fromBytes(post.getEmbedding()));
            records.add(new ProducerRecord<>(
                    topics.labeledVectors().name(),
                    bytes(name + "-" + i),
                    topics.labeledVectors().codec().encode(numbered(name + "-" + i, split, target))));
        }
        broker.produce(records);
    }

    private static EmbeddedPost numbered(String id, Split split, double target) {
        EmbeddedPost post = vector(id, id.hashCode() % 2 == 0 ? "warm" : "cold", split, "m", Instant.EPOCH);
        return EmbeddedPost.newBuilder(post)
                .setPost(Post.newBuilder(post.getPost())
                        .setLabel(null)
                        .setTarget(target)
                        .build())
                .build();
    }

    @Test
    void shouldFitAgainOnlyPastTheLastVersionWhenRestarted() throws Exception {
        // given
        produceVectors("one", 20, Split.TRAIN);
        start("training.retrain.after.examples", "10").close();
        TrainerService first = start("training.retrain.after.examples", "10");
        assertThat(heard.next()).isEqualTo("published 1");
        first.close();

        // when: one less than enough, then the request that shows that nothing was fitted before it
        produceVectors("two", 9, Split.TRAIN);
        request("marker", "epochs", "no-number");
        start("training.retrain.after.examples", "10");
        assertThat(heard.next()).startsWith("refused").contains("epochs");
        produceVectors("three", 1, Split.TRAIN);

        // then
        assertThat(heard.next()).isEqualTo("published 2");
        assertThat(broker.readAtLeast(topics.models(), 2).get(1).getTraining().getExamples())
                .isEqualTo(Map.of("cold", 14L, "warm", 16L));
    }

    @Test
    void shouldAnswerARequestOnceWhenItComesAgain() throws Exception {
        // given: as after a fall between publishing and committing, the request stands there twice
        produceVectors("one", 20, Split.TRAIN);
        request("r-1", "epochs", "1");
        request("r-1", "epochs", "1");
        TrainerService first = start("training.trigger", "request");
        assertThat(heard.next()).isEqualTo("published 1");
        assertThat(heard.next()).startsWith("refused").contains("r-1").contains("version 1");
        first.close();

        // when
        request("r-2");
        start("training.trigger", "request");

        // then
        assertThat(heard.next()).isEqualTo("published 2");
        List<ModelVersion> versions = broker.readAtLeast(topics.models(), 2);
        assertThat(versions)
                .extracting(version -> version.getTraining().getRequestId().get())
                .containsExactly("r-1", "r-2");
        assertThat(versions.get(0).getTraining().getHistory()).hasSize(1);
        assertThat(versions.get(1).getTraining().getHistory()).hasSize(2);
    }

    @Test
    void shouldGoOnWhenThereIsGarbage() throws Exception {
        // given
        String vectors = topics.labeledVectors().name();
        broker.produce(vectors, bytes("garbage"), bytes("\u0001\u0002\u0003"));
        broker.produce(vectors, bytes("empty"), new byte[0]);
        broker.produce(
                topics.labeledVectors(),
                "nan",
                EmbeddedPost.newBuilder(vector("nan", "warm", Split.TRAIN, "m", Instant.EPOCH))
                        .setEmbedding(Vectors.toBytes(new float[] {1, Float.NaN, 0, 0}))
                        .build());
        broker.produce(topics.trainingRequests().name(), null, bytes("{\"overrides\": 7}"));
        broker.produce(topics.trainingRequests().name(), null, null);
        broker.produce(topics.models().name(), bytes("default/1"), bytes("no model"));
        produceVectors("one", 20, Split.TRAIN);
        broker.produce(topics.trainingRequests().name(), null, bytes("{}"));

        // when
        TrainerService trainer = start("training.trigger", "request");

        // then
        assertThat(heard.next()).isEqualTo("published 1");
        byte[] model = broker.readAll(topics.models().name(), records -> records.size() >= 2)
                .get(1)
                .value();
        assertThat(topics.models().codec().decode(model).getTraining().getExamples())
                .isEqualTo(Map.of("cold", 10L, "warm", 10L));
        List<ConsumerRecord<byte[], byte[]>> dead =
                broker.readAll(Topics.deadLetterOf(vectors), records -> records.size() >= 3);
        assertThat(dead)
                .extracting(record -> new String(record.key(), StandardCharsets.UTF_8))
                .containsExactlyInAnyOrder("garbage", "empty", "nan");
        assertThat(dead).allSatisfy(record -> assertThat(record.headers().lastHeader(DeadLetters.MESSAGE))
                .isNotNull());
        assertThat(broker.readToEnd(
                        Topics.deadLetterOf(topics.trainingRequests().name())))
                .hasSize(2);

        // and when: read once more, the same garbage is no news
        trainer.close();
        broker.produce(topics.trainingRequests().name(), null, bytes("{\"id\": \"again\"}"));
        start("training.trigger", "request");
        assertThat(heard.next()).isEqualTo("published 2");
        assertThat(broker.readToEnd(Topics.deadLetterOf(vectors))).hasSize(3);
    }

    @Test
    void shouldRefuseAndGoOnWhenAModelIsTooLarge() throws Exception {
        // given: a service that makes the topic by its own setting
        prefix = TestBroker.newPrefix();
        topics = new Topics(prefix, Topics.DEFAULT_CLASSIFIER, LocalBroker.PARTITIONS, 2 << 20);
        TrainerService first = start("training.trigger", "request", "model.max.bytes", "" + (2 << 20));
        produceVectors("one", 20, Split.TRAIN);

        // when: more than the setting allows, then less than the setting but more than the topic holds
        request("too-wide", "hidden.layers", "88000"); // 2.1 MB
        assertThat(heard.next()).startsWith("refused").contains("model.max.bytes");
        first.close();
        start("training.trigger", "request");
        request("wide", "hidden.layers", "88000");
        assertThat(heard.next()).startsWith("refused").contains("max.message.bytes");

        // then: what fits is published, and no reader waits for a transaction that was left open
        request("fits", "hidden.layers", "85000"); // 2.04 MB
        assertThat(heard.next()).isEqualTo("published 1");
        assertThat(broker.readAtLeast(topics.models(), 1)).singleElement().satisfies(version -> assertThat(
                        version.getTraining().getRequestId())
                .contains("fits"));
    }

    @Test
    void shouldKeepTheNewestAndWhatIsDeployedWhenModelsAreMany() throws Exception {
        // given: every version is deployed, and after the fourth an operator goes back to the second
        produceVectors("one", 20, Split.TRAIN);
        TrainerService first = start("training.trigger", "request", "models.keep", "2");
        publishByRequest(1, 4);
        assertThat(versionsThere()).containsExactly(2, 3, 4); // 3 was live, 2 before it
        broker.produce(topics.deployments().name(), null, bytes("{\"version\":2}"));

        // when
        publishByRequest(5, 6);

        // then: 5 was live and 2 before it
        assertThat(versionsThere()).containsExactly(2, 5, 6);

        // and when: another trainer reads the topic from its beginning, and the classifier too
        first.close();
        start("training.trigger", "request", "models.keep", "1");
        publishByRequest(7, 7);
        Map<String, String> settings = broker.serviceSettings(prefix);
        try (ClassifierService classifier =
                ClassifierService.start(new ClassifierConfig(settings), Clock.systemUTC(), new SimpleMeterRegistry())) {
            assertThat(broker.readAtLeast(topics.deploymentStatus(), 1))
                    .last()
                    .satisfies(status -> assertThat(status.getServingVersion()).contains(7));
            assertThat(classifier.ended()).isNotDone();
        }
        assertThat(versionsThere()).containsExactly(5, 6, 7);
    }

    private void publishByRequest(int from, int to) throws InterruptedException {
        publishByRequest(from, to, "1");
    }

    private void publishByRequest(int from, int to, String epochs) throws InterruptedException {
        for (int version = from; version <= to; version++) {
            request("r-" + version, "epochs", epochs);
            assertThat(heard.next()).isEqualTo("published " + version);
        }
    }

    /** As a reader sees them who takes a record without a value for a withdrawal. */
    private Set<Integer> versionsThere() {
        Set<Integer> there = new TreeSet<>();
        for (ConsumerRecord<byte[], byte[]> record :
                broker.readToEnd(topics.models().name())) {
            String key = new String(record.key(), StandardCharsets.UTF_8);
            int version = Integer.parseInt(key.substring(key.indexOf('/') + 1));
            if (record.value() == null) {
                there.remove(version);
            } else {
                there.add(version);
            }
        }
        return there;
    }

    @Test
    void shouldHoldAVersionBackWhenItIsWorsePinnedOrNotToBeDeployed() throws Exception {
        // given: a good version is live
        produceVectors("held-out", 20, Split.VALIDATION);
        produceVectors("one", 40, Split.TRAIN);
        String[] settings = {
            "training.trigger", "request", "validation.data", "holdout", "epochs", "20", "learning.rate", "0.05"
        };
        TrainerService first = start(settings);
        publishByRequest(1, 1, "20");

        // when: half a day of wrong labels, then the right ones again
        produceVectors("one", 40, Split.TRAIN, Map.of("warm", "cold", "cold", "warm"));
        publishByRequest(2, 2, "20");
        produceVectors("one", 40, Split.TRAIN);
        publishByRequest(3, 3, "20");

        // then
        assertThat(promotions()).hasSize(3).element(1).asString().contains("version 1 has 1.0000: worse by more than");
        assertThat(broker.readAtLeast(topics.deployments(), 2))
                .extracting(Deployment::getVersion, Deployment::getAutomatic, Deployment::getExpected)
                .containsExactly(tuple(1, true, Optional.of(0)), tuple(3, true, Optional.of(1)));

        // and when: pinned, then free again but another way of working
        broker.produce(topics.deployments().name(), null, bytes("{\"action\":\"PIN\"}"));
        publishByRequest(4, 4, "20");
        broker.produce(topics.deployments().name(), null, bytes("{\"action\":\"UNPIN\"}"));
        first.close();
        String[] manual = Arrays.copyOf(settings, settings.length + 2);
        manual[settings.length] = "promotion";
        manual[settings.length + 1] = "manual";
        start(manual);
        publishByRequest(5, 5, "20");

        // then
        assertThat(promotions()).startsWith("deployed").endsWith("deployed", "version 3 is pinned", "promotion=manual");
        assertThat(broker.readToEnd(topics.deployments().name())).hasSize(4);
    }

    @Test
    void shouldHoldTheFirstVersionBackWhenItDoesNotFindALabel() throws Exception {
        produceVectors("held-out", 20, Split.VALIDATION, Map.of("warm", "cold", "cold", "warm"));
        produceVectors("one", 40, Split.TRAIN);
        start(
                "training.trigger",
                "request",
                "validation.data",
                "holdout",
                "learning.rate",
                "0.05",
                "promotion.min.class.recall",
                "0.5");

        publishByRequest(1, 1, "20");

        assertThat(promotions()).singleElement().asString().contains("promotion.min.class.recall=0.5");
        assertThat(broker.readToEnd(topics.deployments().name())).isEmpty();
    }

    private List<String> promotions() {
        return broker.readAtLeast(topics.models(), 1).stream()
                .map(version -> version.getTraining().getPromotion())
                .toList();
    }

    @Test
    void shouldGiveTheSameFingerprintWhenTheExamplesAreTheSame() throws Exception {
        produceVectors("one", 20, Split.TRAIN);
        start("training.trigger", "request");
        request("r-1");
        assertThat(heard.next()).isEqualTo("published 1");
        produceVectors("one", 20, Split.TRAIN);
        request("r-2");
        assertThat(heard.next()).isEqualTo("published 2");
        produceVectors("two", 1, Split.TEST);
        request("r-3");
        assertThat(heard.next()).isEqualTo("published 3");

        List<ModelVersion> versions = broker.readAtLeast(topics.models(), 3);

        List<String> fingerprints = versions.stream()
                .map(version -> version.getTraining().getDatasetFingerprint())
                .toList();
        assertThat(fingerprints.get(0)).matches("[0-9a-f]{64}").isEqualTo(fingerprints.get(1));
        assertThat(fingerprints.get(2)).isNotEqualTo(fingerprints.get(1));
        assertThat(versions.get(0).getNetwork()).isEqualTo(versions.get(1).getNetwork());
    }

    @Test
    void shouldLearnTheNewestSpaceOnlyWhenThereAreTwo() throws Exception {
        produceVectors("old", 30, Split.TRAIN, "old-model", Instant.EPOCH);
        produceVectors("new", 20, Split.TRAIN, "new-model", Instant.EPOCH.plusSeconds(1));
        request("r");

        start("training.trigger", "request");

        assertThat(heard.next()).isEqualTo("published 1");
        ModelVersion version = broker.readAtLeast(topics.models(), 1).get(0);
        assertThat(version.getSpace().getModel()).isEqualTo("new-model");
        assertThat(version.getTraining().getExamples()).isEqualTo(Map.of("cold", 10L, "warm", 10L));
    }

    @Test
    void shouldStandByUntilTheActiveOneEndsWhenThereAreTwoTrainers() throws Exception {
        // given: the active one is in the middle of a fit
        produceVectors("one", 20, Split.TRAIN);
        request("r");
        heard.holdsUpFits = true;
        TrainerService active = start("training.trigger", "request");
        heard.fitting.await();
        start("training.trigger", "request");

        // when
        active.close();
        heard.holdsUpFits = false;

        // then: it left nothing behind, and the other answers
        assertThat(active.ended()).isCompleted();
        assertThat(heard.next()).isEqualTo("published 1");
        assertThat(broker.readAtLeast(topics.deployments(), 1)).hasSize(1);
    }
}
