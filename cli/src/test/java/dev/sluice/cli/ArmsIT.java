package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.Label;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Vectors;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shadows, canaries and abstention, by the commands and a classifier on a real broker. */
class ArmsIT {
    private static final HandMadeModels MODELS = new HandMadeModels(8, 8, 3);
    private static final int POSTS = 200;

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    @TempDir
    Path folder;

    private String prefix;
    private Topics topics;

    @BeforeEach
    void publishTwoVersions() throws InterruptedException {
        prefix = TestBroker.newPrefix();
        topics = broker.createTopics(prefix);
        for (int version : List.of(1, 2)) {
            broker.produce(topics.models(), ModelVersions.keyOf("default", version), MODELS.version(version));
        }
        broker.produce(
                topics.deployments(),
                "default",
                Deployment.newBuilder().setVersion(1).build());
    }

    private ClassifierService start(String state, String... settings) {
        Map<String, String> all = broker.serviceSettings(prefix);
        all.put("state.dir", folder.resolve(state).toString());
        all.put("instance", "one");
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        return ClassifierService.start(new ClassifierConfig(all), Clock.systemUTC(), new SimpleMeterRegistry());
    }

    private CommandRun run(String... arguments) {
        return CommandRun.of(Stream.concat(
                        Stream.of(arguments),
                        Stream.of("--bootstrap-server", broker.bootstrapServers(), "--prefix", prefix))
                .toArray(String[]::new));
    }

    /** The same posts again and again, so that it can be seen who answers which. */
    private void send() {
        broker.produce(IntStream.range(0, POSTS)
                .mapToObj(MODELS::post)
                .map(post -> new ProducerRecord<>(
                        topics.embeddedPosts().name(),
                        post.getPost().getId().orElseThrow().getBytes(UTF_8),
                        topics.embeddedPosts().codec().encode(post)))
                .toList());
    }

    /** Of the posts sent last; all before them had been answered. */
    private Map<String, Prediction> answers(int rounds) {
        Map<String, Prediction> newest = new TreeMap<>();
        List<Prediction> all = broker.readAtLeast(topics.predictions(), rounds * POSTS);
        assertThat(all).hasSize(rounds * POSTS);
        all.forEach(each -> newest.merge(
                each.getPostId(), each, (a, b) -> a.getClassifiedAt().isAfter(b.getClassifiedAt()) ? a : b));
        return newest;
    }

    private List<String> answeredBy(Map<String, Prediction> answers, Arm arm, int version) {
        return answers.values().stream()
                .filter(each -> each.getArm() == arm && each.getModelVersion().orElse(0) == version)
                .map(Prediction::getPostId)
                .toList();
    }

    @Test
    void shouldLookOnThenAnswerAShareThenAnswerAllWhenAVersionIsTriedOut() {
        // given: version 2 looks on
        ClassifierService service = start("kept");
        CommandRun shadow = run("deploy", "2", "--shadow");
        send();
        assertThat(answeredBy(answers(1), Arm.LIVE, 1)).hasSize(POSTS);
        assertThat(broker.readAtLeast(topics.shadowPredictions(), POSTS))
                .hasSize(POSTS)
                .allSatisfy(each -> assertThat(each.getArm()).isEqualTo(Arm.SHADOW))
                .allSatisfy(each -> assertThat(each.getModelVersion()).contains(2));
        String known = MODELS.post(0).getPost().getId().orElseThrow();
        broker.produce(
                topics.labels(), known, Label.newBuilder().setLabel("label-1").build());
        CommandRun models = run("models");
        JsonNode compared = run("compare", "1", "2", "--json").objects().get(0);
        CommandRun comparedForPeople = run("compare", "1", "2", "--limit", "3");

        // when: it answers a share, also after a restart on a fresh folder, then all
        CommandRun canary = run("deploy", "2", "--canary", "30%", "--reason", "looks well");
        send();
        List<String> share = answeredBy(answers(2), Arm.CANARY, 2);
        List<String> rest = answeredBy(answers(2), Arm.LIVE, 1);
        CommandRun modelsThen = run("models");
        CommandRun status = run("status");
        service.close();
        service = start("fresh");
        send();
        Map<String, Prediction> afterRestart = answers(3);
        CommandRun live = run("deploy", "2");
        send();
        Map<String, Prediction> inTheEnd = answers(4);
        CommandRun nothingToEnd = run("undeploy");
        CommandRun history = run("history");
        service.close();

        // then
        assertThat(shadow.out()).contains("version 2 looks on, into " + prefix + "shadow-predictions, until");
        assertThat(models.lines().get(1)).contains(" live ");
        assertThat(models.lines().get(2)).contains(" shadow ");
        assertThat(compared.get("posts").asInt()).isEqualTo(POSTS);
        assertThat(compared.get("same").asInt() + compared.get("differences").size())
                .isLessThanOrEqualTo(POSTS)
                .isGreaterThan(0);
        assertThat(compared.get("both").get(0).get("labelled").asInt()).isEqualTo(1);
        assertThat(comparedForPeople.lines()).hasSize(1 + 3 + 1 + 1 + 1 + 3);
        assertThat(canary.out()).contains("version 2 answers 30% of the posts, until 'sluice undeploy'");
        assertThat(share).hasSizeBetween(35, 85);
        assertThat(rest).hasSize(POSTS - share.size());
        assertThat(modelsThen.lines().get(2)).contains(" canary 30% ");
        assertThat(status.out()).contains("one: SERVING CANARY version 2").doesNotContain("SHADOW");
        assertThat(answeredBy(afterRestart, Arm.CANARY, 2)).isEqualTo(share);
        assertThat(live.out() + live.err()).contains("version 2 is live");
        assertThat(answeredBy(inTheEnd, Arm.LIVE, 2)).hasSize(POSTS);
        assertThat(nothingToEnd.err()).contains("no version looks on or answers a share of the posts");
        assertThat(history.out())
                .contains("shadow 2 ")
                .contains("canary 2 30% ")
                .contains("looks well");
        assertThat(broker.readToEnd(topics.shadowPredictions().name())).hasSize(POSTS);
    }

    @Test
    void shouldGoOnWithoutThemWhenShadowAndCanaryAreRefusedOrEnded() {
        ClassifierService service = start("kept");
        broker.produce(topics.models(), "default/3", MODELS.version(3, "spam"));

        CommandRun refused = run("deploy", "3", "--shadow");
        broker.produce(
                topics.deployments().name(), null, "{\"action\":\"CANARY\",\"version\":9,\"share\":1}".getBytes(UTF_8));
        broker.readAll(topics.deploymentStatus(), statuses -> statuses.stream()
                .anyMatch(each -> each.getArm() == Arm.CANARY && each.getState() == DeploymentState.WAITING));
        CommandRun status = run("status");
        send();
        assertThat(answeredBy(answers(1), Arm.LIVE, 1)).hasSize(POSTS);
        CommandRun ended = run("undeploy", "9");
        CommandRun live = run("undeploy", "1");
        CommandRun nobody = run("compare", "1", "2");
        service.close();

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("version 3 was refused: the version is spam/3");
        assertThat(status.out())
                .contains("one: REFUSED SHADOW version 3, the version is spam/3")
                .contains("one: WAITING CANARY version 9, version 9 is not on the topic of models yet");
        assertThat(ended.out()).contains("version 9 neither looks on nor answers a share of the posts any more");
        assertThat(live.err()).contains("version 1 is live: deploy another in its place");
        assertThat(nobody.err()).contains("version 2 has answered no post").contains("sluice deploy 2 --shadow");
        assertThat(broker.readToEnd(topics.shadowPredictions().name())).isEmpty();
    }

    @Test
    void shouldAbstainWhereTheLabelIsNotLikelyEnough() {
        Predictor predictor = Predictor.of(MODELS.version(1));
        double[] confidences = IntStream.range(0, POSTS)
                .mapToObj(
                        i -> predictor.predict(Vectors.fromBytes(MODELS.post(i).getEmbedding())))
                .mapToDouble(answer -> answer[Predictor.argMax(answer)])
                .sorted()
                .toArray();
        float middle = (float) confidences[POSTS / 2];
        ClassifierService service = start("kept", "min.confidence", Float.toString(middle));
        send();
        Map<String, Prediction> answers = answers(1);
        service.close();

        assertThat(answers.values()).allSatisfy(each -> {
            boolean sure = each.getProbabilities().get(0).getProbability() >= middle;
            assertThat(each.getStatus()).isEqualTo(sure ? PredictionStatus.CLASSIFIED : PredictionStatus.ABSTAINED);
            assertThat(each.getLabel().isPresent()).isEqualTo(sure);
            assertThat(each.getModelVersion()).contains(1);
        });
        assertThat(answers.values())
                .extracting(Prediction::getStatus)
                .contains(PredictionStatus.CLASSIFIED, PredictionStatus.ABSTAINED);
    }
}
