package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.Drift;
import dev.sluice.schemas.Label;
import dev.sluice.schemas.LabelProbability;
import dev.sluice.schemas.LabelScore;
import dev.sluice.schemas.LabelShare;
import dev.sluice.schemas.LiveEvaluation;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Tally;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.TrainingRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command against a real broker; the test plays the services. */
class CommandsIT {
    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    @TempDir
    Path folder;

    private Topics topics;

    @BeforeEach
    void createTopics() throws Exception {
        topics = broker.createTopics(TestBroker.newPrefix());
    }

    private DeadLetters letters() {
        return DeadLetters.of("embedder", topics, Clock.systemUTC());
    }

    @Test
    void shouldPrintEachClassAsTheNotebookDoesWhenAPostIsClassified() {
        CompletableFuture<CommandRun> run = inBackground("classify", "Which", "orbit?");
        ConsumerRecord<byte[], byte[]> post = firstRecord(topics.posts().name());
        answer(post, predictionOf(post).build());

        assertThat(run.join().err()).isEmpty();
        assertThat(run.join().lines()).containsExactly("sci.space: 99.54%", "sci.med: 0.46%");
        assertThat(run.join().exitCode()).isZero();
        assertThat(topics.posts().codec().decode(post.value()).getText()).contains("Which orbit?");
    }

    @Test
    void shouldPrintThePredictionAsJsonWhenAsked() {
        CompletableFuture<CommandRun> run = inBackground("classify", "--json", "orbit");
        ConsumerRecord<byte[], byte[]> post = firstRecord(topics.posts().name());
        answer(post, predictionOf(post).build());

        JsonNode json = run.join().objects().get(0);
        assertThat(json.get("label").asText()).isEqualTo("sci.space");
        assertThat(json.get("probabilities")).hasSize(2);
        assertThat(json.get("modelVersion").asInt()).isEqualTo(2);
    }

    @Test
    void shouldSayWhatToTypeWhenThereIsNoModel() {
        CompletableFuture<CommandRun> run = inBackground("classify", "orbit");
        ConsumerRecord<byte[], byte[]> post = firstRecord(topics.posts().name());
        answer(
                post,
                predictionOf(post)
                        .setStatus(PredictionStatus.NO_MODEL)
                        .setLabel(null)
                        .setConfidence(null)
                        .setModelVersion(null)
                        .setProbabilities(List.of())
                        .build());

        assertThat(run.join().exitCode()).isEqualTo(1);
        assertThat(run.join().err().lines())
                .singleElement()
                .asString()
                .startsWith("sluice: no model is deployed yet")
                .contains("sluice produce --data bundled");
    }

    @Test
    void shouldSayWhyWhenThePostIsRejected() {
        CompletableFuture<CommandRun> run = inBackground("classify", "orbit");
        ConsumerRecord<byte[], byte[]> post = firstRecord(topics.posts().name());
        broker.produce(List.of(letters().of(post, new IllegalArgumentException("nothing is left of the text"))));

        assertThat(run.join().exitCode()).isEqualTo(1);
        assertThat(run.join().err()).contains("the post was rejected: nothing is left of the text");
    }

    @Test
    void shouldSayWhatToLookAtWhenNoPredictionComes() {
        CommandRun run = run("classify", "--timeout", "200ms", "orbit");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("within 200ms").contains("sluice status");
    }

    @Test
    void shouldShowHowVersionsDoWhenLabelsCameLater() {
        LiveEvaluation first = evaluation(3, Arm.LIVE, 2, 0.5);
        broker.produce(topics.evaluations(), "default/3", first);
        broker.produce(topics.evaluations(), "default/4", evaluation(4, Arm.SHADOW, 1_200, 0.75));
        broker.produce(
                topics.evaluations(),
                "default/3",
                LiveEvaluation.newBuilder(evaluation(3, Arm.LIVE, 8, 0.25))
                        .setWarning("the answers have drifted")
                        .build());

        CommandRun people = run("evaluations");
        CommandRun ofOne = run("evaluations", "4", "--labels");
        CommandRun scripts = run("evaluations", "--json");

        assertThat(people.lines()).hasSize(4);
        assertThat(people.lines().get(1)).contains("live", "0.2500 of 8", "0.1000", "0.6000", "0.8000");
        assertThat(people.lines().get(2)).contains("shadow", "0.7500 of 1,200");
        assertThat(people.lines().get(3)).isEqualTo("version 3, live: the answers have drifted");
        assertThat(ofOne.lines()).hasSize(6).last().asString().contains("sci.space", "62.50%", "50.00%");
        assertThat(ofOne.lines().get(4)).contains("sci.med", "0.5000", "0.2500", "0.3333");
        assertThat(scripts.objects()).hasSize(2);
        assertThat(scripts.objects().get(0).get("window").get("accuracy").asDouble())
                .isEqualTo(0.25);
        broker.produce(topics.models(), "default/3", TestModels.version(3));
        broker.produce(
                topics.deployments(),
                "default",
                Deployment.newBuilder().setVersion(3).build());
        assertThat(run("models").lines().get(1)).contains("0.2500 of 8");
        assertThat(run("models", "--json")
                        .objects()
                        .get(0)
                        .get("liveEvaluations")
                        .get(0)
                        .get("accuracy")
                        .asDouble())
                .isEqualTo(0.25);
        assertThat(run("status").lines())
                .contains(
                        "right      version 3, live: 0.2500 of 8 in the window, 0.2500 of 8 over all; the answers have"
                                + " drifted");
        assertThat(run("status", "--json").objects().get(0).get("liveEvaluations"))
                .hasSize(1);
        assertThat(run("evaluations", "9").err()).contains("nothing is known of version 9 yet");
    }

    private static LiveEvaluation evaluation(int version, Arm arm, long examples, double accuracy) {
        Tally tally = Tally.newBuilder()
                .setExamples(examples)
                .setAbstained(0)
                .setAccuracy(accuracy)
                .setPerLabel(List.of(new LabelScore("sci.med", 0.5, 0.25, 1 / 3.0, 4L)))
                .build();
        return LiveEvaluation.newBuilder()
                .setVersion(version)
                .setArm(arm)
                .setWindowStart(Instant.EPOCH)
                .setWindow(tally)
                .setSinceDeployment(tally)
                .setDrift(new Drift(40L, 0.1, 0.6, 0.8, List.of(new LabelShare("sci.space", 0.625, 0.5))))
                .setCreatedAt(Instant.EPOCH)
                .build();
    }

    @Test
    void shouldPrintPredictionsWhenTailing() {
        Source source = new Source(topics.posts().name(), 0, 0L);
        Prediction right = prediction(source).setPostId("p-1").build();
        broker.produce(topics.predictions(), "p-1", right);
        broker.produce(
                topics.predictions(),
                "p-2",
                prediction(source).setPostId("p-2").setPostLabel("sci.med").build());
        broker.produce(topics.predictions().name(), null, new byte[] {1, 2, 3});

        CommandRun people = run("tail", "--from-beginning", "--timeout", "2s");
        CommandRun scripts = run("tail", "--from-beginning", "--timeout", "2s", "--json");

        assertThat(people.lines()).hasSize(2);
        assertThat(people.out())
                .containsPattern("sci\\.space 99\\.54% +v2 +p-1 +Which orbit")
                .contains("(is sci.med)");
        assertThat(people.err()).contains("neither JSON");
        assertThat(scripts.objects())
                .extracting(json -> json.get("postId").asText())
                .containsExactlyInAnyOrder("p-1", "p-2");
        assertThat(scripts.exitCode()).isZero();
    }

    @Test
    void shouldPrintOnlyWhatComesWhenTailingFromNow() {
        broker.produce(
                topics.predictions(),
                "old",
                prediction(new Source("posts", 0, 0L)).setPostId("old").build());

        assertThat(run("tail", "--timeout", "300ms").lines()).isEmpty();
    }

    @Test
    void shouldListVersionsAndWhichIsLiveWhenAskedForModels() {
        publish(1, 2);
        serve(1);

        CommandRun people = run("models");
        CommandRun scripts = run("models", "--json");

        assertThat(people.lines()).hasSize(3);
        assertThat(people.lines().get(1)).contains("live").contains("0.7500").contains("4 TEST");
        assertThat(people.lines().get(2)).doesNotContain("live");
        assertThat(scripts.objects())
                .extracting(json ->
                        json.get("version").asInt() + " " + json.get("live").asBoolean() + " "
                                + json.get("examples").asInt())
                .containsExactly("1 true 5", "2 false 5");
    }

    @Test
    void shouldSayThatThereIsNoVersionWhenNoneIsPublished() {
        CommandRun run = run("models");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("no version yet");
    }

    @Test
    void shouldDeployAndWaitForTheClassifierWhenTheVersionExists() {
        publish(1, 2);
        serve(1);
        CompletableFuture<CommandRun> run = inBackground("deploy", "2", "--reason", "better");
        Deployment deployment = broker.readAtLeast(topics.deployments(), 1).get(0);
        report(DeploymentState.WAITING, 2, 1, "");
        report(DeploymentState.SERVING, 2, 2, "");

        assertThat(deployment.getVersion()).isEqualTo(2);
        assertThat(deployment.getReason()).isEqualTo("better");
        assertThat(run.join().out()).isEqualToIgnoringNewLines("version 2 is live");
        assertThat(run.join().exitCode()).isZero();
    }

    @Test
    void shouldSayWhyWhenADeploymentIsRefused() {
        publish(1, 2);
        CompletableFuture<CommandRun> run = inBackground("deploy", "2");
        broker.readAtLeast(topics.deployments(), 1);
        report(DeploymentState.REFUSED, 2, 1, "the seal does not fit");

        assertThat(run.join().exitCode()).isEqualTo(1);
        assertThat(run.join().err())
                .contains("version 2 was refused: the seal does not fit; version 1 goes on answering");
    }

    @Test
    void shouldWriteNoDeploymentWhenTheVersionIsUnknownOrLiveAlready() {
        publish(1, 2);
        serve(2);

        CommandRun unknown = run("deploy", "3");
        CommandRun already = run("deploy", "2");

        assertThat(unknown.exitCode()).isEqualTo(1);
        assertThat(unknown.err()).contains("there is no version 3: published are 1, 2");
        assertThat(already.out()).contains("version 2 is live already");
        assertThat(broker.readToEnd(topics.deployments().name())).isEmpty();
    }

    @Test
    void shouldLetTheOneBeforeAnswerWhenRolledBack() {
        publish(1, 2);
        event("{\"version\":1}");
        event("{\"version\":2}");
        serve(2);

        CompletableFuture<CommandRun> run = inBackground("rollback", "--reason", "worse on short texts");
        Deployment event = broker.readAtLeast(topics.deployments(), 3).get(2);
        report(DeploymentState.SERVING, 1, 1, "");

        assertThat(event.getAction()).isEqualTo(DeploymentAction.ROLLBACK);
        assertThat(event.getVersion()).isEqualTo(1);
        assertThat(event.getExpected()).contains(2);
        assertThat(event.getAutomatic()).isFalse();
        assertThat(event.getReason()).isEqualTo("worse on short texts");
        assertThat(run.join().out()).isEqualToIgnoringNewLines("version 1 is live again");
        assertThat(run.join().err()).contains("sluice pin");
        assertThat(run.join().exitCode()).isZero();
    }

    @Test
    void shouldSayThatNothingHasChangedWhenSomebodyElseWasQuicker() {
        event("{\"version\":1}");
        event("{\"version\":2}");
        event("{\"action\":\"ROLLBACK\"}"); // between our look and our event
        Deployment.Builder ours = Deployment.newBuilder()
                .setAction(DeploymentAction.ROLLBACK)
                .setVersion(1)
                .setExpected(2);

        try (Connection connection = Connection.open(Map.of("bootstrap.servers", broker.bootstrapServers()), topics)) {
            assertThatThrownBy(() -> new Deploying().write(connection, ours))
                    .isInstanceOf(CommandException.class)
                    .hasMessage("nothing has changed: it expected version 2 to be live, but version 1 was"
                            + " ('sluice history' shows by whom)");
        }
    }

    @Test
    void shouldWriteNoEventWhenThereIsNothingToRollBackOrPin() {
        CommandRun neverDeployed = run("rollback");
        CommandRun nothingLive = run("pin");
        CommandRun unknown = run("pin", "7");
        event("{\"version\":1}");
        CommandRun nothingBefore = run("rollback");
        event("{\"version\":2}");
        CommandRun gone = run("rollback");

        assertThat(List.of(neverDeployed, nothingLive, unknown, nothingBefore, gone))
                .extracting(CommandRun::exitCode)
                .containsOnly(1);
        assertThat(neverDeployed.err()).contains("nothing was ever deployed");
        assertThat(nothingLive.err()).contains("no version is live that could be pinned");
        assertThat(unknown.err()).contains("there is no version 7");
        assertThat(nothingBefore.err()).contains("no version was live before version 1");
        assertThat(gone.err()).contains("there is no version 1");
        assertThat(broker.readToEnd(topics.deployments().name())).hasSize(2);
    }

    @Test
    void shouldHoldTheLiveVersionAgainstTheTrainerWhenItIsPinned() {
        // given
        publish(1, 2);
        event("{\"version\":1}");
        serve(1);

        // when
        CommandRun pin = run("pin");
        event("{\"version\":2,\"automatic\":true,\"by\":\"trainer\"}");
        CommandRun models = run("models");
        CommandRun asJson = run("models", "--json");
        CommandRun status = run("status");
        CommandRun unpin = run("unpin");

        // then
        assertThat(pin.out()).isEqualToIgnoringNewLines("version 1 is pinned, until 'sluice unpin'");
        assertThat(models.lines().get(1)).contains("live, pinned");
        assertThat(models.err()).contains("version 1 is pinned").contains("sluice unpin");
        assertThat(asJson.objects())
                .extracting(json -> json.get("pinned").asBoolean())
                .containsExactly(true, false);
        assertThat(status.lines()).contains("live       version 1, pinned is 1, newest is 2");
        assertThat(unpin.out())
                .isEqualToIgnoringNewLines(
                        "no version is pinned any more; version 1 answers until another is deployed");
        assertThat(run("unpin").out()).contains("no version was pinned");
        assertThat(run("models").err()).isEmpty();
    }

    @Test
    void shouldDeployAndHoldAVersionWhenAnotherThanTheLiveOneIsPinned() {
        publish(1, 2);
        event("{\"version\":1}");
        serve(1);

        CompletableFuture<CommandRun> run = inBackground("pin", "2");
        Deployment event = broker.readAtLeast(topics.deployments(), 2).get(1);
        report(DeploymentState.SERVING, 2, 2, "");

        assertThat(event.getAction()).isEqualTo(DeploymentAction.PIN);
        assertThat(run.join().out()).isEqualToIgnoringNewLines("version 2 is live, and pinned");
        assertThat(run("deploy", "2").out()).contains("version 2 is live already, and pinned");
    }

    @Test
    void shouldSayWhichVersionAnswersWhenTheOnePinnedIsRefused() {
        event("{\"version\":1}");
        event("{\"version\":2}");
        report(DeploymentState.REFUSED, 2, 1, "the seal does not fit");

        CommandRun run = run("pin");

        assertThat(run.out()).contains("version 2 is pinned");
        assertThat(run.err()).contains("version 1 answers as long as version 2 cannot");
    }

    @Test
    void shouldSayWhichVersionAnswersWhenATrainedOneMeetsAPin() {
        event("{\"action\":\"PIN\",\"version\":1}");
        CompletableFuture<CommandRun> run = inBackground("train");
        TrainingRequest request =
                broker.readAtLeast(topics.trainingRequests(), 1).get(0);
        broker.produce(topics.models(), "default/2", TestModels.answering(2, request.getId()));

        assertThat(run.join().err())
                .contains("version 1 is pinned and goes on answering")
                .contains("sluice deploy 2");
        assertThat(run.join().exitCode()).isZero();
    }

    @Test
    void shouldTellWhoChangedWhatAndWhyWhenAskedForHistory() {
        // given
        event("{\"version\":1,\"by\":\"trainer\",\"reason\":\"first\\nversion\",\"automatic\":true,\"expected\":0,"
                + "\"createdAt\":\"2026-11-22T09:00:00Z\"}");
        event("{\"version\":2,\"by\":\"ann\"}");
        event("{\"action\":\"PIN\",\"by\":\"ann\"}");
        event("{\"version\":3,\"automatic\":true,\"by\":\"trainer\"}");
        event("not an event");
        event("{\"version\":4,\"classifier\":\"spam\"}");
        event("{\"action\":\"ROLLBACK\",\"by\":\"bob\",\"reason\":\"worse\"}");
        event("{\"version\":2,\"by\":\"ann\",\"reason\":\"" + "so that ".repeat(30) + "\"}");

        // when
        CommandRun people = run("history");
        CommandRun scripts = run("history", "--json");

        // then
        assertThat(people.lines()).hasSize(7).allSatisfy(line -> assertThat(line.length())
                .isLessThanOrEqualTo(120));
        assertThat(people.lines().get(1))
                .matches("2026-11-22 09:00:00  deploy 1, automatic +1  trainer  first version +applied");
        assertThat(people.lines().get(4))
                .matches("\\S+ \\S+  deploy 3, automatic +2  trainer .*lost: version 2 is pinned");
        assertThat(people.lines().get(5)).matches("\\S+ \\S+  rollback 1 +1  bob +worse +applied");
        assertThat(scripts.objects())
                .extracting(json -> json.get("action").asText() + " "
                        + json.get("version").asInt() + " "
                        + json.get("liveAfter").asInt() + " "
                        + json.get("outcome").asText())
                .containsExactly(
                        "DEPLOY 1 1 APPLIED",
                        "DEPLOY 2 2 APPLIED",
                        "PIN 2 2 APPLIED",
                        "DEPLOY 3 2 LOST",
                        "ROLLBACK 1 1 APPLIED",
                        "DEPLOY 2 2 APPLIED");
        assertThat(scripts.objects().get(3).get("why").asText()).isEqualTo("version 2 is pinned");
        assertThat(scripts.objects())
                .allSatisfy(json -> assertThat(json.get("at").asText()).startsWith("20"));
    }

    private void event(String json) {
        broker.produce(topics.deployments().name(), null, json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void shouldSayThatNobodyAnswersWhenNoClassifierRuns() {
        publish(1);

        CommandRun run = run("deploy", "1", "--timeout", "200ms");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("no classifier took it up within 200ms");
    }

    @Test
    void shouldPrintTheNewVersionWhenTheTrainerAnswers() {
        CompletableFuture<CommandRun> run = inBackground("train", "--set", "epochs=5", "--set", "seed=7");
        TrainingRequest request =
                broker.readAtLeast(topics.trainingRequests(), 1).get(0);
        broker.produce(topics.models(), "default/1", TestModels.version(1));
        broker.produce(topics.models(), "default/2", TestModels.answering(2, request.getId()));

        assertThat(request.getOverrides()).isEqualTo(Map.of("epochs", "5", "seed", "7"));
        assertThat(run.join().out())
                .contains("version 2 is published: 5 examples, 1 epochs, accuracy 75.00% on 4 TEST");
    }

    @Test
    void shouldSayThatTheTrainerRefusedWhenItIsDoneWithoutAVersion() throws Exception {
        CompletableFuture<CommandRun> run = inBackground("train");
        broker.readAtLeast(topics.trainingRequests(), 1);
        broker.admin()
                .alterConsumerGroupOffsets(
                        topics.prefix() + "trainer",
                        Map.of(new TopicPartition(topics.trainingRequests().name(), 0), new OffsetAndMetadata(1)))
                .all()
                .get();

        assertThat(run.join().exitCode()).isEqualTo(1);
        assertThat(run.join().err()).contains("the trainer refused to fit");
    }

    @Test
    void shouldWriteALabelWhenOneIsGiven() {
        CommandRun run = run("label", "p-1", "sci.med");

        Label label = broker.readAtLeast(topics.labels(), 1).get(0);
        assertThat(label.getPostId()).contains("p-1");
        assertThat(label.getLabel()).contains("sci.med");
        assertThat(run.out()).contains("post p-1 is labelled sci.med");
    }

    @Test
    void shouldWriteANumberWhenOneIsGiven() {
        CommandRun endless = run("label", "p-1", "--target", "NaN");
        CommandRun number = run("label", "p-2", "--target", "3.5", "--json");
        CommandRun two = run("label", "p-3", "good", "--target", "4");

        assertThat(broker.readAtLeast(topics.labels(), 2))
                .extracting(label -> label.getPostId().orElseThrow() + " "
                        + label.getLabel().orElse("-") + " " + label.getTarget().orElseThrow())
                .containsExactlyInAnyOrder("p-2 - 3.5", "p-3 good 4.0");
        assertThat(endless.exitCode()).isEqualTo(2);
        assertThat(number.objects().get(0).get("target").asDouble()).isEqualTo(3.5);
        assertThat(two.out()).isEqualToIgnoringNewLines("post p-3 is labelled good and stands for 4");
    }

    @Test
    void shouldWriteAWordWithoutALabelWhenItIsWithdrawn() {
        CommandRun run = run("label", "p-1", "--withdraw");
        CommandRun both = run("label", "p-1", "sci.med", "--withdraw");
        CommandRun neither = run("label", "p-1");

        Label label = broker.readAtLeast(topics.labels(), 1).get(0);
        assertThat(label.getPostId()).contains("p-1");
        assertThat(label.getLabel()).isEmpty();
        assertThat(label.getBy()).isNotEmpty();
        assertThat(run.out()).contains("post p-1 has no label any more");
        assertThat(both.exitCode()).isEqualTo(2);
        assertThat(neither.exitCode()).isEqualTo(2);
    }

    @Test
    void shouldListTopicsAndTheirDeadLettersWhenAsked() {
        broker.produce(topics.posts().name(), null, new byte[] {1});

        CommandRun people = run("topics");
        CommandRun scripts = run("topics", "--json");

        assertThat(people.out())
                .containsPattern(topics.posts().name() + " +4 +1 +delete")
                .contains(topics.models().name() + ".dead-letter")
                .contains(topics.settledLetters());
        assertThat(scripts.objects()).hasSize(26);
    }

    @Test
    void shouldShowLiveVersionLagAndDeadLettersWhenAskedForStatus() throws Exception {
        publish(1, 2);
        serve(1);
        broker.produce(topics.posts().name(), null, new byte[] {1});
        ConsumerRecord<byte[], byte[]> post = firstRecord(topics.posts().name());
        broker.produce(List.of(letters().of(post, new IllegalArgumentException("not a post"))));
        broker.admin()
                .alterConsumerGroupOffsets(
                        topics.prefix() + "embedder",
                        Map.of(new TopicPartition(topics.posts().name(), post.partition()), new OffsetAndMetadata(0)))
                .all()
                .get();

        CommandRun people = run("status");
        JsonNode json = run("status", "--json").objects().get(0);

        assertThat(people.lines())
                .contains("live       version 1, newest is 2")
                .contains(
                        "behind     1 on " + topics.posts().name() + ": " + topics.prefix() + "embedder (not running)")
                .contains("rejected   1 on " + topics.posts().name() + ".dead-letter; the last: not a post");
        assertThat(json.get("liveVersion").asInt()).isEqualTo(1);
        assertThat(json.get("lag").get(0).get("lag").asInt()).isEqualTo(1);
        assertThat(json.get("perSecond").get(topics.posts().name()).asInt()).isZero();
        assertThat(json.get("deadLetters").get(0).get("lastReason").asText()).isEqualTo("not a post");
    }

    @Test
    void shouldSendFilesAsTheirEndingSaysWhenProducing() throws Exception {
        Path text = Files.writeString(folder.resolve("a note.txt"), "two\nlines");
        Path mail = Files.writeString(folder.resolve("b.eml"), "Subject: hi\n\nthere");
        Path lines = Files.writeString(
                folder.resolve("c.jsonl"), "{\"text\":\"one\"}\n\n{\"text\":\"two\",\"label\":\"x\"}\n");

        CommandRun run = run("produce", "--label", "y", "--json", text.toString(), mail.toString(), lines.toString());

        List<Post> posts = broker.readAtLeast(topics.posts(), 4);
        assertThat(run.err()).isEmpty();
        assertThat(run.objects().get(0).get("posts").asInt()).isEqualTo(4);
        assertThat(posts)
                .filteredOn(post -> post.getRaw().isPresent())
                .extracting(Post::getContentType, post -> utf8(post.getRaw().get()))
                .containsExactlyInAnyOrder(
                        tuple("text/plain", "two\nlines"), tuple("message/rfc822", "Subject: hi\n\nthere"));
        assertThat(posts).extracting(post -> post.getLabel().orElse("")).containsExactlyInAnyOrder("y", "y", "y", "x");
        assertThat(posts).extracting(post -> post.getText().orElse("")).contains("one", "two");
    }

    @Test
    void shouldSendTheBundledPostsWhenAskedFor() {
        CommandRun run = run("produce", "--data", "bundled", "--per-class", "2", "--test-per-class", "0");

        assertThat(run.err()).isEmpty();
        List<Post> posts = broker.readAtLeast(topics.posts(), 8);
        assertThat(posts).hasSize(8).allSatisfy(post -> assertThat(post.getLabel())
                .isPresent());
    }

    @Test
    void shouldNameTheLineWhenItIsNoPost() throws Exception {
        Path lines = Files.writeString(folder.resolve("c.jsonl"), "{\"text\":\"one\"}\n\n{\"text\":5,}\n");

        CommandRun run = run("produce", lines.toString());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("c.jsonl, line 3: ").contains("{\"text\": \"...\"}");
    }

    @Test
    void shouldSayThatTopicsAreMissingWhenNoServiceRanYet() {
        CommandRun run =
                CommandRun.of("classify", "x", "--bootstrap-server", broker.bootstrapServers(), "--prefix", "nobody-");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("there is no topic nobody-posts").contains("sluice up");
    }

    @Test
    void shouldShowTheTraceOnlyWhenVerbose() {
        CommandRun verbose = CommandRun.of(
                "topics", "--bootstrap-server", broker.bootstrapServers(), "--prefix", "nobody-", "--verbose");

        assertThat(verbose.err()).contains("\tat dev.sluice.cli.");
        assertThat(run("deploy", "9").err()).doesNotContain("\tat ");
    }

    private void publish(int... versions) {
        for (int version : versions) {
            broker.produce(topics.models(), ModelVersions.keyOf("default", version), TestModels.version(version));
        }
    }

    private void serve(int version) {
        report(DeploymentState.SERVING, version, version, "");
    }

    private void report(DeploymentState state, int version, int serving, String reason) {
        broker.produce(
                topics.deploymentStatus(),
                "default/one",
                DeploymentStatus.newBuilder()
                        .setClassifier("default")
                        .setInstance("one")
                        .setState(state)
                        .setVersion(version)
                        .setServingVersion(serving)
                        .setReason(reason)
                        .setAt(TestModels.TIME)
                        .build());
    }

    private ConsumerRecord<byte[], byte[]> firstRecord(String topic) {
        return broker.readAll(topic, records -> !records.isEmpty()).get(0);
    }

    private void answer(ConsumerRecord<byte[], byte[]> post, Prediction prediction) {
        Source elsewhere = new Source(post.topic(), post.partition(), post.offset() + 1);
        Prediction notThisOne = prediction(elsewhere)
                .setProbabilities(List.of(new LabelProbability("not.this", 1f)))
                .build();
        broker.produce(topics.predictions(), "p", notThisOne);
        broker.produce(topics.predictions(), "p", prediction);
    }

    private static Prediction.Builder predictionOf(ConsumerRecord<byte[], byte[]> post) {
        return prediction(new Source(post.topic(), post.partition(), post.offset()));
    }

    private static Prediction.Builder prediction(Source source) {
        return Prediction.newBuilder()
                .setPostId("p")
                .setSource(source)
                .setStatus(PredictionStatus.CLASSIFIED)
                .setLabel("sci.space")
                .setConfidence(0.9954f)
                .setProbabilities(
                        List.of(new LabelProbability("sci.space", 0.9954f), new LabelProbability("sci.med", 0.0046f)))
                .setModelVersion(2)
                .setTextStart("Which orbit\nis it?")
                .setEmbeddedAt(TestModels.TIME)
                .setClassifiedAt(TestModels.TIME);
    }

    private CommandRun run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(1, List.of("--bootstrap-server", broker.bootstrapServers(), "--prefix", topics.prefix()));
        return CommandRun.of(all.toArray(String[]::new));
    }

    private CompletableFuture<CommandRun> inBackground(String... arguments) {
        return CompletableFuture.supplyAsync(() -> run(arguments));
    }

    private static String utf8(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }
}
