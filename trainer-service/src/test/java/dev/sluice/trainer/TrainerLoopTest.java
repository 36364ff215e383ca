package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.AlternativeEmbedding;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Training;
import dev.sluice.schemas.TrainingRequest;
import dev.sluice.schemas.Trust;
import dev.sluice.schemas.Vectors;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainerLoopTest {
    private final Topics topics = Topics.ofDefaults();
    private final MockTopics requests = new MockTopics(topics.trainingRequests().name(), 1);
    private final MockTopics vectors = new MockTopics(topics.labeledVectors().name(), 2)
            .beside(topics.reembeddedVectors().name());
    private final MockTopics models = new MockTopics(topics.models().name(), 1);
    private final MockProducer<byte[], byte[]> dead = MockTopics.producer();
    private final PublishedModels published =
            new PublishedModels(models.consumer, topics.models(), "default", Trust.OPEN);
    private final MockTopics deployments = new MockTopics(topics.deployments().name(), 1);
    private final DeploymentLog log =
            new DeploymentLog(deployments.consumer, topics.deployments(), "default", Trust.OPEN);
    private final RecordedProgress heard = new RecordedProgress();
    private final Examples examples = new Examples(false, Given.file());

    /** What happens while the next publication is fenced off, if one is to be. */
    private Runnable onFenced;

    /** Does the work at once, on the caller's thread. */
    private static final class AtOnce extends AbstractExecutorService {
        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public void shutdown() {
            // there is nothing to end
        }

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return true;
        }
    }

    private TrainerLoop loop(String... namesAndValues) {
        Map<String, String> settings = new HashMap<>(
                Map.of("bootstrap.servers", "b:1", "epochs", "1", "hidden.layers", "", "validation.data", "none"));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            settings.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        DeadLetterBox box = new DeadLetterBox(
                dead, DeadLetters.of("trainer", Topics.ofDefaults(), Clock.systemUTC()), new SimpleMeterRegistry());
        TrainingRequests asked = new TrainingRequests(requests.consumer, topics.trainingRequests(), box);
        asked.join();
        return new TrainerLoop(
                asked,
                new LabeledVectors(
                        vectors.consumer, topics.labeledVectors(), topics.reembeddedVectors(), box, examples),
                published,
                new ModelPublisher(
                        this::publishing,
                        published,
                        log,
                        new Gate(new TrainerConfig(settings).promotion(), published, log),
                        new Retention(0, published, log),
                        topics,
                        Trust.OPEN,
                        Duration.ZERO),
                new AtOnce(),
                new TrainerConfig(settings),
                heard,
                new TrainerMetrics(new SimpleMeterRegistry()),
                Clock.fixed(Given.TIME, ZoneOffset.UTC));
    }

    /** Committed models go on to the topic. */
    private MockProducer<byte[], byte[]> publishing() {
        return new MockProducer<>(
                true, new RoundRobinPartitioner(), new ByteArraySerializer(), new ByteArraySerializer()) {
            @Override
            public void commitTransaction() {
                Runnable meanwhile = onFenced;
                onFenced = null;
                if (meanwhile != null) {
                    meanwhile.run();
                    throw new ProducerFencedException("fenced");
                }
                super.commitTransaction();
                var model = history().get(0);
                models.add(0, new String(model.key(), StandardCharsets.UTF_8), model.value());
            }
        };
    }

    private void putVectors(String name, int count, String... labels) {
        putVectors(name, count, Split.TRAIN, labels);
    }

    private void putVectors(String name, int count, Split split, String... labels) {
        for (int i = 0; i < count; i++) {
            String id = name + i;
            vectors.add(
                    i % 2,
                    id,
                    topics.labeledVectors()
                            .codec()
                            .encode(Given.embedded(id, labels[i % labels.length], split, i % 3, 1)
                                    .build()));
        }
    }

    private void ask(String id, Map<String, String> overrides) {
        requests.add(
                0,
                "default",
                topics.trainingRequests()
                        .codec()
                        .encode(TrainingRequest.newBuilder()
                                .setId(id)
                                .setOverrides(overrides)
                                .build()));
    }

    private static void turn(TrainerLoop loop, int times) throws InterruptedException {
        for (int i = 0; i < times; i++) {
            loop.turn();
        }
    }

    private ModelVersion newest() {
        published.follow();
        return published.predictorOf(published.numbers().last()).orElseThrow().version();
    }

    private List<String> news() {
        return heard.lines.stream()
                .filter(line -> line.startsWith("published") || line.startsWith("refused"))
                .toList();
    }

    @Test
    void shouldDoNothingWhenAnotherOwnsTheRequests() throws Exception {
        TrainerLoop loop = loop();

        turn(loop, 3);

        assertThat(vectors.consumer.assignment()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"19,0", "20,1", "21,1"})
    void shouldFitByItselfWhenThereAreEnoughExamples(int count, int versions) throws Exception {
        TrainerLoop loop = loop();
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectors("v", count, "a", "b");

        turn(loop, 5);

        assertThat(news()).hasSize(versions).allMatch("published 1"::equals);
    }

    @Test
    void shouldFitAnExampleThatIsWithdrawnMeanwhileAndEraseItThen() throws Exception {
        TrainerLoop loop = loop();
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectors("v", 20, "a", "b");
        List<Example> withdrawn = new ArrayList<>();
        List<float[]> read = new ArrayList<>();
        heard.onBatch = () -> {
            if (withdrawn.isEmpty()) {
                withdrawn.add(examples.snapshot().orElseThrow().learnable().get(2));
                examples.remove(withdrawn.get(0).id());
                read.add(withdrawn.get(0).vector());
            }
        };

        turn(loop, 5);

        assertThat(read).singleElement().satisfies(vector -> assertThat(vector).contains(1));
        assertThat(withdrawn.get(0).vector()).containsOnly(0);
    }

    @Test
    void shouldTellTheCalibrationErrorWithAndWithoutTheTemperatureWhenThereIsOne() throws Exception {
        TrainerLoop loop = loop("validation.data", "holdout", "calibration.min.examples", "20", "learning.rate", "3");
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectors("held-out", 20, Split.VALIDATION, "a", "b", "b");
        putVectors("test", 10, Split.TEST, "b", "a", "a");
        putVectors("v", 20, "a", "b");

        turn(loop, 5);

        ModelVersion version = newest();
        assertThat(version.getCalibration()).isPresent();
        assertThat(version.getEvaluations()).hasSize(2).allSatisfy(evaluation -> {
            assertThat(evaluation.getMeanConfidence()).isPresent();
            assertThat(evaluation.getUncalibratedError()).isPresent().isNotEqualTo(evaluation.getCalibrationError());
        });
    }

    @Test
    void shouldFitAgainWhenEnoughAreNewSinceThen() throws Exception {
        TrainerLoop loop = loop("training.retrain.after.examples", "4");
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectors("v", 20, "a", "b");
        turn(loop, 3);
        putVectors("w", 3, "a", "b");
        turn(loop, 3);
        assertThat(news()).containsExactly("published 1");

        putVectors("v", 1, "a"); // once more the same is not new
        turn(loop, 3);
        assertThat(news()).containsExactly("published 1");

        putVectors("v", 1, "b"); // a correction is
        turn(loop, 3);

        assertThat(news()).containsExactly("published 1", "published 2");
    }

    @Test
    void shouldSayOnceThatItWaitsWhenThereIsOneLabelOnly() throws Exception {
        TrainerLoop loop = loop();
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectors("v", 20, "a");
        turn(loop, 2);
        putVectors("w", 20, "a");
        turn(loop, 2);
        assertThat(news()).singleElement().asString().contains("2 labels").contains("a (20)");

        putVectors("x", 2, "b");
        turn(loop, 3);

        assertThat(news()).hasSize(2).last().isEqualTo("published 1");
    }

    @Test
    void shouldSayAgainThatItWaitsWhenTheReasonIsAnother() throws Exception {
        TrainerLoop loop = loop();
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectors("v", 20, "a", "b");
        putVectors("slip", 1, "aa");
        turn(loop, 2);
        putVectors("w", 2, "b");
        turn(loop, 2);
        assertThat(news()).singleElement().asString().contains("aa (1)");

        putVectors("other", 1, "bb");
        turn(loop, 2);
        assertThat(news()).hasSize(2).last().asString().contains("aa (1), bb (1)");
    }

    @Test
    void shouldNotFitAgainWhenNumbersComeToAClassifierOfLabels() throws Exception {
        TrainerLoop loop = loop();
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectors("v", 20, "a", "b");
        turn(loop, 3);
        for (int i = 0; i < 30; i++) {
            vectors.add(
                    0,
                    "n" + i,
                    topics.labeledVectors()
                            .codec()
                            .encode(Given.embeddedNumber("n" + i, i, Split.TRAIN, 1, 2)
                                    .build()));
        }
        turn(loop, 3);

        assertThat(news()).containsExactly("published 1");
    }

    /** As if so many trainers had begun with the request at this offset and then fallen. */
    private void noteFallen(int trainers, long offset) {
        requests.consumer.commitSync(Map.of(requests.partition(0), new OffsetAndMetadata(offset, "begun " + trainers)));
    }

    private OffsetAndMetadata noted() {
        return requests.consumer.committed(Set.of(requests.partition(0))).get(requests.partition(0));
    }

    @ParameterizedTest
    @CsvSource({"2,0,published 1", "3,0,refused", "4,0,refused", "3,1,published 1"})
    void shouldRefuseARequestWhenThreeTrainersHaveFallenAtIt(int trainers, long offset, String news) throws Exception {
        TrainerLoop loop = loop("training.trigger", "request");
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectors("v", 30, "a", "b");
        ask("r", Map.of());
        noteFallen(trainers, offset);

        turn(loop, 4);

        assertThat(news()).singleElement().asString().startsWith(news);
        assertThat(noted()).isEqualTo(new OffsetAndMetadata(1));
        if (news.equals("refused")) {
            assertThat(MockTopics.reasonsOf(dead))
                    .singleElement()
                    .asString()
                    .contains("have fallen")
                    .contains("-Xmx");
        }
    }

    @Test
    void shouldNoteThatItIsAtARequestWhileItFits() throws Exception {
        TrainerLoop loop = loop("training.trigger", "request");
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectors("v", 30, "a", "b");
        ask("r", Map.of());
        noteFallen(1, 0);
        Set<OffsetAndMetadata> meanwhile = new HashSet<>();
        heard.onBatch = () -> meanwhile.add(noted());

        turn(loop, 4);

        assertThat(meanwhile).containsExactly(new OffsetAndMetadata(0, "begun 2"));
    }

    @Test
    void shouldTakeItsNoteBackWhenItLeavesARequestToAnother() {
        TrainingRequests asked = new TrainingRequests(
                requests.consumer,
                topics.trainingRequests(),
                new DeadLetterBox(
                        dead,
                        DeadLetters.of("trainer", Topics.ofDefaults(), Clock.systemUTC()),
                        new SimpleMeterRegistry()));
        asked.join();
        requests.rebalanceTo(0);
        ask("r", Map.of());
        TrainingRequests.Numbered request = asked.poll(Duration.ZERO).orElseThrow();
        noteFallen(1, 0);

        assertThat(asked.begin(request)).isEqualTo(1);
        assertThat(asked.begin(request)).isEqualTo(1); // once more by the same trainer
        assertThat(noted().metadata()).isEqualTo("begun 2");
        asked.putBack();

        assertThat(noted()).isEqualTo(new OffsetAndMetadata(0, "begun 1"));
    }

    @Test
    void shouldAnswerWithAllThatWasThereWhenARequestComes() throws Exception {
        TrainerLoop loop = loop("training.trigger", "request");
        requests.rebalanceTo(0);
        turn(loop, 1);
        vectors.consumer.setMaxPollRecords(4);
        putVectors("v", 30, "a", "b");
        ask("r", Map.of("epochs", "3"));
        List<Long> committedMeanwhile = new ArrayList<>();
        heard.onBatch = () -> committedMeanwhile.add(requests.committed(0));

        turn(loop, 10);

        assertThat(news()).containsExactly("published 1");
        assertThat(committedMeanwhile).isNotEmpty().containsOnly(0L);
        assertThat(heard.lines).contains("started 30 0 3", "epoch 3/3");
        assertThat(requests.committed(0)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"epoch,3,cannot override epoch", "epochs,many,epochs", "hidden.layers,100000,narrower"})
    void shouldRefuseAndGoOnWhenARequestCannotBeDone(String name, String value, String reason) throws Exception {
        TrainerLoop loop = loop("training.trigger", "request");
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectors("v", 30, "a", "b");
        if (name.equals("hidden.layers")) {
            ask("r", Map.of(name, value + "," + value));
        } else {
            ask("r", Map.of(name, value));
        }
        turn(loop, 4);
        ask("s", Map.of());
        turn(loop, 4);

        assertThat(news()).hasSize(2).first().asString().contains(reason);
        assertThat(news().get(1)).isEqualTo("published 1");
        assertThat(requests.committed(0)).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"-1,training.min.examples", "0,training.min.examples", "1,the value has 1048577 bytes"})
    void shouldNotReadARequestWhenItIsLargerThanAnyCanBe(int more, String reason) throws Exception {
        TrainerLoop loop = loop("training.trigger", "request");
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectors("v", 1, "a", "b");
        requests.add(0, null, MockTopics.bytes("{}" + " ".repeat(Topics.MAX_POST_BYTES - 2 + more)));

        turn(loop, 4);

        assertThat(MockTopics.reasonsOf(dead)).singleElement().asString().contains(reason);
        assertThat(requests.committed(0)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"0,no examples", "1,training.min.examples", "19,training.min.examples"})
    void shouldRefuseARequestWhenThereAreTooFewExamples(int count, String reason) throws Exception {
        TrainerLoop loop = loop("training.trigger", "request");
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectors("v", count, "a", "b");
        ask("r", Map.of());

        turn(loop, 4);

        assertThat(news()).singleElement().asString().contains(reason);
        assertThat(MockTopics.reasonsOf(dead)).singleElement().asString().contains(reason);
        assertThat(requests.committed(0)).isEqualTo(1);
    }

    private void putVectorsInBothSpaces(int count) {
        for (int i = 0; i < count; i++) {
            String id = "both" + i;
            vectors.add(
                    i % 2,
                    id,
                    topics.labeledVectors()
                            .codec()
                            .encode(Given.embedded(id, i % 2 == 0 ? "a" : "b", Split.TRAIN, i % 3, 1)
                                    .setAlternatives(List.of(new AlternativeEmbedding(
                                            Vectors.toBytes(new float[] {i % 2}), Given.space("next", 1))))
                                    .build()));
        }
    }

    @Test
    void shouldLearnInTheSpaceThatIsAskedForWhenTheTextsHaveVectorsThere() throws Exception {
        TrainerLoop loop = loop("training.trigger", "request");
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectorsInBothSpaces(30);
        ask("r", Map.of("embedding.space", "next", "epochs", "1"));
        turn(loop, 4);
        ask("s", Map.of("embedding.space", "none of these"));
        turn(loop, 4);

        assertThat(news()).hasSize(2).first().isEqualTo("published 1");
        assertThat(newest().getSpace()).isEqualTo(Given.space("next", 1));
        assertThat(news().get(1)).contains("no labelled text").contains("none of these");
    }

    @Test
    void shouldCountWhatIsNewInASpaceWhenAnotherWasLearnedSince() throws Exception {
        // given: three of the four that are needed, and then a fit of another space
        TrainerLoop loop = loop("training.retrain.after.examples", "4");
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectorsInBothSpaces(20);
        turn(loop, 3);
        putVectors("v", 3, "a", "b");
        turn(loop, 3);
        ask("r", Map.of("embedding.space", "next"));
        turn(loop, 4);
        assertThat(news()).containsExactly("published 1", "published 2");

        // when
        putVectors("w", 1, "a");
        turn(loop, 4);

        // then
        assertThat(news()).containsExactly("published 1", "published 2", "published 3");
        assertThat(newest().getSpace()).isEqualTo(Given.space("m", 2));
    }

    @Test
    void shouldNotWantAFitAnyMoreWhenItStoodByMeanwhile() throws Exception {
        TrainerLoop loop = loop();
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectors("v", 20, "a", "b");
        onFenced = loop::beginAnew;

        turn(loop, 2);

        assertThat(models.consumer.endOffsets(Set.of(models.partition(0)))).containsValue(0L);
    }

    @Test
    void shouldStayInTheSpaceThatIsLiveWhenItFitsByItself() throws Exception {
        published.follow();
        log.follow();
        ModelVersion live = ModelVersions.seal(TrainedVersions.draft()
                .setVersion(6)
                .setSpace(Given.space("next", 2))
                .build());
        models.add(0, "default/6", topics.models().codec().encode(live));
        deployments.add(0, "default", MockTopics.bytes("{\"version\":6}"));
        TrainerLoop loop = loop("training.retrain.after.examples", "3");
        requests.rebalanceTo(0);
        turn(loop, 1);
        for (int i = 0; i < 30; i++) {
            vectors.add(
                    0,
                    "both" + i,
                    topics.labeledVectors()
                            .codec()
                            .encode(Given.embedded("both" + i, i % 2 == 0 ? "a" : "b", Split.TRAIN, i % 3, 1, 4)
                                    .setAlternatives(List.of(new AlternativeEmbedding(
                                            Vectors.toBytes(new float[] {i % 2, 1}), Given.space("next", 2))))
                                    .build()));
        }

        turn(loop, 6);

        assertThat(newest().getVersion()).isEqualTo(7);
        assertThat(newest().getSpace()).isEqualTo(Given.space("next", 2));
    }

    @Test
    void shouldBuryNothingWhenARequestComesAgainAfterItWasAnswered() throws Exception {
        TrainerLoop loop = loop("training.trigger", "request");
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectors("v", 30, "a", "b");
        ask("r", Map.of());
        turn(loop, 4);

        ask("r", Map.of());
        turn(loop, 4);

        assertThat(news()).hasSize(2).last().asString().contains("answered already");
        assertThat(dead.history()).isEmpty();
        assertThat(requests.committed(0)).isEqualTo(2);
    }

    @Test
    void shouldBuryARequestWhenItIsGarbage() throws Exception {
        TrainerLoop loop = loop("training.trigger", "request");
        requests.rebalanceTo(0);
        turn(loop, 1);
        requests.add(0, null, MockTopics.bytes("{\"overrides\": 1}"));

        turn(loop, 2);

        assertThat(dead.history()).hasSize(1);
        assertThat(requests.committed(0)).isEqualTo(1);
    }

    @Test
    void shouldForgetItsExamplesWhenAnotherTakesOver() throws Exception {
        TrainerLoop loop = loop("training.trigger", "request");
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectors("v", 30, "a", "b");
        turn(loop, 1);

        requests.rebalanceTo();
        turn(loop, 1);

        assertThat(vectors.consumer.assignment()).isEmpty();
    }

    @Test
    void shouldAnswerStillWhenKafkaDidNotAnswerInBetween() throws Exception {
        // given: the request was taken, then the ends of the vectors could not be had
        TrainerLoop loop = loop("training.trigger", "request");
        requests.rebalanceTo(0);
        turn(loop, 1);
        ask("r", Map.of());
        vectors.consumer.setOffsetsException(new TimeoutException("no answer"));
        assertThatThrownBy(() -> turn(loop, 1)).isInstanceOf(TimeoutException.class);

        // when: all begins anew
        loop.beginAnew();
        requests.rebalanceTo(0);
        requests.add(0, 0, "default", MockTopics.bytes("{\"id\": \"r\"}"));
        turn(loop, 1);
        putVectors("v", 30, "a", "b");
        turn(loop, 4);

        // then
        assertThat(news()).isNotEmpty();
        assertThat(requests.committed(0)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"11,1", "10,0", "9,0", "8,1"})
    void shouldGoOnFromTheLastVersionWhenItTakesOver(long readOfEach, int versions) throws Exception {
        // given: a version that had read so much of each of the two partitions; 11 of 10 is an older topic's; and one
        // that was
        // imported since, which had read nothing
        published.follow();
        ModelVersion.Builder draft = TrainedVersions.draft().setVersion(6);
        draft.setTraining(Training.newBuilder(draft.getTraining())
                .setLineage(Given.lineage(Map.of(0, readOfEach, 1, readOfEach)).topicOffsets())
                .build());
        models.add(0, "default/6", topics.models().codec().encode(ModelVersions.seal(draft.build())));
        ModelVersion.Builder imported = TrainedVersions.draft().setVersion(7);
        models.add(0, "default/7", topics.models().codec().encode(ModelVersions.seal(imported.build())));
        vectors.endAt(10);
        TrainerLoop loop = loop("training.retrain.after.examples", "3");

        // when
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectorsFromTheBeginning(20);
        turn(loop, 4);

        // then
        assertThat(news()).hasSize(versions).allMatch("published 8"::equals);
    }

    @Test
    void shouldReadAllThatIsThereBeforeItFitsWhenItTakesOver() throws Exception {
        vectors.endAt(20);
        vectors.consumer.setMaxPollRecords(12);
        TrainerLoop loop = loop();
        requests.rebalanceTo(0);
        turn(loop, 1);
        putVectorsFromTheBeginning(40);

        turn(loop, 6);

        assertThat(heard.lines).contains("started 40 0 1");
        assertThat(news()).containsExactly("published 1");
    }

    private void putVectorsFromTheBeginning(int count) {
        vectors.endAt(0);
        putVectors("v", count, "a", "b");
    }
}
