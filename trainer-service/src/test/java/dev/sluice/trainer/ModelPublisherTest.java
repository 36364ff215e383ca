package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.InvalidModelException;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.SigningKey;
import dev.sluice.schemas.TopicOffset;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Training;
import dev.sluice.schemas.Trust;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelPublisherTest {
    private final Topics topics = Topics.ofDefaults();
    private final MockTopics kafka = new MockTopics(topics.models().name(), 1);
    private final PublishedModels models = new PublishedModels(kafka.consumer, topics.models(), "default", Trust.OPEN);
    private final Queue<MockProducer<byte[], byte[]>> producers = new ArrayDeque<>();
    private final MockTopics log = new MockTopics(topics.deployments().name(), 1);
    private final DeploymentLog deployments =
            new DeploymentLog(log.consumer, topics.deployments(), "default", Trust.OPEN);
    private PromotionPolicy.Mode mode = PromotionPolicy.Mode.AUTO;
    private final ModelPublisher publisher = publisher(topics, 0);
    private final MockProducer<byte[], byte[]> producer = MockTopics.producer();

    @BeforeEach
    void follow() {
        models.follow();
        deployments.follow();
        producers.add(producer);
    }

    private ModelPublisher publisher(Topics topics, int keep) {
        return publisher(topics, keep, Trust.OPEN);
    }

    private ModelPublisher publisher(Topics topics, int keep, Trust trust) {
        return new ModelPublisher(
                producers::remove,
                models,
                deployments,
                new Gate(new PromotionPolicy(mode, 0.02, 0), models, deployments),
                new Retention(keep, models, deployments),
                topics,
                trust,
                Duration.ZERO);
    }

    private static ModelVersion.Builder draft() throws InterruptedException {
        return TrainedVersions.draft();
    }

    private void add(String key, int version) throws InterruptedException {
        ModelVersion stored = ModelVersions.seal(draft().setVersion(version).build());
        kafka.add(0, key, topics.models().codec().encode(stored));
    }

    @Test
    void shouldCommitVersionAndDeploymentTogetherWhenPublished() throws Exception {
        ModelVersion version = publisher.publish(draft(), List.of(), "trainer", "20 new training examples", () -> true);

        assertThat(version.getVersion()).isEqualTo(1);
        assertThat(producer.commitCount()).isEqualTo(1);
        List<ProducerRecord<byte[], byte[]>> sent = producer.history();
        assertThat(sent)
                .extracting(ProducerRecord::topic)
                .containsExactly(topics.models().name(), topics.deployments().name());
        assertThat(sent.get(0).key()).isEqualTo(MockTopics.bytes("default/1"));
        assertThat(Predictor.of(topics.models().codec().decode(sent.get(0).value()))
                        .version())
                .isEqualTo(version);
        Deployment deployment = topics.deployments().codec().decode(sent.get(1).value());
        assertThat(deployment.getVersion()).isEqualTo(1);
        assertThat(deployment.getReason()).startsWith("20 new training examples; compared with none");
        assertThat(deployment.getAutomatic()).isTrue();
        assertThat(deployment.getExpected()).contains(0);
        assertThat(version.getTraining().getPromotion()).isEqualTo("deployed");
    }

    @Test
    void shouldSignTheVersionAndItsDeploymentWhenThereIsAKey() throws Exception {
        SigningKey key = SigningKey.generate();
        Trust readers = Trust.of(List.of(key.publicText()), Optional.empty());

        publisher(topics, 0, Trust.of(List.of(), Optional.of(key)))
                .publish(draft(), List.of(), "trainer", "", () -> true);

        List<ProducerRecord<byte[], byte[]>> sent = producer.history();
        ModelVersion version = topics.models().codec().decode(sent.get(0).value());
        Deployment deployment = topics.deployments().codec().decode(sent.get(1).value());
        assertThat(readers.objectionTo(version)).isEmpty();
        assertThat(readers.objectionTo(deployment)).isEmpty();
        assertThat(Predictor.of(version).version()).isEqualTo(version);
    }

    @Test
    void shouldDropTheSignatureOfAnotherWhenThereIsNoKey() throws Exception {
        ModelVersion theirs = SigningKey.generate()
                .sign(ModelVersions.seal(draft().setVersion(1).build()));

        ModelVersion version =
                publisher.publishOnly(ModelVersion.newBuilder(theirs).setSha256(""), "imported");

        assertThat(version.getSignature()).isEmpty();
    }

    @Test
    void shouldTakeNoWordOfAVersionWhenNobodyTrustedSignedIt() throws Exception {
        SigningKey key = SigningKey.generate();
        Trust trust = Trust.of(List.of(key.publicText()), Optional.of(key));
        PublishedModels careful = new PublishedModels(kafka.consumer, topics.models(), "default", trust);
        ModelVersion.Builder claims = draft();
        claims.setTraining(
                Training.newBuilder(claims.getTraining()).setRequestId("r").build());
        ModelVersion unsigned = ModelVersions.seal(claims.setVersion(3).build());
        kafka.add(0, "default/3", topics.models().codec().encode(unsigned));
        careful.follow();

        assertThat(careful.newestFitted()).isEmpty();
        assertThat(careful.predictorOf(3)).isEmpty();
        assertThat(careful.nextVersion()).as("its number is taken").isEqualTo(4);

        ModelVersion signed = key.sign(ModelVersions.seal(claims.setVersion(4).build()));
        kafka.add(0, "default/4", topics.models().codec().encode(signed));
        careful.follow();

        assertThat(careful.newestFitted()).isPresent();
        assertThat(careful.predictorOf(4)).isPresent();
    }

    @Test
    void shouldExpectTheLiveVersionWhenItDeploys() throws Exception {
        log.add(0, "default", MockTopics.bytes("{\"version\":4}"));

        publisher.publish(draft(), List.of(), "trainer", "", () -> true);

        Deployment deployment =
                topics.deployments().codec().decode(producer.history().get(1).value());
        assertThat(deployment.getExpected()).contains(4);
    }

    @Test
    void shouldSendTheVersionAloneAndSayWhyWhenTheGateIsClosed() throws Exception {
        mode = PromotionPolicy.Mode.MANUAL;

        ModelVersion version = publisher(topics, 0).publish(draft(), List.of(), "trainer", "", () -> true);

        assertThat(producer.history())
                .extracting(ProducerRecord::topic)
                .containsExactly(topics.models().name());
        assertThat(producer.commitCount()).isEqualTo(1);
        assertThat(ModelVersions.heldBack(version)).contains("promotion=manual");
        assertThat(Predictor.of(version).version()).isEqualTo(version);
    }

    @Test
    void shouldTakeTheNumberAfterTheHighestWhenThereAreOthers() throws Exception {
        add("default/3", 3);
        add("default/7", 7);
        add("default/5", 5);

        assertThat(publisher
                        .publish(draft(), List.of(), "trainer", "", () -> true)
                        .getVersion())
                .isEqualTo(8);
    }

    @ParameterizedTest
    @CsvSource({"default/9,8", "other/9,9", "9,9"})
    void shouldNotCountARecordWhenItsKeyIsNotItsName(String key, int version) throws Exception {
        add(key, version);
        kafka.add(0, "default/12", MockTopics.bytes("garbage"));
        kafka.add(0, "default/13", null);

        assertThat(publisher
                        .publish(draft(), List.of(), "trainer", "", () -> true)
                        .getVersion())
                .isEqualTo(1);
    }

    @Test
    void shouldTakeTheOldestAwayInTheSameTransactionWhenThereAreTooMany() throws Exception {
        for (int version = 1; version <= 5; version++) {
            add("default/" + version, version);
        }
        log.add(0, "default", MockTopics.bytes("{\"version\":2}"));

        publisher(topics, 3).publish(draft(), List.of(), "trainer", "", () -> true);

        assertThat(producer.commitCount()).isEqualTo(1);
        assertThat(producer.history().subList(2, producer.history().size()))
                .extracting(record -> new String(record.key(), StandardCharsets.UTF_8), ProducerRecord::value)
                .containsExactly(tuple("default/1", null), tuple("default/3", null));
        assertThat(producer.history().subList(2, 4))
                .extracting(ProducerRecord::topic)
                .containsOnly(topics.models().name());
    }

    @Test
    void shouldRefuseWhenThereIsNoNumberLeft() throws Exception {
        add("default/" + Integer.MAX_VALUE, Integer.MAX_VALUE);

        assertThatThrownBy(() -> publisher.publish(draft(), List.of(), "trainer", "", () -> true))
                .isInstanceOf(RefusedTrainingException.class)
                .hasMessageContaining("no number after it");
    }

    @Test
    void shouldTryAgainWhenTheBrokerDoesNotAnswer() throws Exception {
        producer.initTransactionException = new TimeoutException("no answer");
        MockProducer<byte[], byte[]> second = MockTopics.producer();
        producers.add(second);

        ModelVersion version = publisher.publish(draft(), List.of(), "trainer", "", () -> true);

        assertThat(version.getVersion()).isEqualTo(1);
        assertThat(second.commitCount()).isEqualTo(1);
        assertThat(producer.closed()).isTrue();
    }

    @Test
    void shouldNotPublishTwiceWhenOnlyTheAnswerToACommitWasLost() throws Exception {
        // given: the commit comes through, but its caller does not hear of it
        MockProducer<byte[], byte[]> second = MockTopics.producer();
        MockProducer<byte[], byte[]> deaf = new DeafProducer();
        producers.clear();
        producers.add(deaf);
        producers.add(second);

        // when
        ModelVersion version = publisher.publish(draft(), List.of(), "trainer", "", () -> true);

        // then
        assertThat(version.getVersion()).isEqualTo(1);
        assertThat(second.history()).isEmpty();
    }

    private final class DeafProducer extends MockProducer<byte[], byte[]> {
        Runnable after = () -> {};

        DeafProducer() {
            super(true, new RoundRobinPartitioner(), new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public void commitTransaction() {
            super.commitTransaction();
            kafka.add(0, "default/1", history().get(0).value());
            after.run();
            throw new TimeoutException("no answer");
        }
    }

    @Test
    void shouldRefuseWhenTheNewestVersionAnswersTheSameRequest() throws Exception {
        // given: it was published by a trainer that fell, and became visible after the fit had begun
        ModelVersion.Builder draft = draft();
        draft.setTraining(
                Training.newBuilder(draft.getTraining()).setRequestId("r").build());
        publisher.refuseAnswered("r");
        ModelVersion other = ModelVersions.seal(draft.setVersion(4).build());
        kafka.add(0, "default/4", topics.models().codec().encode(other));

        assertThatThrownBy(() -> publisher.publish(draft, List.of(), "trainer", "", () -> true))
                .isInstanceOf(RefusedTrainingException.class)
                .hasMessageContaining("version 4");
        assertThat(producer.history()).isEmpty();
    }

    @Test
    void shouldKnowItsOwnVersionWhenReadersDoNotSeeItYet() throws Exception {
        ModelVersion.Builder draft = draft();
        draft.setTraining(
                Training.newBuilder(draft.getTraining()).setRequestId("r").build());
        publisher.publish(draft, List.of(), "trainer", "", () -> true);

        assertThatThrownBy(() -> publisher.refuseAnswered("r")).isInstanceOf(RefusedTrainingException.class);
    }

    @Test
    void shouldPublishAgainBehindItWhenAnImportFencesItOff() throws Exception {
        // given
        ModelVersion.Builder imported = draft();
        producers.clear();
        producers.add(new FencedProducer(() -> publishElsewhere(imported, 1)));
        producers.add(producer);

        // when
        ModelVersion version = publisher.publish(fitted("f"), List.of(), "trainer", "", () -> true);

        // then
        assertThat(version.getVersion()).isEqualTo(2);
        assertThat(producer.commitCount()).isEqualTo(1);
        assertThat(producer.history())
                .extracting(record -> new String(record.key(), StandardCharsets.UTF_8))
                .containsExactly("default/2", "default");
    }

    @Test
    void shouldPublishAgainWhenATrainerThatTookOverFittedOtherExamples() throws Exception {
        ModelVersion.Builder other = fitted("g");
        producers.clear();
        producers.add(new FencedProducer(() -> publishElsewhere(other, 1)));
        producers.add(producer);

        assertThat(publisher
                        .publish(fitted("f"), List.of(), "trainer", "", () -> true)
                        .getVersion())
                .isEqualTo(2);
    }

    @Test
    void shouldPublishNothingBehindAnotherWhenItIsNotWantedAnyMore() throws Exception {
        ModelVersion.Builder other = fitted("g");
        producers.clear();
        producers.add(new FencedProducer(() -> publishElsewhere(other, 1)));
        producers.add(producer);

        assertThatThrownBy(() -> publisher.publish(fitted("f"), List.of(), "trainer", "", () -> false))
                .isInstanceOf(ProducerFencedException.class);
        assertThat(producer.history()).isEmpty();
    }

    @Test
    void shouldRefuseWhenATrainerThatTookOverPublishedTheSameFit() throws Exception {
        ModelVersion.Builder same = fitted("f");
        producers.clear();
        producers.add(new FencedProducer(() -> publishElsewhere(same, 1)));
        producers.add(producer);

        assertThatThrownBy(() -> publisher.publish(fitted("f"), List.of(), "trainer", "", () -> true))
                .isInstanceOf(RefusedTrainingException.class)
                .hasMessageContaining("another trainer")
                .hasMessageContaining("version 1");
        assertThat(producer.history()).isEmpty();
    }

    @Test
    void shouldNotPublishTwiceWhenItIsFencedOffAfterItsCommit() throws Exception {
        // given: the commit came through, its answer did not, and an import came at that moment
        ModelVersion.Builder imported = draft();
        producers.clear();
        DeafProducer deaf = new DeafProducer();
        deaf.after = () -> publishElsewhere(imported, 2);
        producers.add(deaf);
        producers.add(producer);

        assertThat(publisher
                        .publish(fitted("f"), List.of(), "trainer", "", () -> true)
                        .getVersion())
                .isEqualTo(1);
        assertThat(producer.history()).isEmpty();
    }

    @Test
    void shouldRefuseTheSameRequestWhenAnImportIsNewerThanItsAnswer() throws Exception {
        ModelVersion.Builder answer = draft();
        answer.setTraining(
                Training.newBuilder(answer.getTraining()).setRequestId("r").build());
        publishElsewhere(answer, 1);
        publishElsewhere(draft(), 2);

        assertThatThrownBy(() -> publisher.refuseAnswered("r"))
                .isInstanceOf(AnsweredAlreadyException.class)
                .hasMessageContaining("version 1");
    }

    @Test
    void shouldSayWhyAndDeployNothingWhenAVersionIsOnlyPublished() throws Exception {
        ModelVersion version = publisher.publishOnly(draft(), "imported");

        assertThat(ModelVersions.heldBack(version)).contains("imported");
        assertThat(producer.history()).hasSize(1);
        assertThat(producer.commitCount()).isEqualTo(1);
    }

    /** A fit of the examples that this stands for. */
    private static ModelVersion.Builder fitted(String fingerprint) throws InterruptedException {
        ModelVersion.Builder draft = draft();
        return draft.setTraining(Training.newBuilder(draft.getTraining())
                .setLineage(List.of(new TopicOffset("labeled-vectors", 0, 5L)))
                .setDatasetFingerprint(fingerprint)
                .build());
    }

    private void publishElsewhere(ModelVersion.Builder draft, int number) {
        ModelVersion version = ModelVersions.seal(draft.setVersion(number).build());
        kafka.add(0, "default/" + number, topics.models().codec().encode(version));
    }

    /** Another one takes over, and publishes, while this one has sent and not committed. */
    private static final class FencedProducer extends MockProducer<byte[], byte[]> {
        private final Runnable meanwhile;

        FencedProducer(Runnable meanwhile) {
            super(true, new RoundRobinPartitioner(), new ByteArraySerializer(), new ByteArraySerializer());
            this.meanwhile = meanwhile;
        }

        @Override
        public void commitTransaction() {
            meanwhile.run();
            throw new ProducerFencedException("fenced");
        }
    }

    @ParameterizedTest
    @CsvSource({"-1,true", "0,false", "1,false"})
    void shouldSendNothingWhenTheModelIsLargerThanTheLimit(int spare, boolean refused) throws Exception {
        int size =
                topics.models().codec().encode(publisher.publish(draft(), List.of(), "trainer", "", () -> true)).length;
        MockProducer<byte[], byte[]> second = MockTopics.producer();
        producers.add(second);
        ModelPublisher limited = publisher(new Topics("", "default", 1, size + ModelPublisher.RECORD_ROOM + spare), 0);

        if (refused) {
            assertThatThrownBy(() -> limited.publish(draft(), List.of(), "trainer", "", () -> true))
                    .isInstanceOf(RefusedTrainingException.class)
                    .hasMessageContaining(size + " bytes")
                    .hasMessageContaining("model.max.bytes");
        } else {
            limited.publish(draft(), List.of(), "trainer", "", () -> true);
        }

        assertThat(second.history()).hasSize(refused ? 0 : 2);
    }

    @Test
    void shouldRefuseAndLeaveNothingOpenWhenTheTopicHoldsLess() {
        producer.commitTransactionException = new KafkaException("in error", new RecordTooLargeException("too large"));

        assertThatThrownBy(() -> publisher.publish(draft(), List.of(), "trainer", "", () -> true))
                .isInstanceOf(RefusedTrainingException.class)
                .hasMessageContaining("max.message.bytes");
        assertThat(producer.transactionAborted()).isTrue();
    }

    @Test
    void shouldFailWhenTheBrokerForbidsIt() {
        producer.initTransactionException = new AuthorizationException("not allowed");

        assertThatThrownBy(() -> publisher.publish(draft(), List.of(), "trainer", "", () -> true))
                .isInstanceOf(AuthorizationException.class);
    }

    @Test
    void shouldPublishNothingWhenTheVersionWouldNotAnswer() {
        assertThatThrownBy(() -> publisher.publish(
                        draft().setLabels(List.of("one", "two")), List.of(), "trainer", "", () -> true))
                .isInstanceOf(InvalidModelException.class);

        assertThat(producer.history()).isEmpty();
    }

    @Test
    void shouldStopWaitingWhenInterrupted() {
        producer.initTransactionException = new TimeoutException("no answer");
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> publisher.publish(draft(), List.of(), "trainer", "", () -> true))
                .isInstanceOf(InterruptedException.class);
    }
}
