package dev.sluice.classifier;

import static dev.sluice.classifier.Samples.TIME;
import static dev.sluice.classifier.Samples.TOPICS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.classifier.Reports.Outcome;
import dev.sluice.schemas.AlternativeEmbedding;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Trust;
import dev.sluice.schemas.Vectors;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions that look on or answer a share of the posts, through the topology. */
class ArmsTest {
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
    private TestOutputTopic<byte[], byte[]> shadowPredictions;

    @BeforeEach
    void start() {
        live = new LiveModel(TOPICS, Trust.OPEN, reports);
        live.onRestoreEnd(null, ClassifyTopology.MODELS, 0);
        live.onRestoreEnd(null, ClassifyTopology.DEPLOYMENTS, 0);
        ClassifierMetrics metrics = new ClassifierMetrics(registry);
        metrics.watch(live);
        PredictionWriter writer = new PredictionWriter(TOPICS.predictions().codec(), TOPICS.classifier(), false, 10);
        Properties settings = new Properties();
        settings.putAll(
                StreamsSettings.classify(new ClassifierConfig(Map.of("bootstrap.servers", "nowhere:9092")), folder));
        driver = new TopologyTestDriver(
                ClassifyTopology.of(TOPICS, live, reports, writer, Samples.letters("classify"), 0.45, metrics),
                settings,
                TIME);
        posts = input(TOPICS.embeddedPosts().name());
        models = input(TOPICS.models().name());
        deployments = input(TOPICS.deployments().name());
        predictions = output(TOPICS.predictions().name());
        shadowPredictions = output(TOPICS.shadowPredictions().name());
        publish(1, Samples.sound(1));
        publish(2, Samples.sound(2));
        event("{\"version\":1}");
    }

    @AfterEach
    void stop() {
        driver.close();
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

    private void event(String json) {
        deployments.pipeInput(null, json.getBytes(UTF_8));
    }

    private void send(EmbeddedPost.Builder post) {
        posts.pipeInput(new byte[] {1}, TOPICS.embeddedPosts().codec().encode(post.build()));
    }

    private Prediction classify(EmbeddedPost.Builder post) {
        send(post);
        return TOPICS.predictions().codec().decode(predictions.readValue());
    }

    private Optional<Prediction> shadow() {
        return shadowPredictions.isEmpty()
                ? Optional.empty()
                : Optional.of(TOPICS.predictions().codec().decode(shadowPredictions.readValue()));
    }

    private static String armAndVersion(Prediction prediction) {
        return prediction.getArm() + " " + prediction.getModelVersion().orElse(0);
    }

    private double count(String name) {
        return registry.get(name).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private double gauge(String name) {
        return registry.get(name).gauge().value();
    }

    @Test
    void shouldAnswerBesideTheLiveVersionUntilItsEndWhenAVersionLooksOn() {
        // when
        event("{\"action\":\"SHADOW\",\"version\":2}");
        Prediction counted = classify(Samples.post("p", 1, 0));
        Prediction beside = shadow().orElseThrow();
        event("{\"action\":\"END\"}");
        classify(Samples.post("p", 1, 0));

        // then
        assertThat(armAndVersion(counted)).isEqualTo("LIVE 1");
        assertThat(armAndVersion(beside)).isEqualTo("SHADOW 2");
        assertThat(beside.getSource()).isEqualTo(counted.getSource());
        assertThat(beside.getPostId()).isEqualTo("p");
        assertThat(beside.getLabel()).isEqualTo(counted.getLabel());
        assertThat(beside.getConfidence()).isNotEqualTo(counted.getConfidence());
        assertThat(shadow()).isEmpty();
        assertThat(count("sluice.classifier.shadow.posts")).isEqualTo(1);
    }

    @Test
    void shouldTellOfEachArmOnceWhenVersionsTakePartsAndLoseThem() {
        reports.outcomes.clear();
        reports.ended.clear();

        event("{\"action\":\"SHADOW\",\"version\":2}");
        event("{\"action\":\"CANARY\",\"version\":2,\"share\":0.5}");
        event("{\"action\":\"CANARY\",\"version\":3,\"share\":0.5}");
        event("{\"action\":\"SHADOW\",\"version\":2}");
        publish(3, Samples.unsound(3));
        event("{\"version\":2}");

        assertThat(reports.outcomes)
                .containsExactly(
                        new Outcome(Arm.SHADOW, DeploymentState.SERVING, 2, Optional.of(2), ""),
                        new Outcome(Arm.CANARY, DeploymentState.SERVING, 2, Optional.of(2), ""),
                        new Outcome(
                                Arm.CANARY,
                                DeploymentState.WAITING,
                                3,
                                Optional.of(1),
                                "version 3 is not on the topic of models yet"),
                        new Outcome(Arm.SHADOW, DeploymentState.SERVING, 2, Optional.of(2), ""),
                        new Outcome(
                                Arm.CANARY,
                                DeploymentState.REFUSED,
                                3,
                                Optional.of(1),
                                "layer 1 weights: 6 numbers take 24 bytes, there are 20"),
                        new Outcome(Arm.LIVE, DeploymentState.SERVING, 2, Optional.of(2), ""),
                        new Outcome(
                                Arm.CANARY,
                                DeploymentState.REFUSED,
                                3,
                                Optional.of(2),
                                "layer 1 weights: 6 numbers take 24 bytes, there are 20"));
        assertThat(reports.ended).containsExactly(Arm.SHADOW, Arm.SHADOW);
    }

    @Test
    void shouldGiveTheSamePostsToTheCanaryWhenTheyComeAgainAndMoreWhenItsShareGrows() {
        // given
        event("{\"action\":\"CANARY\",\"version\":2,\"share\":0.2}");
        List<String> few = byCanary();

        // when, then
        assertThat(few).hasSizeBetween(20, 60).isEqualTo(byCanary());
        event("{\"action\":\"CANARY\",\"version\":2,\"share\":0.4}");
        assertThat(byCanary()).hasSizeBetween(50, 110).containsAll(few);
        assertThat(gauge("sluice.classifier.canary.share")).isEqualTo(0.4);
        event("{\"action\":\"CANARY\",\"version\":2,\"share\":1}");
        assertThat(byCanary()).hasSize(200);
        event("{\"action\":\"END\",\"version\":2}");
        assertThat(byCanary()).isEmpty();
    }

    /** Of 200 posts; each has one answer, by the live version if not by the canary. */
    private List<String> byCanary() {
        return IntStream.range(0, 200)
                .mapToObj(i -> classify(Samples.post("post-" + i, 1, 0)))
                .peek(answer -> assertThat(armAndVersion(answer)).isIn("CANARY 2", "LIVE 1"))
                .filter(answer -> answer.getArm() == Arm.CANARY)
                .map(Prediction::getPostId)
                .toList();
    }

    @Test
    void shouldLetTheLiveVersionAnswerTheCanarysPostsWhenTheCanaryCannot() {
        // given: it is missing, then broken, then of another space
        event("{\"action\":\"CANARY\",\"version\":3,\"share\":1}");
        assertThat(armAndVersion(classify(Samples.post("p", 1, 0)))).isEqualTo("LIVE 1");
        publish(3, Samples.unsound(3));
        assertThat(armAndVersion(classify(Samples.post("p", 1, 0)))).isEqualTo("LIVE 1");
        assertThat(count("sluice.classifier.canary.passed.over")).isZero();

        // when
        publish(3, Samples.sealed(Samples.model(3, 1).setSpace(Samples.space("next"))));
        Prediction without = classify(Samples.post("p", 1, 0));
        Prediction with = classify(Samples.post("p", 1, 0)
                .setAlternatives(
                        List.of(new AlternativeEmbedding(Vectors.toBytes(new float[] {0, 1}), Samples.space("next")))));

        // then
        assertThat(armAndVersion(without)).isEqualTo("LIVE 1");
        assertThat(armAndVersion(with)).isEqualTo("CANARY 3");
        assertThat(with.getLabel()).contains("space");
        assertThat(count("sluice.classifier.canary.passed.over")).isEqualTo(1);
        assertThat(count("sluice.classifier.canary.posts")).isEqualTo(1);
        assertThat(reports.last())
                .isEqualTo(new Outcome(
                        Arm.CANARY,
                        DeploymentState.SERVING,
                        3,
                        Optional.of(3),
                        "it reads another embedding space than version 1, which answers the posts that have no vector"
                                + " there"));
    }

    @Test
    void shouldAnswerAllTheSameWhenTheShadowCannot() {
        // given: labels so long that no prediction of the shadow fits its topic
        String longest = "x".repeat(Topics.MAX_NESTED_POST_BYTES / 2);
        publish(3, Samples.sealed(Samples.model(3, 1).setLabels(List.of(longest + 1, longest + 2, longest + 3))));
        event("{\"action\":\"SHADOW\",\"version\":3}");

        // when
        Prediction first = classify(Samples.post("p", 1, 0));
        event("{\"action\":\"SHADOW\",\"version\":4}");
        Prediction second = classify(Samples.post("p", 1, 0));
        publish(4, Samples.sealed(Samples.model(4, 1).setSpace(Samples.space("next"))));
        Prediction third = classify(Samples.post("p", 1, 0));

        // then: once it does not fit, once it is not there, once it has nothing to read
        assertThat(List.of(first, second, third))
                .extracting(ArmsTest::armAndVersion)
                .containsOnly("LIVE 1");
        assertThat(count("sluice.classifier.shadow.failures")).isEqualTo(1);
        assertThat(shadow().orElseThrow().getStatus()).isEqualTo(PredictionStatus.OTHER_EMBEDDING_SPACE);
        assertThat(shadow()).isEmpty();
    }

    @Test
    void shouldAbstainByItselfWhenTheShadowIsSurerThanTheLiveVersion() {
        event("{\"action\":\"SHADOW\",\"version\":2}");

        Prediction unsure = classify(Samples.post("p", 0.2f, 0)); // e^0.2 of e^0.2 + 2, and e^0.4 of e^0.4 + 2
        Prediction surer = shadow().orElseThrow();

        assertThat(unsure.getStatus()).isEqualTo(PredictionStatus.ABSTAINED);
        assertThat(surer.getStatus()).isEqualTo(PredictionStatus.ABSTAINED);
        send(Samples.post("p", 0.3f, 0));
        assertThat(TOPICS.predictions().codec().decode(predictions.readValue()).getStatus())
                .isEqualTo(PredictionStatus.ABSTAINED);
        assertThat(shadow().orElseThrow().getStatus()).isEqualTo(PredictionStatus.CLASSIFIED);
    }

    @Test
    void shouldTakeOverWithTheSamePredictorWhenAShadowIsDeployed() {
        event("{\"action\":\"SHADOW\",\"version\":2}");
        Serving looking = live.arms().shadow().orElseThrow();
        reports.ended.clear();

        event("{\"version\":2}");

        assertThat(live.arms().live().orElseThrow()).isSameAs(looking);
        assertThat(live.arms().shadow()).isEmpty();
        assertThat(reports.ended).containsExactly(Arm.SHADOW);
        assertThat(gauge("sluice.classifier.live.version")).isEqualTo(2);
        assertThat(gauge("sluice.classifier.shadow.version")).isZero();
    }

    @Test
    void shouldSayThatItIsGoneWhenAVersionIsDeletedThatAnswers() {
        event("{\"action\":\"CANARY\",\"version\":2,\"share\":1}");

        publish(2, null);

        assertThat(armAndVersion(classify(Samples.post("p", 1, 0)))).isEqualTo("CANARY 2");
        assertThat(reports.last().reason()).contains("deleted from the topic of models");
        publish(2, Samples.sound(2));
        assertThat(reports.last().reason()).isEmpty();
    }
}
