package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.classifier.RefusedReplayException;
import dev.sluice.classifier.Replay;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replays on a real broker, above all beside a classifier at work, and stopped in the middle. */
class ReplayIT {
    private static final HandMadeModels MODELS = new HandMadeModels(8, 8, 3);
    private static final Instant EVER = Instant.EPOCH;

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

    @Test
    void shouldAnswerEachPostOnceBesideTheLiveVersionWhenItIsStoppedAndTakenOverAndResumed() {
        // given: posts that came before the first model
        try (ClassifierService live = classifier()) {
            send(0, 300);
            assertThat(predictions(300))
                    .allSatisfy(each -> assertThat(each.getStatus()).isEqualTo(PredictionStatus.NO_MODEL));
            publish(1, 2);
            deploy(1);

            // when: it is stopped, and goes on in two processes at once, while more posts come
            Replay.Request request = new Replay.Request("r-1", EVER, Optional.empty(), Optional.empty());
            int version;
            try (Replay stopped = Replay.begin(config(), request, 50, Clock.systemUTC())) {
                assertThat(stopped.progress().total()).isGreaterThanOrEqualTo(300);
                stepUntil(stopped, 100);
                version = stopped.version();
            }
            assertThat(version).isEqualTo(1);
            deploy(2);
            send(300, 400);
            assertThatThrownBy(() -> Replay.begin(config(), request, 50, Clock.systemUTC()))
                    .isInstanceOf(RefusedReplayException.class)
                    .hasMessageContaining("there is a replay r-1 already");
            try (Replay overtaken = Replay.resume(config(), "r-1", 50, Clock.systemUTC())) {
                stepUntil(overtaken, 50);
                try (Replay other = Replay.resume(config(), "r-1", 50, Clock.systemUTC())) {
                    other.step();
                    assertThatThrownBy(() -> stepUntil(overtaken, 1_000))
                            .isInstanceOf(RefusedReplayException.class)
                            .hasMessageContaining("goes on elsewhere");
                    stepUntil(other, 1_000);
                }
            }
            assertThat(live.ended()).isNotDone();
        }

        // then: every post has one live answer, each of the first 300 one more, by the version that was live at its
        // start
        List<Prediction> all = decoded(predictionsToEnd());
        List<Prediction> replayed =
                all.stream().filter(each -> each.getReplay().isPresent()).toList();
        assertThat(sources(
                        all.stream().filter(each -> each.getReplay().isEmpty()).toList()))
                .containsExactlyInAnyOrderElementsOf(numbers(0, 400));
        assertThat(sources(replayed)).containsExactlyInAnyOrderElementsOf(numbers(0, 300));
        assertThat(replayed).allSatisfy(each -> {
            assertThat(each.getReplay()).contains("r-1");
            assertThat(each.getStatus()).isEqualTo(PredictionStatus.CLASSIFIED);
            assertThat(each.getModelVersion()).contains(1);
        });
        assertThat(replayGroups()).isEmpty();
    }

    @Test
    void shouldAnswerEachPostOnceWhenItIsKilledAndResumedAgainAndAgain() throws Exception {
        publish(1);
        deploy(1);
        send(0, 2_000);

        for (int kill = 1; kill <= 3; kill++) {
            try (ServiceProcess replay =
                    ServiceProcess.start(folder, ReplayRun.class, broker.serviceSettings(prefix))) {
                replay.awaitLine("step " + 10 * kill + " done");
                replay.pullThePlug();
            }
        }
        long done;
        try (Replay resumed = Replay.resume(config(), ReplayRun.NAME, 50, Clock.systemUTC())) {
            stepUntil(resumed, Long.MAX_VALUE);
            done = resumed.progress().predictions();
        }

        assertThat(done).isLessThan(2_000L - 3 * 10);
        assertThat(sources(decoded(predictionsToEnd()))).containsExactlyInAnyOrderElementsOf(numbers(0, 2_000));
        assertThat(replayGroups()).isEmpty();
    }

    @Test
    void shouldAnswerOnlyPostsWhoseNewestAnswerHasTheStatusWhenOneIsAskedFor() {
        // given: 0..9 without a model; of these 0..4 have been replayed since
        send(0, 20);
        publish(1, 2);
        for (int i = 0; i < 20; i++) {
            answer(i, i < 10 ? PredictionStatus.NO_MODEL : PredictionStatus.CLASSIFIED, Optional.empty());
        }
        for (int i = 0; i < 5; i++) {
            answer(i, PredictionStatus.CLASSIFIED, Optional.of("earlier"));
        }

        // when
        CommandRun run = replay("--from", "1h", "--status", "no_model", "--version", "2", "--json");
        CommandRun again = replay("--from", "1h", "--status", "no_model", "--version", "2");

        // then
        JsonNode json = run.objects().get(0);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(json.get("predictions").asInt()).isEqualTo(5);
        assertThat(json.get("finished").asBoolean()).isTrue();
        assertThat(json.get("byStatus").get("CLASSIFIED").asInt()).isEqualTo(5);
        String name = json.get("run").asText();
        List<Prediction> replayed = decoded(predictionsToEnd()).stream()
                .filter(each -> each.getReplay().equals(Optional.of(name)))
                .toList();
        assertThat(sources(replayed)).containsExactlyInAnyOrderElementsOf(numbers(5, 10));
        assertThat(replayed)
                .allSatisfy(each -> assertThat(each.getModelVersion()).contains(2));
        assertThat(again.out()).contains("version 2 answered 0 posts");
    }

    @Test
    void shouldWriteAsTheServiceDoesAndPassOverWhatNobodyCanReadWhenReplayed() {
        publish(1);
        deploy(1);
        send(0, 2);
        broker.produce(topics.embeddedPosts().name(), null, new byte[] {1});
        Prediction before = prediction(7, PredictionStatus.NO_MODEL, Optional.empty());
        broker.produce(
                topics.predictions().name(),
                "post-7".getBytes(UTF_8),
                topics.predictions().codec().encodeJson(before));

        CommandRun run = replay("--from", "2020-01-01", "--max-rate", "1000");

        assertThat(run.out()).contains("version 1 answered 2 posts (2 CLASSIFIED)", "1 can never be classified");
        assertThat(predictionsToEnd()).hasSize(3).allSatisfy(bytes -> assertThat(bytes[0])
                .isEqualTo((byte) '{'));
    }

    @Test
    void shouldBeginWhereTheTimeSaysWhenThereAreEarlierPosts() {
        publish(1);
        deploy(1);
        long now = System.currentTimeMillis();
        broker.produce(IntStream.range(0, 6)
                .mapToObj(i -> record(i, now - (6 - i) * 3_600_000L + 60_000))
                .toList());
        // and some that came late by the clock of their writer
        broker.produce(IntStream.range(6, 12)
                .mapToObj(i -> record(i, now - 4 * 3_600_000L))
                .toList());

        CommandRun run = replay("--from", "3h");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(sources(decoded(predictionsToEnd()))).containsExactlyInAnyOrderElementsOf(numbers(3, 6));
    }

    @Test
    void shouldSayWhatIsWrongAndTheCureWhenItCannotBegin() {
        send(0, 1);

        CommandRun noModel = replay("--from", "1h");
        publish(1);
        CommandRun noLive = replay("--from", "1h");
        CommandRun noVersion = replay("--from", "1h", "--version", "3");
        CommandRun noRun = replay("--resume", "nobody");

        assertThat(List.of(noModel, noLive, noVersion, noRun))
                .allSatisfy(run -> assertThat(run.exitCode()).isEqualTo(1));
        assertThat(noModel.err()).contains("no version is live that could answer");
        assertThat(noLive.err()).contains("no version is live that could answer");
        assertThat(noVersion.err()).contains("there is no version 3 (any more): published are 1");
        assertThat(noRun.err()).contains("there is no replay nobody to go on with");
        assertThat(predictionsToEnd()).isEmpty();
    }

    private static void stepUntil(Replay replay, long predictions) {
        boolean more = true;
        while (more && replay.progress().predictions() < predictions) {
            more = replay.step();
        }
    }

    private CommandRun replay(String... arguments) {
        List<String> all =
                new ArrayList<>(List.of("replay", "--bootstrap-server", broker.bootstrapServers(), "--prefix", prefix));
        all.addAll(List.of(arguments));
        return CommandRun.of(all.toArray(String[]::new));
    }

    private ClassifierConfig config() {
        return new ClassifierConfig(broker.serviceSettings(prefix));
    }

    private ClassifierService classifier() {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.put("state.dir", folder.toString());
        return ClassifierService.start(new ClassifierConfig(settings), Clock.systemUTC(), new SimpleMeterRegistry());
    }

    private void publish(int... versions) {
        for (int version : versions) {
            broker.produce(topics.models(), ModelVersions.keyOf("default", version), MODELS.version(version));
        }
    }

    private void deploy(int version) {
        broker.produce(
                topics.deployments(),
                "default",
                Deployment.newBuilder().setVersion(version).build());
    }

    private void send(int from, int to) {
        long now = System.currentTimeMillis();
        broker.produce(IntStream.range(from, to).mapToObj(i -> record(i, now)).toList());
    }

    private ProducerRecord<byte[], byte[]> record(int number, long timestamp) {
        return new ProducerRecord<>(
                topics.embeddedPosts().name(),
                null,
                timestamp,
                ("post-" + number).getBytes(UTF_8),
                topics.embeddedPosts().codec().encode(MODELS.post(number)));
    }

    private void answer(int number, PredictionStatus status, Optional<String> replay) {
        broker.produce(topics.predictions(), "post-" + number, prediction(number, status, replay));
    }

    private static Prediction prediction(int number, PredictionStatus status, Optional<String> replay) {
        return Prediction.newBuilder()
                .setPostId("post-" + number)
                .setSource(new Source("posts", 0, (long) number))
                .setStatus(status)
                .setEmbeddedAt(Instant.EPOCH)
                .setClassifiedAt(Instant.EPOCH)
                .setReplay(replay.orElse(null))
                .build();
    }

    private List<Prediction> predictions(int count) {
        return broker.readAtLeast(topics.predictions(), count);
    }

    private List<byte[]> predictionsToEnd() {
        return broker.readToEnd(topics.predictions().name()).stream()
                .map(record -> record.value())
                .toList();
    }

    private List<Prediction> decoded(List<byte[]> values) {
        return values.stream()
                .map(bytes -> topics.predictions().codec().decode(bytes))
                .toList();
    }

    private static List<Long> sources(List<Prediction> predictions) {
        return predictions.stream().map(each -> each.getSource().getOffset()).toList();
    }

    private static List<Long> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> (long) i).toList();
    }

    private List<String> replayGroups() {
        try {
            return broker.admin().listGroups(ListGroupsOptions.forConsumerGroups()).all().get().stream()
                    .map(group -> group.groupId())
                    .filter(group -> group.startsWith(prefix + "sluice-replay"))
                    .collect(Collectors.toList());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
