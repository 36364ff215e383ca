package dev.sluice.classifier;

import static dev.sluice.classifier.Samples.TIME;
import static dev.sluice.classifier.Samples.TOPICS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.runtime.TopicLimits;
import dev.sluice.schemas.AlternativeEmbedding;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.LabelProbability;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Trust;
import dev.sluice.schemas.Vectors;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassifyTopologyTest {
    @TempDir
    Path folder;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final RecordedReports reports = new RecordedReports();
    private LiveModel live;
    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> posts;
    private TestInputTopic<byte[], byte[]> models;
    private TestInputTopic<byte[], byte[]> deployments;
    private TestOutputTopic<byte[], byte[]> predictions;
    private TestOutputTopic<byte[], byte[]> deadLetters;
    private TestOutputTopic<byte[], byte[]> shadows;
    private final DeadLetters letters = Samples.letters("classify");

    @BeforeEach
    void startAsAvro() {
        start(false, 200, 0);
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    private void start(boolean json, int textCharacters, double minConfidence) {
        live = new LiveModel(TOPICS, Trust.OPEN, reports);
        live.onRestoreEnd(null, ClassifyTopology.MODELS, 0);
        live.onRestoreEnd(null, ClassifyTopology.DEPLOYMENTS, 0);
        PredictionWriter writer =
                new PredictionWriter(TOPICS.predictions().codec(), TOPICS.classifier(), json, textCharacters);
        ClassifierMetrics metrics = new ClassifierMetrics(registry);
        metrics.watch(live);
        Properties settings = new Properties();
        settings.putAll(StreamsSettings.classify(
                new ClassifierConfig(Map.of("bootstrap.servers", "nowhere:9092")),
                folder.resolve(json + " " + textCharacters + " " + minConfidence)));
        Topology topology = ClassifyTopology.of(TOPICS, live, reports, writer, letters, minConfidence, metrics);
        driver = new TopologyTestDriver(topology, settings, TIME);
        posts = input(TOPICS.embeddedPosts().name());
        models = input(TOPICS.models().name());
        deployments = input(TOPICS.deployments().name());
        predictions = output(TOPICS.predictions().name());
        shadows = output(TOPICS.shadowPredictions().name());
        deadLetters = output(Topics.deadLetterOf(TOPICS.embeddedPosts().name()));
    }

    private TestInputTopic<byte[], byte[]> input(String name) {
        return driver.createInputTopic(name, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private TestOutputTopic<byte[], byte[]> output(String name) {
        return driver.createOutputTopic(name, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private void publish(int version, byte[] bytes) {
        models.pipeInput(("default/" + version).getBytes(UTF_8), bytes);
    }

    private void deploy(int version) {
        Deployment deployment = Deployment.newBuilder().setVersion(version).build();
        deployments.pipeInput(
                "default".getBytes(UTF_8), TOPICS.deployments().codec().encode(deployment));
    }

    private void event(String json) {
        deployments.pipeInput(null, json.getBytes(UTF_8));
    }

    private Optional<Integer> answering() {
        return classify(Samples.post("p", 1, 0)).getModelVersion();
    }

    private Prediction classify(EmbeddedPost.Builder post) {
        return classify(post.build(), new RecordHeaders());
    }

    private Prediction classify(EmbeddedPost post, Headers headers) {
        posts.pipeInput(new TestRecord<>(
                "key".getBytes(UTF_8), TOPICS.embeddedPosts().codec().encode(post), headers, TIME));
        return TOPICS.predictions().codec().decode(predictions.readValue());
    }

    private double count(String name, String... tags) {
        return registry.get(name).tags(tags).counter().count();
    }

    @Test
    void shouldKeepItsShapeWhenTheCodeChanges() throws Exception {
        String classify = ClassifyTopology.of(TOPICS, live, reports, null, Samples.letters("classify"), 0, null)
                .describe()
                .toString();
        assertThat("classify\n" + classify)
                .isEqualToNormalizingNewlines(new String(
                        getClass().getResourceAsStream("topology.txt").readAllBytes(), UTF_8));
    }

    @Test
    void shouldSayNoModelWhenNothingIsDeployed() {
        // given
        publish(1, Samples.sound(1));

        // when
        Prediction prediction = classify(Samples.post("p", 1, 0));

        // then
        assertThat(prediction.getStatus()).isEqualTo(PredictionStatus.NO_MODEL);
        assertThat(prediction.getLabel()).isEmpty();
        assertThat(prediction.getConfidence()).isEmpty();
        assertThat(prediction.getProbabilities()).isEmpty();
        assertThat(prediction.getModelVersion()).isEmpty();
        assertThat(count("sluice.classifier.posts", "status", "NO_MODEL")).isEqualTo(1);
        assertThat(registry.get("sluice.classifier.live.version").gauge().value())
                .isZero();
    }

    @Test
    void shouldGiveEveryLabelAProbabilityMostLikelyFirstWhenAModelServes() {
        // given
        publish(2, Samples.sound(2));
        deploy(2);

        // when: the sums are 1, 2, 0
        Prediction prediction = classify(Samples.post("p", 0.5f, 1));

        // then
        double total = Math.exp(1) + Math.exp(2) + 1;
        assertThat(prediction.getStatus()).isEqualTo(PredictionStatus.CLASSIFIED);
        assertThat(prediction.getProbabilities())
                .extracting(LabelProbability::getLabel)
                .containsExactly("space", "med", "other");
        assertThat(prediction.getProbabilities().get(0).getProbability())
                .isCloseTo((float) (Math.exp(2) / total), within(1e-6f));
        assertThat(prediction.getProbabilities().get(1).getProbability())
                .isCloseTo((float) (Math.exp(1) / total), within(1e-6f));
        assertThat(prediction.getProbabilities().get(2).getProbability()).isCloseTo((float) (1 / total), within(1e-6f));
        assertThat(prediction.getLabel()).contains("space");
        assertThat(prediction.getConfidence())
                .contains(prediction.getProbabilities().get(0).getProbability());
        assertThat(prediction.getModelVersion()).contains(2);
        assertThat(registry.get("sluice.classifier.live.version").gauge().value())
                .isEqualTo(2);
    }

    @Test
    void shouldKeepTheModelsOrderWhenLabelsAreEquallyLikely() {
        publish(1, Samples.sound(1));
        deploy(1);

        Prediction prediction = classify(Samples.post("p", 0, 0));

        assertThat(prediction.getProbabilities())
                .extracting(LabelProbability::getLabel)
                .containsExactly("med", "space", "other");
    }

    @Test
    void shouldCarryOverWhatThePostCameWithWhenItIsClassified() {
        // given
        EmbeddedPost post = Samples.post("p", 1, 0)
                .setPost(Post.newBuilder()
                        .setId("p-1")
                        .setLabel("med")
                        .setSplit(Split.TEST)
                        .setAttributes(Map.of("forum", "f"))
                        .setCreatedAt(TIME.minusSeconds(60))
                        .build())
                .build();
        Headers headers = new RecordHeaders().add("trace", new byte[] {1, 2});
        driver.advanceWallClockTime(Duration.ofSeconds(5));

        // when
        posts.pipeInput(new TestRecord<>(
                "other-key".getBytes(UTF_8), TOPICS.embeddedPosts().codec().encode(post), headers, TIME));
        TestRecord<byte[], byte[]> record = predictions.readRecord();
        Prediction prediction = TOPICS.predictions().codec().decode(record.value());

        // then
        assertThat(record.key()).isEqualTo("p-1".getBytes(UTF_8));
        assertThat(record.headers().toArray()).isEqualTo(headers.toArray());
        assertThat(record.getRecordTime()).isEqualTo(TIME.plusSeconds(5));
        assertThat(prediction.getPostId()).isEqualTo("p-1");
        assertThat(prediction.getSource()).isEqualTo(post.getSource());
        assertThat(prediction.getClassifier()).isEqualTo("default");
        assertThat(prediction.getPostLabel()).contains("med");
        assertThat(prediction.getSplit()).contains(Split.TEST);
        assertThat(prediction.getTextStart()).isEqualTo("How long is a day?");
        assertThat(prediction.getAttributes()).isEqualTo(Map.of("forum", "f"));
        assertThat(prediction.getCreatedAt()).contains(TIME.minusSeconds(60));
        assertThat(prediction.getEmbeddedAt()).isEqualTo(TIME);
        assertThat(prediction.getClassifiedAt()).isEqualTo(TIME.plusSeconds(5));
    }

    @Test
    void shouldAnswerNothingWhenTheVectorComesFromAnotherSpaceOfTheSameLength() {
        publish(1, Samples.sound(1));
        deploy(1);

        Prediction prediction = classify(Samples.post("p", 1, 0).setSpace(Samples.space("another")));

        assertThat(prediction.getStatus()).isEqualTo(PredictionStatus.OTHER_EMBEDDING_SPACE);
        assertThat(prediction.getLabel()).isEmpty();
        assertThat(prediction.getProbabilities()).isEmpty();
        assertThat(count("sluice.classifier.posts", "status", "OTHER_EMBEDDING_SPACE"))
                .isEqualTo(1);
    }

    @Test
    void shouldReadTheVectorOfItsOwnSpaceWhenAPostComesInTwo() {
        // given
        publish(1, Samples.sound(1));
        publish(2, Samples.sealed(Samples.model(2, 1).setSpace(Samples.space("next"))));
        EmbeddedPost.Builder both = Samples.post("p", 1, 0).setAlternatives(List.of(alternative("next", 0, 1)));

        // when
        deploy(1);
        Prediction before = classify(both);
        deploy(2);
        Prediction after = classify(both);
        Prediction older = classify(Samples.post("p", 1, 0));

        // then
        assertThat(before.getLabel()).contains("med");
        assertThat(after.getLabel()).contains("space");
        assertThat(after.getModelVersion()).contains(2);
        assertThat(older.getStatus()).isEqualTo(PredictionStatus.OTHER_EMBEDDING_SPACE);
    }

    private static AlternativeEmbedding alternative(String model, float... vector) {
        return new AlternativeEmbedding(Vectors.toBytes(vector), Samples.space(model));
    }

    @Test
    void shouldAnswerFromTheFirstVectorWhenAnotherIsNotSound() {
        publish(1, Samples.sound(1));
        publish(2, Samples.sealed(Samples.model(2, 1).setSpace(Samples.space("next"))));
        EmbeddedPost.Builder post = Samples.post("p", 1, 0)
                .setAlternatives(List.of(alternative("next", Float.NaN, 1), alternative("m", 0, 1)));

        deploy(1);
        assertThat(classify(post).getLabel()).contains("med");
        deploy(2);
        assertThat(classify(post).getStatus()).isEqualTo(PredictionStatus.OTHER_EMBEDDING_SPACE);
        assertThat(classify(post.setAlternatives(List.of(alternative("next", 1))))
                        .getStatus())
                .isEqualTo(PredictionStatus.OTHER_EMBEDDING_SPACE);
        assertThat(deadLetters.isEmpty()).isTrue();
    }

    @Test
    void shouldAbstainWithTheProbabilitiesWhenTheMostLikelyLabelIsTooUnlikely() {
        // given: the sums are 0, so that each of the three labels has a third
        float third = 1 / 3f;
        for (double least : new double[] {Math.nextDown(third), third, Math.nextUp(third)}) {
            driver.close();
            start(false, 200, least);
            publish(1, Samples.sound(1));
            deploy(1);

            // when
            Prediction prediction = classify(Samples.post("p", 0, 0));

            // then
            boolean sure = least <= third;
            assertThat(prediction.getStatus())
                    .isEqualTo(sure ? PredictionStatus.CLASSIFIED : PredictionStatus.ABSTAINED);
            assertThat(prediction.getLabel()).isEqualTo(sure ? Optional.of("med") : Optional.empty());
            assertThat(prediction.getConfidence()).isEqualTo(sure ? Optional.of(third) : Optional.empty());
            assertThat(prediction.getProbabilities()).hasSize(3);
            assertThat(prediction.getModelVersion()).contains(1);
        }
        assertThat(count("sluice.classifier.posts", "status", "ABSTAINED")).isEqualTo(1);
    }

    @Test
    void shouldAnswerWithANumberWhenTheVersionIsARegression() {
        // given
        publish(1, Samples.sound(1));
        publish(2, Samples.sealed(Samples.regression(2)));
        EmbeddedPost.Builder post = Samples.post("p", 0.25f, 7)
                .setPost(Post.newBuilder().setId("p").setTarget(-1.5).build());

        // when
        deploy(2);
        Prediction prediction = classify(post);

        // then
        assertThat(prediction.getStatus()).isEqualTo(PredictionStatus.CLASSIFIED);
        assertThat(prediction.getValue()).contains(5.5);
        assertThat(prediction.getPostTarget()).contains(-1.5);
        assertThat(prediction.getLabel()).isEmpty();
        assertThat(prediction.getConfidence()).isEmpty();
        assertThat(prediction.getProbabilities()).isEmpty();
        assertThat(prediction.getModelVersion()).contains(2);

        // and with another task from one post to the next
        deploy(1);
        assertThat(classify(post).getValue()).isEmpty();
        assertThat(classify(post).getLabel()).contains("space");
    }

    @Test
    void shouldWriteTheNumberAsJsonWhenPredictionsAreJson() {
        driver.close();
        start(true, 0, 1);
        publish(2, Samples.sealed(Samples.regression(2)));
        deploy(2);

        posts.pipeInput(
                "k".getBytes(UTF_8),
                TOPICS.embeddedPosts()
                        .codec()
                        .encode(Samples.post("p", 0.25f, 7).build()));

        assertThat(new String(predictions.readValue(), UTF_8))
                .contains("\"status\":\"CLASSIFIED\"", "\"value\":5.5", "\"probabilities\":[]");
    }

    @Test
    void shouldSwitchWhenAnotherVersionIsDeployedBackAndForth() {
        // given
        publish(1, Samples.sound(1));
        publish(2, Samples.sound(2));

        // when
        deploy(1);
        Prediction first = classify(Samples.post("p", 1, 0));
        deploy(2);
        Prediction second = classify(Samples.post("p", 1, 0));
        deploy(1);
        Prediction third = classify(Samples.post("p", 1, 0));

        // then
        assertThat(List.of(first, second, third))
                .extracting(Prediction::getModelVersion)
                .containsExactly(Optional.of(1), Optional.of(2), Optional.of(1));
        assertThat(third.getConfidence()).isEqualTo(first.getConfidence()).isNotEqualTo(second.getConfidence());
        assertThat(reports.outcomes)
                .extracting(Reports.Outcome::state)
                .containsExactly(DeploymentState.SERVING, DeploymentState.SERVING, DeploymentState.SERVING);
    }

    @Test
    void shouldServeTheOldVersionUntilTheNewOneArrivesWhenItIsDeployedFirst() {
        // given
        publish(1, Samples.sound(1));
        deploy(1);

        // when
        deploy(2);
        Prediction before = classify(Samples.post("p", 1, 0));
        publish(2, Samples.sound(2));
        Prediction after = classify(Samples.post("p", 1, 0));

        // then
        assertThat(before.getModelVersion()).contains(1);
        assertThat(after.getModelVersion()).contains(2);
        assertThat(reports.outcomes)
                .extracting(Reports.Outcome::state, Reports.Outcome::version, Reports.Outcome::serving)
                .containsExactly(
                        tuple(DeploymentState.SERVING, 1, Optional.of(1)),
                        tuple(DeploymentState.WAITING, 2, Optional.of(1)),
                        tuple(DeploymentState.SERVING, 2, Optional.of(2)));
    }

    @Test
    void shouldServeTheOldVersionWhenTheNewOneIsRefused() {
        // given
        publish(1, Samples.sound(1));
        deploy(1);

        // when
        publish(2, Samples.unsound(2));
        deploy(2);

        // then
        assertThat(classify(Samples.post("p", 1, 0)).getModelVersion()).contains(1);
        assertThat(reports.refusals)
                .containsExactly("models@1: layer 1 weights: 6 numbers take 24 bytes, there are 20");
        assertThat(reports.last())
                .isEqualTo(new Reports.Outcome(
                        Arm.LIVE,
                        DeploymentState.REFUSED,
                        2,
                        Optional.of(1),
                        "layer 1 weights: 6 numbers take 24 bytes, there are 20"));
    }

    @Test
    void shouldGoOnWhenModelsAndDeploymentsHoldGarbage() {
        // given
        publish(1, Samples.sound(1));
        deploy(1);

        // when
        models.pipeInput("x".getBytes(UTF_8), new byte[] {1, 2, 3});
        models.pipeInput("default/1".getBytes(UTF_8), new byte[0]);
        models.pipeInput("default/1".getBytes(UTF_8), Samples.sound(2));
        models.pipeInput(
                "default/3".getBytes(UTF_8), Samples.sealed(Samples.model(3, 1).setClassifier("spam")));
        deployments.pipeInput((byte[]) null, (byte[]) null);
        deployments.pipeInput(new byte[] {(byte) 0xff}, "{\"version\":\"two\"}".getBytes(UTF_8));
        deployments.pipeInput(null, "{\"version\":0}".getBytes(UTF_8));
        deployments.pipeInput(null, "{\"version\":1,\"classifier\":\"spam\"}".getBytes(UTF_8));

        // then
        assertThat(reports.refusals).hasSize(8).allSatisfy(refusal -> assertThat(refusal)
                .matches("(models|deployments)@\\d: .+"));
        assertThat(reports.refusals.get(2)).contains("the record's key is default/1, the version in it is default/2");
        assertThat(reports.refusals.get(3)).contains("the version is spam/3, this classifier is default");
        assertThat(reports.fresh).containsOnly(true);
        assertThat(classify(Samples.post("p", 1, 0)).getModelVersion()).contains(1);
    }

    @Test
    void shouldDeployWhenTheRecordIsALineOfJsonWithoutAKey() {
        publish(1, Samples.sound(1));

        deployments.pipeInput(null, "{\"version\":1}".getBytes(UTF_8));

        assertThat(classify(Samples.post("p", 1, 0)).getModelVersion()).contains(1);
    }

    @Test
    void shouldLetAutomaticEventsLoseWhenAVersionIsPinned() {
        // given
        publish(1, Samples.sound(1));
        publish(2, Samples.sound(2));
        deploy(1);
        event("{\"action\":\"PIN\"}");
        int outcomes = reports.outcomes.size();

        // when
        event("{\"version\":2,\"automatic\":true}");
        Optional<Integer> whilePinned = answering();
        int saidOfIt = reports.outcomes.size() - outcomes;
        event("{\"action\":\"UNPIN\"}");
        event("{\"version\":2,\"automatic\":true}");

        // then
        assertThat(whilePinned).contains(1);
        assertThat(saidOfIt).isZero();
        assertThat(reports.lost).hasSize(1);
        assertThat(reports.lost.get(0).lost()).contains("version 1 is pinned");
        assertThat(answering()).contains(2);
    }

    @Test
    void shouldGoBackWhenTheNewestVersionIsRolledBackAndStayThereWhenItComesLater() {
        // given: 3 is deployed, and waited for
        publish(1, Samples.sound(1));
        publish(2, Samples.sound(2));
        deploy(1);
        deploy(2);
        deploy(3);

        // when, then
        event("{\"action\":\"ROLLBACK\"}");
        publish(3, Samples.sound(3));
        assertThat(answering()).contains(2);
        assertThat(reports.last())
                .isEqualTo(new Reports.Outcome(Arm.LIVE, DeploymentState.SERVING, 2, Optional.of(2), ""));
        event("{\"action\":\"ROLLBACK\"}");
        assertThat(answering()).contains(1);
        event("{\"action\":\"ROLLBACK\"}");
        assertThat(answering()).contains(1);
        assertThat(reports.lost).hasSize(1);
    }

    @Test
    void shouldServeOnWhenTheVersionRolledBackToIsGone() {
        publish(1, Samples.sound(1));
        publish(2, Samples.sound(2));
        deploy(1);
        deploy(2);
        publish(1, null);

        event("{\"action\":\"ROLLBACK\"}");

        assertThat(answering()).contains(2);
        assertThat(reports.last().state()).isEqualTo(DeploymentState.WAITING);
    }

    @Test
    void shouldChangeNothingWhenAnActionIsUnknown() {
        publish(1, Samples.sound(1));
        publish(2, Samples.sound(2));
        deploy(1);

        event("{\"action\":\"LAUNCH\",\"version\":2}");

        assertThat(answering()).contains(1);
        assertThat(reports.lost).hasSize(1);
    }

    @Test
    void shouldServeOnWhenTheLiveVersionIsDeleted() {
        publish(1, Samples.sound(1));
        deploy(1);

        publish(1, null);

        assertThat(classify(Samples.post("p", 1, 0)).getModelVersion()).contains(1);
        assertThat(reports.refusals).isEmpty();
    }

    @Test
    void shouldMakeDeadLettersOfTheOriginalWhenPostsCannotBeRead() {
        assertDeadLetter(encoded(Samples.post("p", 1)), "the vector has 1 numbers, its embedding space 2 dimensions");
        assertDeadLetter(
                encoded(Samples.post("p", 1, 0, 0)), "the vector has 3 numbers, its embedding space 2 dimensions");
        assertDeadLetter(
                encoded(Samples.post("p", 1, Float.POSITIVE_INFINITY)), "the vector holds a number that is not finite");
        assertDeadLetter(encoded(Samples.post("p", Float.NaN, 0)), "the vector holds a number that is not finite");
        assertDeadLetter(
                encoded(Samples.post("p").setEmbedding(ByteBuffer.wrap(new byte[7]))), "a multiple of 4 bytes");
        assertDeadLetter("{\"post\":5}".getBytes(UTF_8), "EmbeddedPost");
        assertDeadLetter(new byte[] {(byte) 0xC3, 1, 2}, "neither JSON");
        assertDeadLetter(new byte[0], "the value is empty");
        assertDeadLetter(null, "the value is empty");

        assertThat(predictions.isEmpty()).isTrue();
        assertThat(count("sluice.classifier.dead.letters")).isEqualTo(9);
        assertThat(classify(Samples.post("p", 1, 0)).getStatus()).isEqualTo(PredictionStatus.NO_MODEL);
    }

    private static byte[] encoded(EmbeddedPost.Builder post) {
        return TOPICS.embeddedPosts().codec().encode(post.build());
    }

    private void assertDeadLetter(byte[] value, String reason) {
        Headers headers = new RecordHeaders().add("trace", new byte[] {1});
        posts.pipeInput(new TestRecord<>(new byte[] {9}, value, headers, TIME));

        TestRecord<byte[], byte[]> letter = deadLetters.readRecord();
        assertThat(letter.key()).containsExactly(9);
        assertThat(letter.value()).isEqualTo(value);
        assertThat(header(letter, "trace")).containsExactly(1);
        assertThat(new String(header(letter, DeadLetters.MESSAGE), UTF_8)).contains(reason);
        assertThat(new String(header(letter, DeadLetters.TOPIC), UTF_8)).isEqualTo("embedded-posts");
    }

    private static byte[] header(TestRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? new byte[0] : header.value();
    }

    @Test
    void shouldNameThePostAfterItsKeyWhenItHasNoId() {
        EmbeddedPost nameless = Samples.post("p", 1, 0)
                .setPost(Post.newBuilder().setText("t").build())
                .build();

        assertThat(classify(nameless, new RecordHeaders()).getPostId()).isEqualTo("key");
        posts.pipeInput(null, TOPICS.embeddedPosts().codec().encode(nameless));

        assertThat(predictions.isEmpty()).isTrue();
        assertThat(new String(header(deadLetters.readRecord(), DeadLetters.MESSAGE), UTF_8))
                .isEqualTo("the post has no id, and the record no key to take its place");
    }

    @Test
    void shouldMakeADeadLetterWhenThePredictionWouldNotFitItsTopic() {
        // given: what a prediction takes besides one attribute, by measuring one
        int empty = predictionWithAttribute(0).length;
        int most = Topics.MAX_NESTED_POST_BYTES - 256 - "p".length() - empty - 3; // 3: the attribute's longer length

        // when, then
        assertThat(predictionWithAttribute(most - 1)).isNotEmpty();
        assertThat(predictionWithAttribute(most)).isNotEmpty();
        assertThat(predictionWithAttribute(most + 1)).isEmpty();
        assertThat(new String(header(deadLetters.readRecord(), DeadLetters.MESSAGE), UTF_8))
                .contains("would take " + (Topics.MAX_NESTED_POST_BYTES + 1) + " bytes");
    }

    @Test
    void shouldLeaveOutTheShadowsAnswerWhenItsTopicTakesLessThanThatOfPredictions() {
        // given
        publish(1, Samples.sound(1));
        publish(2, Samples.sound(2));
        deploy(1);
        event("{\"action\":\"SHADOW\",\"version\":2}");
        classify(Samples.post("p", 1, 0));
        TestRecord<byte[], byte[]> shadow = shadows.readRecord();
        long size = TopicLimits.sizeOf(shadow.key(), shadow.value(), shadow.headers());

        for (int less : new int[] {-1, 0, 1}) {
            letters.limits().refused(TOPICS.shadowPredictions().name(), size - less + 1); // takes one byte less

            // when
            Prediction prediction = classify(Samples.post("p", 1, 0));

            // then
            assertThat(prediction.getModelVersion()).contains(1);
            assertThat(shadows.readValuesToList()).hasSize(less <= 0 ? 1 : 0);
        }
        assertThat(deadLetters.isEmpty()).isTrue();
    }

    @Test
    void shouldRefuseADeploymentWhenItIsLargerThanAnyCanBe() {
        publish(1, Samples.sound(1));
        publish(2, Samples.sound(2));
        String event = "{\"version\":%d}";
        int spaces = Topics.MAX_POST_BYTES - event.length() + 1; // it is one shorter with its number

        event(event.formatted(1) + " ".repeat(spaces));
        assertThat(answering()).contains(1);
        event(event.formatted(2) + " ".repeat(spaces + 1));

        assertThat(answering()).contains(1);
        assertThat(reports.refusals)
                .singleElement()
                .asString()
                .contains("the value has " + (Topics.MAX_POST_BYTES + 1));
    }

    private byte[] predictionWithAttribute(int characters) {
        EmbeddedPost post = Samples.post("p", 1, 0)
                .setPost(Post.newBuilder()
                        .setId("p")
                        .setAttributes(Map.of("a", "x".repeat(characters)))
                        .build())
                .build();
        posts.pipeInput(new byte[] {1}, TOPICS.embeddedPosts().codec().encode(post));
        return predictions.isEmpty() ? new byte[0] : predictions.readValue();
    }

    @Test
    void shouldWriteALineOfJsonWhenAskedTo() {
        // given
        driver.close();
        start(true, 200, 0);
        publish(1, Samples.sound(1));
        deploy(1);

        // when
        posts.pipeInput(
                new byte[] {1},
                TOPICS.embeddedPosts().codec().encode(Samples.post("p", 1, 0).build()));
        byte[] value = predictions.readValue();

        // then
        assertThat(new String(value, UTF_8))
                .startsWith("{")
                .contains("\"postId\":\"p\"", "\"label\":\"med\"", "\"modelVersion\":1")
                .doesNotContain("\n");
        assertThat(TOPICS.predictions().codec().decode(value).getLabel()).contains("med");
    }

    @Test
    void shouldCutTheTextBetweenCharactersWhenItIsLong() {
        driver.close();
        start(false, 4, 0);

        assertThat(classify(Samples.post("p", 1, 0).setText("abc")).getTextStart())
                .isEqualTo("abc");
        assertThat(classify(Samples.post("p", 1, 0).setText("abcd")).getTextStart())
                .isEqualTo("abcd");
        assertThat(classify(Samples.post("p", 1, 0).setText("abcde")).getTextStart())
                .isEqualTo("abcd");
        assertThat(classify(Samples.post("p", 1, 0).setText("abc\uD83D\uDE80")).getTextStart())
                .isEqualTo("abc");
        assertThat(classify(Samples.post("p", 1, 0).setText("ab\uD83D\uDE80c")).getTextStart())
                .isEqualTo("ab\uD83D\uDE80");
    }
}
