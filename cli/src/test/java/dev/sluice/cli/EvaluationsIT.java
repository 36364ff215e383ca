package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.LiveEvaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Vectors;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels that come late, on a real broker: what they say of versions, and what follows. */
class EvaluationsIT {
    private static final HandMadeModels MODELS = new HandMadeModels(8, 8, 3);
    private static final int POSTS = 100;
    private static final int LIVE = 1;
    private static final int SHADOW = 2;

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    @TempDir
    Path folder;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private String prefix;
    private Topics topics;

    @BeforeEach
    void createTopics() throws InterruptedException {
        prefix = TestBroker.newPrefix();
        topics = broker.createTopics(prefix);
    }

    private ClassifierService start(String state) {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.put("state.dir", folder.resolve(state).toString());
        settings.put("instance", state);
        settings.put("evaluations.interval.ms", "200");
        settings.put("drift.min.predictions", Integer.toString(POSTS));
        settings.put("promotion.after.labels", "50");
        return ClassifierService.start(new ClassifierConfig(settings), Clock.systemUTC(), registry);
    }

    /** The label, 0 to 2, that a version answers each post with. */
    private static List<Integer> answers(int version) {
        Predictor predictor = Predictor.of(MODELS.version(version));
        return IntStream.range(0, POSTS)
                .mapToObj(
                        i -> predictor.predict(Vectors.fromBytes(MODELS.post(i).getEmbedding())))
                .map(EvaluationsIT::largest)
                .toList();
    }

    private static int largest(float[] probabilities) {
        return IntStream.range(0, probabilities.length)
                .reduce((a, b) -> probabilities[b] > probabilities[a] ? b : a)
                .orElseThrow();
    }

    /** @param usual whether the holdout was answered as the posts will be; if not, with the label that is rarest now */
    private void publish(int version, boolean usual) {
        List<Integer> answers = answers(version);
        int rarest = IntStream.range(0, 3)
                .reduce((a, b) -> Collections.frequency(answers, b) < Collections.frequency(answers, a) ? b : a)
                .orElseThrow();
        long[][] confusion = new long[3][3];
        answers.forEach(answer -> confusion[0][usual ? answer : rarest] += 10);
        Evaluation holdout = Evaluation.newBuilder()
                .setSplit(Split.VALIDATION)
                .setExamples(10L * POSTS)
                .setAccuracy(0.5)
                .setLoss(1)
                .setMacroF1(0.5)
                .setPerLabel(List.of())
                .setConfusion(List.of(row(confusion[0]), row(confusion[1]), row(confusion[2])))
                .build();
        ModelVersion made = ModelVersion.newBuilder(MODELS.version(version))
                .setEvaluations(List.of(holdout))
                .build();
        broker.produce(topics.models(), ModelVersions.keyOf("default", version), ModelVersions.seal(made));
    }

    private static List<Long> row(long[] counts) {
        return List.of(counts[0], counts[1], counts[2]);
    }

    private void event(String json) {
        broker.produce(topics.deployments().name(), null, json.getBytes(UTF_8));
    }

    private void awaitServing(int version, Arm arm) {
        broker.readAll(topics.deploymentStatus(), statuses -> statuses.stream()
                .anyMatch(status -> status.getState() == DeploymentState.SERVING
                        && status.getVersion() == version
                        && status.getArm() == arm));
    }

    private void sendPosts() {
        broker.produce(IntStream.range(0, POSTS)
                .mapToObj(MODELS::post)
                .map(post -> new ProducerRecord<>(
                        topics.embeddedPosts().name(),
                        post.getPost().getId().orElseThrow().getBytes(UTF_8),
                        topics.embeddedPosts().codec().encode(post)))
                .toList());
    }

    private ProducerRecord<byte[], byte[]> label(int post, int label) {
        return new ProducerRecord<>(
                topics.labels().name(),
                ("post-" + post).getBytes(UTF_8),
                ("{\"label\":\"label-" + label + "\"}").getBytes(UTF_8));
    }

    private LiveEvaluation awaitTold(int version, Arm arm, Predicate<LiveEvaluation> enough) {
        List<LiveEvaluation> told = broker.readAll(topics.evaluations(), all -> all.stream()
                .anyMatch(of(version, arm).and(enough)));
        return told.stream().filter(of(version, arm).and(enough)).findFirst().orElseThrow();
    }

    private static Predicate<LiveEvaluation> of(int version, Arm arm) {
        return told -> told.getVersion() == version && told.getArm() == arm;
    }

    private static Predicate<LiveEvaluation> labels(long count) {
        return told -> told.getSinceDeployment().getExamples() == count;
    }

    @Test
    void shouldTellAccuracyAndDriftAndPromoteTheShadowWhenLabelsComeLate() throws Exception {
        // given: the truth is what the shadow says
        List<Integer> live = answers(LIVE);
        List<Integer> truth = answers(SHADOW);
        long agree = IntStream.range(0, POSTS)
                .filter(i -> live.get(i).equals(truth.get(i)))
                .count();
        int wrong = IntStream.range(0, POSTS)
                .filter(i -> !live.get(i).equals(truth.get(i)))
                .findFirst()
                .orElseThrow();
        publish(LIVE, false);
        publish(SHADOW, true);
        ClassifierService service = start("first");
        try {
            event("{\"version\":1}");
            event("{\"action\":\"SHADOW\",\"version\":2}");
            awaitServing(LIVE, Arm.LIVE);
            awaitServing(SHADOW, Arm.SHADOW);
            sendPosts();

            // when, then: answers are enough for a warning of drift, where there is any
            Predicate<LiveEvaluation> all = told -> told.getDrift()
                    .filter(drift -> drift.getPredictions() == POSTS)
                    .isPresent();
            assertThat(awaitTold(LIVE, Arm.LIVE, all).getWarning().orElseThrow())
                    .contains("the answers have drifted", "of 100 answers");
            LiveEvaluation usual = awaitTold(SHADOW, Arm.SHADOW, all);
            assertThat(usual.getWarning()).isEmpty();
            assertThat(usual.getDrift().orElseThrow().getStabilityIndex()).isLessThan(0.01);

            // when, then: labels
            broker.produce(IntStream.range(0, POSTS)
                    .mapToObj(i -> label(i, truth.get(i)))
                    .toList());
            LiveEvaluation told = awaitTold(LIVE, Arm.LIVE, labels(POSTS));
            assertThat(told.getSinceDeployment().getAccuracy().orElseThrow())
                    .isCloseTo((double) agree / POSTS, within(1e-9));
            assertThat(told.getWindow()).isEqualTo(told.getSinceDeployment());
            assertThat(awaitTold(SHADOW, Arm.SHADOW, labels(POSTS))
                            .getSinceDeployment()
                            .getAccuracy())
                    .contains(1.0);
            assertThat(registry.get("sluice.learn.accuracy")
                            .tags("version", "1", "arm", "live", "scope", "total")
                            .gauge()
                            .value())
                    .isCloseTo((double) agree / POSTS, within(1e-9));

            // and the shadow is live
            Deployment decided = broker.readAtLeast(topics.deployments(), 3).get(2);
            assertThat(decided.getAction()).isEqualTo(DeploymentAction.DEPLOY);
            assertThat(decided.getVersion()).isEqualTo(SHADOW);
            assertThat(decided.getAutomatic()).isTrue();
            assertThat(decided.getExpected()).contains(LIVE);
            assertThat(decided.getReason()).startsWith("better than version 1 as a shadow: 50 of 50 right");
            awaitServing(SHADOW, Arm.LIVE);
        } finally {
            service.close();
        }

        // and when another instance takes over, with a topic that got one more partition: a label is corrected, one
        // withdrawn
        assertThat(registry.getMeters()).isEmpty();
        int more = topics.predictions().partitions() + 1;
        broker.admin()
                .createPartitions(Map.of(topics.predictions().name(), NewPartitions.increaseTo(more)))
                .all()
                .get();
        service = start("second");
        try {
            broker.produce(List.of(label(wrong, live.get(wrong))));
            LiveEvaluation corrected = awaitTold(
                    LIVE,
                    Arm.LIVE,
                    labels(POSTS)
                            .and(it -> it.getSinceDeployment().getAccuracy().orElseThrow() > (agree + 0.5) / POSTS));
            assertThat(corrected.getSinceDeployment().getAccuracy().orElseThrow())
                    .isCloseTo((agree + 1.0) / POSTS, within(1e-9));
            broker.produce(topics.labels().name(), ("post-" + wrong).getBytes(UTF_8), null);
            assertThat(awaitTold(LIVE, Arm.LIVE, labels(POSTS - 1))
                            .getSinceDeployment()
                            .getAccuracy()
                            .orElseThrow())
                    .isCloseTo((double) agree / (POSTS - 1), within(1e-9));
        } finally {
            service.close();
        }
        assertThat(CommandRun.of(
                                "evaluations",
                                "1",
                                "--labels",
                                "--bootstrap-server",
                                broker.bootstrapServers(),
                                "--prefix",
                                prefix)
                        .out())
                .contains("live", " of 99", "version 1, live: the answers have drifted", "label-0");
        assertThat(broker.readToEnd(topics.deployments().name())).hasSize(3);
    }
}
