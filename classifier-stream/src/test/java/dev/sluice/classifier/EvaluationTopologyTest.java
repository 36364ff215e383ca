package dev.sluice.classifier;

import static dev.sluice.classifier.Samples.TIME;
import static dev.sluice.classifier.Samples.TOPICS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.Drift;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.LabelScore;
import dev.sluice.schemas.LiveEvaluation;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.Score;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Tally;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Trial;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From scores and predictions to evaluations and decisions, with the first half of the application left out. */
class EvaluationTopologyTest {
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final RecordCodec<Score> SCORE = RecordCodec.of(Score.class);
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    Path folder;

    private final StoreMemory memory = new StoreMemory();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private EvaluationMetrics metrics;
    private TopologyTestDriver driver;
    private final Facts facts = new Facts(TOPICS);
    private TestInputTopic<String, byte[]> scores;
    private TestInputTopic<byte[], byte[]> answers;
    private TestInputTopic<byte[], byte[]> models;
    private TestInputTopic<byte[], byte[]> deployments;
    private TestOutputTopic<String, byte[]> evaluations;
    private TestOutputTopic<String, byte[]> decisions;

    @BeforeEach
    void start() {
        ClassifierConfig config = new ClassifierConfig(Map.of(
                "bootstrap.servers", "nowhere:9092", "promotion.after.labels", "20", "drift.min.predictions", "20"));
        metrics = new EvaluationMetrics(registry);
        StreamsBuilder builder = new StreamsBuilder();
        EvaluationTopology.addTo(
                builder,
                TOPICS,
                builder.stream("facts", Consumed.with(Serdes.ByteArray(), Serdes.ByteArray())),
                facts,
                builder.stream("scores", Consumed.with(Serdes.String(), Serdes.ByteArray())),
                EvaluationSettings.plan(config),
                metrics);
        Topology topology = builder.build();
        EvaluationTopology.addSinks(topology, TOPICS);
        Properties settings = new Properties();
        settings.putAll(StreamsSettings.learn(config, folder, memory));
        driver = new TopologyTestDriver(topology, settings, TIME);
        scores = driver.createInputTopic("scores", new StringSerializer(), new ByteArraySerializer());
        answers = input("facts");
        models = input(TOPICS.models().name());
        deployments = input(TOPICS.deployments().name());
        evaluations = output(TOPICS.evaluations().name());
        decisions = output(TOPICS.deployments().name());
    }

    @AfterEach
    void stop() {
        driver.close();
        memory.close();
        metrics.close();
        assertThat(registry.getMeters()).isEmpty();
    }

    private TestInputTopic<byte[], byte[]> input(String name) {
        return driver.createInputTopic(name, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private TestOutputTopic<String, byte[]> output(String name) {
        return driver.createOutputTopic(name, new StringDeserializer(), new ByteArrayDeserializer());
    }

    private Instant now;

    private void score(Score.Builder score) {
        scores.pipeInput("default", SCORE.encode(score.build()));
    }

    private static Score.Builder of(int version, Arm arm, boolean right) {
        return CountsTest.score("med", right ? "med" : "space")
                .setVersion(version)
                .setArm(arm);
    }

    private void predict(PredictionStatus status, String label, int times) {
        for (int i = 0; i < times; i++) {
            answer(CountsTest.prediction(status, label).setClassifiedAt(now()));
        }
    }

    private void answer(Prediction.Builder prediction) {
        Record<byte[], byte[]> fact =
                facts.of(prediction.build(), now().toEpochMilli()).orElseThrow();
        answers.pipeInput(new TestRecord<>(fact.key(), fact.value(), fact.headers(), now()));
    }

    private Instant now() {
        return now == null ? TIME : now;
    }

    private void pass(Duration time) {
        now = now().plus(time);
        driver.advanceWallClockTime(time);
    }

    /** After an interval; half-way through it, answers counted so far are passed on. */
    private List<LiveEvaluation> told() {
        pass(INTERVAL.dividedBy(2));
        pass(INTERVAL.dividedBy(2));
        return evaluations.readValuesToList().stream()
                .map(TOPICS.evaluations().codec()::decode)
                .toList();
    }

    private void event(DeploymentAction action, int version) {
        Deployment event = Deployment.newBuilder()
                .setAction(action)
                .setVersion(version)
                .setShare(action == DeploymentAction.CANARY ? 0.5 : 0)
                .build();
        deployments.pipeInput(null, TOPICS.deployments().codec().encode(event));
    }

    private List<Deployment> decided() {
        return decisions.readValuesToList().stream()
                .map(TOPICS.deployments().codec()::decode)
                .toList();
    }

    private void publish(int version) {
        models.pipeInput(
                ("default/" + version).getBytes(UTF_8),
                TOPICS.models()
                        .codec()
                        .encode(ModelVersions.seal(Samples.model(version, 1)
                                .setEvaluations(List.of(HoldoutTest.evaluation(Split.VALIDATION)))
                                .build())));
    }

    private double gauge(String name, String... tags) {
        return registry.get(name)
                .tags("version", "3", "arm", "live")
                .tags(tags)
                .gauge()
                .value();
    }

    @Test
    void shouldTellHowEachVersionDoesAndOnlyWhenThereIsNews() {
        // when
        score(of(3, Arm.LIVE, true));
        score(of(3, Arm.LIVE, true));
        score(of(3, Arm.LIVE, false));
        score(of(4, Arm.SHADOW, true));
        score(of(3, Arm.LIVE, true).setAbstained(true));

        // then
        pass(INTERVAL);
        var records = evaluations.readKeyValuesToList();
        assertThat(records).extracting(it -> it.key).containsExactly("default/3", "default/4");
        LiveEvaluation live = TOPICS.evaluations().codec().decode(records.get(0).value);
        assertThat(live.getArm()).isEqualTo(Arm.LIVE);
        assertThat(live.getWindow().getExamples()).isEqualTo(4);
        assertThat(live.getWindow().getAccuracy()).contains(2 / 3.0);
        assertThat(live.getSinceDeployment()).isEqualTo(live.getWindow());
        assertThat(live.getCreatedAt()).isEqualTo(TIME.plus(INTERVAL));
        assertThat(live.getWindowStart()).isEqualTo(TIME.minus(HOUR.multipliedBy(23)));
        assertThat(live.getDrift()).isEmpty();
        assertThat(live.getWarning()).isEmpty();
        assertThat(told()).isEmpty();
        assertThat(gauge("sluice.learn.accuracy", "scope", "window")).isEqualTo(2 / 3.0);
        assertThat(gauge("sluice.learn.accuracy", "scope", "total")).isEqualTo(2 / 3.0);
        assertThat(gauge("sluice.learn.scored", "scope", "total")).isEqualTo(4);
        assertThat(gauge("sluice.learn.psi")).isNaN();

        // and when a score is taken back
        score(of(3, Arm.LIVE, false).setSign(-1));
        assertThat(told()).singleElement().satisfies(it -> {
            assertThat(it.getWindow().getAccuracy()).contains(1.0);
            assertThat(it.getSinceDeployment().getExamples()).isEqualTo(3);
        });
    }

    @Test
    void shouldForgetAPieceOfTheWindowWhenItsTimeHasCome() {
        // given: a score in the window's first piece, and one an hour later
        score(of(3, Arm.LIVE, true));
        pass(HOUR);
        score(of(3, Arm.LIVE, false).setScoredAt(now()));
        assertThat(told()).last().satisfies(it -> assertThat(it.getWindow().getExamples())
                .isEqualTo(2));

        // when, then: 10 s before, at and 10 s after the end of its 24th hour
        pass(HOUR.multipliedBy(23).minus(INTERVAL).minus(INTERVAL).minus(INTERVAL));
        evaluations.readValuesToList();
        assertThat(told()).isEmpty();
        assertThat(told()).singleElement().satisfies(it -> {
            assertThat(it.getWindow().getExamples()).isEqualTo(1);
            assertThat(it.getWindow().getAccuracy()).contains(0.0);
            assertThat(it.getSinceDeployment().getExamples()).isEqualTo(2);
        });
        assertThat(told()).isEmpty();

        // and: a score of then that is taken back now is one of all time only
        score(of(3, Arm.LIVE, true).setSign(-1));
        assertThat(told()).singleElement().satisfies(it -> {
            assertThat(it.getWindow().getExamples()).isEqualTo(1);
            assertThat(it.getSinceDeployment().getExamples()).isEqualTo(1);
        });
    }

    @Test
    void shouldWarnOnceWhenAnswersDriftAndSayWhenItIsOver() {
        // given: 6, 3 and 1 on the holdout
        publish(3);
        predict(PredictionStatus.CLASSIFIED, "med", 12);
        predict(PredictionStatus.ABSTAINED, "space", 6);
        predict(PredictionStatus.CLASSIFIED, "other", 2);
        predict(PredictionStatus.NO_MODEL, "other", 50);
        LiveEvaluation usual = told().get(0);
        Drift drift = usual.getDrift().orElseThrow();
        assertThat(drift.getPredictions()).isEqualTo(20);
        assertThat(drift.getStabilityIndex()).isLessThan(0.05);
        assertThat(drift.getMeanConfidence()).isEqualTo(0.75);
        assertThat(drift.getHoldoutConfidence()).contains(0.8);
        assertThat(usual.getWarning()).isEmpty();

        // when
        predict(PredictionStatus.CLASSIFIED, "other", 80);

        // then
        LiveEvaluation drifted = told().get(0);
        assertThat(drifted.getWarning().orElseThrow())
                .contains("the answers have drifted", "of 100 answers", "other is 82.0 % of them, 10.0 %");
        assertThat(gauge("sluice.learn.psi")).isGreaterThan(1);
        assertThat(gauge("sluice.learn.confidence")).isEqualTo(0.75);
        assertThat(registry.get("sluice.learn.warnings").counter().count()).isEqualTo(1);
        predict(PredictionStatus.CLASSIFIED, "other", 1);
        pass(Duration.ofMinutes(1));
        assertThat(told().get(0).getWarning()).isPresent();
        assertThat(registry.get("sluice.learn.warnings").counter().count()).isEqualTo(1);

        // and when it is over
        pass(Duration.ofDays(1).minusMinutes(5));
        evaluations.readValuesToList();
        predict(PredictionStatus.CLASSIFIED, "med", 600);
        predict(PredictionStatus.CLASSIFIED, "space", 300);
        assertThat(told()).singleElement().satisfies(it -> assertThat(it.getWarning())
                .hasValueSatisfying(text -> assertThat(text).startsWith("the answers have drifted no more")));
        assertThat(told()).singleElement().satisfies(it -> assertThat(it.getWarning())
                .isEmpty());
        assertThat(told()).isEmpty();
    }

    @Test
    void shouldTakeAClockThatIsAheadForNow() {
        publish(3);
        answer(CountsTest.prediction(PredictionStatus.CLASSIFIED, "med")
                .setClassifiedAt(TIME.plus(Duration.ofDays(9))));
        assertThat(told()).hasSize(1);

        pass(Duration.ofDays(1));

        assertThat(told()).singleElement().satisfies(it -> assertThat(it.getDrift())
                .isEmpty());
        assertThat(told()).isEmpty();
    }

    @Test
    void shouldPassOverWhatItCannotRead() {
        Record<byte[], byte[]> fact = facts.of(
                        CountsTest.prediction(PredictionStatus.CLASSIFIED, "med")
                                .build(),
                        0)
                .orElseThrow();
        answers.pipeInput(new TestRecord<>(fact.key(), new byte[] {1, 2}, fact.headers(), TIME));
        answers.pipeInput(new TestRecord<>(fact.key(), fact.value(), new RecordHeaders(), TIME));
        scores.pipeInput("default", new byte[] {1, 2});
        score(of(3, Arm.LIVE, true));

        assertThat(told()).hasSize(1);
    }

    @Test
    void shouldTellOfAsManyLabelsAsATopicTakesWhenEachPostHasItsOwn() {
        publish(3);
        predict(PredictionStatus.CLASSIFIED, "med", 1);
        for (int i = 0; i < 1_500; i++) {
            score(CountsTest.score(i + "\u20ac".repeat(900), "med"));
        }
        score(CountsTest.score("med", "med"));
        pass(INTERVAL);

        byte[] told = evaluations.readValue();
        assertThat(told.length).isLessThan(Topics.MAX_POST_BYTES / 2);
        Tally tally = TOPICS.evaluations().codec().decode(told).getSinceDeployment();
        assertThat(tally.getExamples()).isEqualTo(1_501);
        assertThat(tally.getAccuracy()).contains(1 / 1501.0);
        assertThat(tally.getPerLabel()).extracting(LabelScore::getLabel).contains(LabelRoom.OTHERS, "med");
    }

    @Test
    void shouldTellHowFarARegressionIsFromTheTargetsAndNothingOfDrift() {
        // given
        models.pipeInput(
                "default/3".getBytes(UTF_8),
                Samples.sealed(Samples.regression(3)
                        .setEvaluations(List.of(Evaluation.newBuilder(HoldoutTest.evaluation(Split.VALIDATION))
                                .setConfusion(List.of())
                                .build()))));
        for (int i = 0; i < 200; i++) {
            answer(CountsTest.prediction(i).setClassifiedAt(now()));
        }
        assertThat(told()).singleElement().satisfies(it -> {
            assertThat(it.getDrift()).isEmpty();
            assertThat(it.getWarning()).isEmpty();
            assertThat(it.getWindow().getMeanAbsoluteError()).isEmpty();
        });

        // when
        Score.Builder wrong = CountsTest.number(1, 4);
        score(wrong);
        score(CountsTest.number(3, 2));

        // then
        assertThat(told()).singleElement().satisfies(it -> {
            assertThat(it.getWindow().getMeanAbsoluteError()).contains(2.0);
            assertThat(it.getWindow().getRSquared()).contains(1 - 10 / 2.0);
            assertThat(it.getWindow().getAccuracy()).isEmpty();
            assertThat(it.getSinceDeployment()).isEqualTo(it.getWindow());
        });
        assertThat(gauge("sluice.learn.absolute.error", "scope", "window")).isEqualTo(2);
        assertThat(gauge("sluice.learn.r.squared", "scope", "total")).isEqualTo(-4);
        assertThat(gauge("sluice.learn.accuracy", "scope", "total")).isNaN();
        assertThat(told()).isEmpty();

        // and when the target is corrected
        score(wrong.setSign(-1));
        score(CountsTest.number(4.5, 4));
        assertThat(told()).singleElement().satisfies(it -> assertThat(
                        it.getWindow().getMeanAbsoluteError())
                .contains(0.75));
    }

    @Test
    void shouldDeployARegressionsShadowOnceWhenItIsClearlyNearerAndDecideOnNoCanary() {
        event(DeploymentAction.DEPLOY, 3);
        event(DeploymentAction.CANARY, 5);
        event(DeploymentAction.SHADOW, 4);
        decided();

        for (int i = 0; i < 40; i++) {
            assertThat(decided()).hasSize(i == 20 ? 1 : 0).allSatisfy(it -> {
                assertThat(it.getAction()).isEqualTo(DeploymentAction.DEPLOY);
                assertThat(it.getVersion()).isEqualTo(4);
                assertThat(it.getExpected()).contains(3);
                assertThat(it.getReason())
                        .startsWith("better than version 3 as a shadow: nearer on 20 of 20, farther on 0, mean absolute"
                                + " error 0.1000 beside 1.000");
            });
            score(CountsTest.number(i, i + 0.1)
                    .setVersion(4)
                    .setArm(Arm.SHADOW)
                    .setBesideVersion(3)
                    .setBesideValue(i - 1.0));
            score(CountsTest.number(i, i).setVersion(5).setArm(Arm.CANARY));
            score(CountsTest.number(i, i - 1.0));
        }
        assertThat(decided()).isEmpty();
    }

    @Test
    void shouldDeployAShadowOnceWhenItIsClearlyBetter() {
        // given
        event(DeploymentAction.DEPLOY, 3);
        event(DeploymentAction.SHADOW, 4);
        decided();

        // when: it alone is right on 19 of 20
        for (int i = 0; i < 19; i++) {
            score(of(4, Arm.SHADOW, true).setBesideVersion(3).setBesideRight(i == 0));
            assertThat(decided()).isEmpty();
        }
        score(of(4, Arm.SHADOW, true).setBesideVersion(3).setBesideRight(false));

        // then
        assertThat(decided()).singleElement().satisfies(it -> {
            assertThat(it.getAction()).isEqualTo(DeploymentAction.DEPLOY);
            assertThat(it.getVersion()).isEqualTo(4);
            assertThat(it.getAutomatic()).isTrue();
            assertThat(it.getExpected()).contains(3);
            assertThat(it.getReason()).contains("20 of 20 right, beside 1 of 20", "look 1");
        });
        assertThat(registry.get("sluice.learn.decisions")
                        .tag("action", "DEPLOY")
                        .counter()
                        .count())
                .isEqualTo(1);
        for (int i = 0; i < 80; i++) {
            score(of(4, Arm.SHADOW, true).setBesideVersion(3).setBesideRight(false));
        }
        assertThat(decided()).isEmpty();
    }

    @Test
    void shouldEndACanaryWhenItIsClearlyWorse() {
        event(DeploymentAction.DEPLOY, 3);
        event(DeploymentAction.CANARY, 4);
        decided();

        for (int i = 0; i < 20; i++) {
            score(of(4, Arm.CANARY, i == 0));
            assertThat(decided()).isEmpty();
            score(of(3, Arm.LIVE, true));
        }

        assertThat(decided()).singleElement().satisfies(it -> {
            assertThat(it.getAction()).isEqualTo(DeploymentAction.END);
            assertThat(it.getVersion()).isEqualTo(4);
            assertThat(it.getReason()).contains("worse", "1 of 20 right, beside 20 of 20");
        });
    }

    @Test
    void shouldWaitForThePinToGoWhenAVersionIsBetter() {
        event(DeploymentAction.DEPLOY, 3);
        event(DeploymentAction.PIN, 0);
        event(DeploymentAction.SHADOW, 4);
        for (int i = 0; i < 20; i++) {
            score(of(4, Arm.SHADOW, true).setBesideVersion(3).setBesideRight(false));
        }
        event(DeploymentAction.UNPIN, 0);
        decided();

        score(of(4, Arm.SHADOW, true).setBesideVersion(3).setBesideRight(false));

        assertThat(decided()).singleElement().extracting(Deployment::getVersion).isEqualTo(4);
    }

    @Test
    void shouldNotTakeBackInATrialWhatWasScoredBeforeItBegan() {
        // given: a score, and later a trial, that a score on its way since before it is the first to meet
        event(DeploymentAction.DEPLOY, 3);
        score(of(4, Arm.SHADOW, true).setBesideVersion(3).setBesideRight(false));
        pass(INTERVAL.dividedBy(2));
        event(DeploymentAction.SHADOW, 4);
        score(of(4, Arm.SHADOW, true).setBesideVersion(3).setBesideRight(false));

        // when
        score(of(4, Arm.SHADOW, true).setBesideVersion(3).setBesideRight(false).setSign(-1));

        // then
        Trial trial = driver.<String, Trial>getKeyValueStore(EvaluationTopology.TRIALS)
                .get("SHADOW");
        assertThat(trial.getExamples()).isZero();
        assertThat(trial.getSince()).isEqualTo(now());
    }

    @Test
    void shouldTellOfAnswersAloneOnceAMinuteAndOfLabelsAtOnce() {
        publish(3);
        predict(PredictionStatus.CLASSIFIED, "med", 6);
        predict(PredictionStatus.CLASSIFIED, "space", 3);
        assertThat(told()).hasSize(1);

        // when, then: at 10 s to 50 s since, and at a minute
        for (int i = 1; i < 6; i++) {
            predict(PredictionStatus.CLASSIFIED, "med", 1);
            assertThat(told()).isEmpty();
        }
        predict(PredictionStatus.CLASSIFIED, "med", 1);
        assertThat(told()).hasSize(1);

        // when, then: a label
        predict(PredictionStatus.CLASSIFIED, "med", 1);
        score(of(3, Arm.LIVE, true));
        assertThat(told()).hasSize(1);
        assertThat(gauge("sluice.learn.scored", "scope", "total")).isEqualTo(1);
    }

    @Test
    void shouldSayThatItIsOverWhenNothingIsAnsweredAnyMore() {
        publish(3);
        predict(PredictionStatus.CLASSIFIED, "other", 80);
        assertThat(told().get(0).getWarning()).isPresent();

        pass(Duration.ofDays(1));

        assertThat(told()).first().satisfies(it -> {
            assertThat(it.getDrift()).isEmpty();
            assertThat(it.getWarning()).contains("too few answers to say whether they still drift: 0");
        });
        pass(INTERVAL);
        evaluations.readValuesToList();
        assertThat(told()).isEmpty();
    }

    @Test
    void shouldShowNothingOnceItIsClosed() {
        score(of(3, Arm.LIVE, true));
        metrics.close();

        assertThat(told()).hasSize(1);

        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void shouldDropAllOfAVersionWhenItIsGoneAndIdle() {
        publish(3);
        publish(4);
        score(of(3, Arm.LIVE, true));
        score(of(4, Arm.LIVE, true));
        assertThat(told()).hasSize(2);
        models.pipeInput("default/3".getBytes(UTF_8), (byte[]) null);

        pass(Duration.ofDays(1).minusMinutes(1));
        assertThat(registry.find("sluice.learn.accuracy").gauges()).hasSize(4);
        pass(HOUR);

        assertThat(registry.find("sluice.learn.accuracy").gauges()).hasSize(2);
        assertThat(told()).last().satisfies(it -> {
            assertThat(it.getVersion()).isEqualTo(4);
            assertThat(it.getSinceDeployment().getExamples()).isEqualTo(1);
        });
        models.pipeInput("default/4".getBytes(UTF_8), (byte[]) null);
        pass(INTERVAL);
        assertThat(registry.find("sluice.learn.accuracy").gauges()).isEmpty();
        assertThat(driver.getKeyValueStore(EvaluationTopology.LIVE_COUNTS).all().hasNext())
                .isFalse();
        assertThat(driver.getKeyValueStore(EvaluationTopology.LIVE_EVALUATIONS)
                        .all()
                        .hasNext())
                .isFalse();
    }
}
