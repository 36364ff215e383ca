package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.classifier.Replay;
import dev.sluice.schemas.Activation;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.DenseLayer;
import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.LiveEvaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.TargetScale;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Vectors;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions that answer with a number or with one of two labels, through the stream on a real broker, trials and replay too. */
class RegressionIT {
    private static final HandMadeModels MODELS = new HandMadeModels(8, 8, 3);
    private static final int POSTS = 100;

    /** So many posts bring their target. */
    private static final int OWN = 10;

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

    private ClassifierConfig config() {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.put("state.dir", folder.toString());
        settings.put("evaluations.interval.ms", "200");
        settings.put("promotion.after.labels", "50");
        return new ClassifierConfig(settings);
    }

    private ClassifierService start() {
        return ClassifierService.start(config(), Clock.systemUTC(), new SimpleMeterRegistry());
    }

    /** Answers with about 3, give or take 1.4. */
    private static ModelVersion regression(int version) {
        return make(version, Activation.IDENTITY)
                .setTask(Task.REGRESSION)
                .setLabels(List.of())
                .setTargetScale(new TargetScale(3.0, 2.0))
                .build();
    }

    /** Answers some posts with either label, some by the threshold alone. */
    private static ModelVersion binary(int version) {
        return make(version, Activation.SIGMOID)
                .setTask(Task.BINARY)
                .setLabels(List.of("ham", "spam"))
                .setThreshold(0.4)
                .build();
    }

    private static ModelVersion.Builder make(int version, Activation activation) {
        Random random = new Random(version);
        float[] weights = new float[8];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (4 * random.nextGaussian());
        }
        DenseLayer layer = new DenseLayer(8, 1, activation, Vectors.toBytes(weights), Vectors.toBytes(new float[1]));
        return ModelVersion.newBuilder(MODELS.version(version)).setNetwork(new DenseNetwork(List.of(layer)));
    }

    private static float[] answer(ModelVersion version, int post) {
        return Predictor.ofUnsealed(version)
                .predict(Vectors.fromBytes(MODELS.post(post).getEmbedding()));
    }

    private static double value(ModelVersion version, int post) {
        return answer(version, post)[0];
    }

    private void publish(ModelVersion version) {
        broker.produce(
                topics.models(), ModelVersions.keyOf("default", version.getVersion()), ModelVersions.seal(version));
    }

    private void event(String json, int version, Arm arm) {
        broker.produce(topics.deployments().name(), null, json.getBytes(UTF_8));
        awaitServing(version, arm);
    }

    private void awaitServing(int version, Arm arm) {
        broker.readAll(topics.deploymentStatus(), statuses -> statuses.stream()
                .anyMatch(status -> status.getState() == DeploymentState.SERVING
                        && status.getVersion() == version
                        && status.getArm() == arm));
    }

    private void send(EmbeddedPost... posts) {
        broker.produce(List.of(posts).stream()
                .map(post -> new ProducerRecord<>(
                        topics.embeddedPosts().name(),
                        post.getPost().getId().orElseThrow().getBytes(UTF_8),
                        topics.embeddedPosts().codec().encode(post)))
                .toList());
    }

    private static EmbeddedPost post(int number, Optional<Double> target) {
        EmbeddedPost post = MODELS.post(number);
        return EmbeddedPost.newBuilder(post)
                .setPost(Post.newBuilder(post.getPost())
                        .setTarget(target.orElse(null))
                        .build())
                .build();
    }

    private ProducerRecord<byte[], byte[]> label(int post, String json) {
        return new ProducerRecord<>(topics.labels().name(), ("post-" + post).getBytes(UTF_8), json.getBytes(UTF_8));
    }

    private static int numberOf(Prediction prediction) {
        return (int) prediction.getSource().getOffset();
    }

    private LiveEvaluation awaitTold(int version, Arm arm, long examples, Predicate<LiveEvaluation> and) {
        Predicate<LiveEvaluation> wanted = and.and(told -> told.getVersion() == version
                && told.getArm() == arm
                && told.getSinceDeployment().getExamples() == examples);
        List<LiveEvaluation> told =
                broker.readAll(topics.evaluations(), all -> all.stream().anyMatch(wanted));
        return told.stream().filter(wanted).findFirst().orElseThrow();
    }

    @Test
    void shouldLearnFromTargetsTellErrorsAndPromoteTheShadowThatIsNearer() {
        // given: the truth is what the shadow says; some posts bring it
        ModelVersion live = regression(1);
        ModelVersion shadow = regression(2);
        publish(live);
        publish(shadow);
        double error = IntStream.range(0, POSTS)
                .mapToDouble(i -> Math.abs(value(live, i) - value(shadow, i)))
                .average()
                .orElseThrow();
        try (ClassifierService service = start()) {
            event("{\"version\":1}", 1, Arm.LIVE);
            event("{\"action\":\"SHADOW\",\"version\":2}", 2, Arm.SHADOW);

            // when
            send(IntStream.range(0, POSTS)
                    .mapToObj(i -> post(i, i < OWN ? Optional.of(value(shadow, i)) : Optional.empty()))
                    .toArray(EmbeddedPost[]::new));
            // then
            assertThat(broker.readAtLeast(topics.predictions(), POSTS))
                    .hasSize(POSTS)
                    .allSatisfy(each -> {
                        int number = numberOf(each);
                        assertThat(each.getStatus()).isEqualTo(PredictionStatus.CLASSIFIED);
                        assertThat(each.getValue()).contains(value(live, number));
                        assertThat(each.getPostTarget().isPresent()).isEqualTo(number < OWN);
                        assertThat(each.getLabel()).isEmpty();
                        assertThat(each.getProbabilities()).isEmpty();
                    });
            awaitTold(2, Arm.SHADOW, OWN, all -> true);

            // and when the other targets come
            broker.produce(IntStream.range(OWN, POSTS)
                    .mapToObj(i -> label(i, "{\"target\":" + value(shadow, i) + "}"))
                    .toList());
            assertThat(broker.readAtLeast(topics.labeledVectors(), POSTS))
                    .hasSize(POSTS)
                    .allSatisfy(example -> assertThat(example.getPost().getTarget())
                            .contains(value(shadow, (int) example.getSource().getOffset())));
            LiveEvaluation told = awaitTold(1, Arm.LIVE, POSTS, all -> true);
            assertThat(told.getSinceDeployment().getMeanAbsoluteError().orElseThrow())
                    .isCloseTo(error, within(1e-9));
            assertThat(told.getSinceDeployment().getRSquared().orElseThrow()).isLessThan(0.9);
            assertThat(told.getSinceDeployment().getAccuracy()).isEmpty();
            assertThat(told.getDrift()).isEmpty();
            assertThat(awaitTold(2, Arm.SHADOW, POSTS, all -> true)
                            .getSinceDeployment()
                            .getRSquared())
                    .contains(1.0);
            Deployment decided = broker.readAtLeast(topics.deployments(), 3).get(2);
            assertThat(decided.getAction()).isEqualTo(DeploymentAction.DEPLOY);
            assertThat(decided.getVersion()).isEqualTo(2);
            assertThat(decided.getReason())
                    .startsWith(
                            "better than version 1 as a shadow: nearer on 50 of 50, farther on 0, mean absolute error 0")
                    .contains("(look 1)");
            awaitServing(2, Arm.LIVE);
            assertThat(service.ended()).isNotDone();
        }

        // and when, after a restart, a target is corrected and one withdrawn
        try (ClassifierService service = start()) {
            broker.produce(List.of(label(0, "{\"target\":" + (value(live, 0) + 10) + "}")));
            broker.produce(topics.labels().name(), "post-1".getBytes(UTF_8), null);
            double sum = POSTS * error
                    - Math.abs(value(live, 0) - value(shadow, 0))
                    + 10
                    - Math.abs(value(live, 1) - value(shadow, 1));
            awaitTold(
                    1,
                    Arm.LIVE,
                    POSTS - 1,
                    told -> Math.abs(told.getSinceDeployment()
                                            .getMeanAbsoluteError()
                                            .orElseThrow()
                                    - sum / (POSTS - 1))
                            < 1e-9);
            assertThat(service.ended()).isNotDone();
        }

        // and when the old version is asked about the past
        Replay.Request request = new Replay.Request("r-1", Instant.EPOCH, Optional.empty(), Optional.of(1));
        try (Replay replay = Replay.begin(config(), request, 50, Clock.systemUTC())) {
            while (replay.step()) {
                assertThat(replay.version()).isEqualTo(1);
            }
            assertThat(replay.progress().answered()).isEqualTo(Map.of(PredictionStatus.CLASSIFIED, (long) POSTS));
        }
        assertThat(broker.readAtLeast(topics.predictions(), 2 * POSTS))
                .filteredOn(each -> each.getReplay().isPresent())
                .hasSize(POSTS)
                .allSatisfy(each -> assertThat(each.getValue()).contains(value(live, numberOf(each))));
    }

    @Test
    void shouldAnswerByTheThresholdOfTwoLabelsAndScoreWhatWasAnswered() {
        // given
        ModelVersion version = binary(3);
        Predictor predictor = Predictor.ofUnsealed(version);
        List<Integer> choices = IntStream.range(0, POSTS)
                .mapToObj(i -> predictor.choice(answer(version, i)))
                .toList();
        long spam = choices.stream().filter(choice -> choice == 1).count();
        assertThat(IntStream.range(0, POSTS).filter(i -> choices.get(i) != Predictor.argMax(answer(version, i))))
                .as("some are answered by the threshold alone")
                .isNotEmpty();
        publish(version);
        publish(regression(4));
        try (ClassifierService service = start()) {
            event("{\"version\":3}", 3, Arm.LIVE);

            // when
            send(IntStream.range(0, POSTS).mapToObj(MODELS::post).toArray(EmbeddedPost[]::new));
            broker.produce(IntStream.range(0, POSTS)
                    .mapToObj(i -> label(i, "{\"label\":\"spam\"}"))
                    .toList());

            // then
            assertThat(broker.readAtLeast(topics.predictions(), POSTS))
                    .hasSize(POSTS)
                    .allSatisfy(each -> {
                        int choice = choices.get(numberOf(each));
                        assertThat(each.getLabel()).contains(choice == 1 ? "spam" : "ham");
                        assertThat(each.getConfidence()).contains(answer(version, numberOf(each))[choice]);
                        assertThat(each.getProbabilities()).hasSize(2);
                        assertThat(each.getValue()).isEmpty();
                    });
            assertThat(awaitTold(3, Arm.LIVE, POSTS, all -> true)
                            .getSinceDeployment()
                            .getAccuracy())
                    .contains((double) spam / POSTS);

            // and when a version of another task takes its place, a number is answered from one post to the next
            event("{\"version\":4}", 4, Arm.LIVE);
            send(MODELS.post(POSTS));
            assertThat(broker.readAtLeast(topics.predictions(), POSTS + 1))
                    .filteredOn(each -> numberOf(each) == POSTS)
                    .singleElement()
                    .satisfies(each -> assertThat(each.getValue()).contains(value(regression(4), POSTS)));
            assertThat(service.ended()).isNotDone();
        }
        assertThat(broker.readToEnd(Topics.deadLetterOf(topics.labels().name())))
                .isEmpty();
    }
}
