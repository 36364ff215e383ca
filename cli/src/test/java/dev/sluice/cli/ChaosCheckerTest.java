package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Vectors;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A check that cannot fail is no proof: topics by hand, each with one thing wrong. */
class ChaosCheckerTest {
    private static final int POSTS = 20;
    private static final int POISON_OFFSET = POSTS;
    private static final Topics TOPICS = new Topics("t-", "default", 4);
    private static final String ON_POSTS = TOPICS.posts().name();
    private static final String ON_EMBEDDED = TOPICS.embeddedPosts().name();
    private static final String ON_PREDICTIONS = TOPICS.predictions().name();
    private static final String ON_SHADOW = TOPICS.shadowPredictions().name();
    private static final String ON_LABELS = TOPICS.labels().name();
    private static final String ON_MODELS = TOPICS.models().name();
    private static final String ON_DEPLOYMENTS = TOPICS.deployments().name();
    private static final int SERVED_FROM = 5;
    private static final int CLASSIFIERS = 2;
    private static final String POST_LETTERS = Topics.deadLetterOf(ON_POSTS);

    /** One topic after the other, as they would be read: 20 posts, and a poisonous one with its dead letter. */
    private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>(soundRecords());

    private static List<ConsumerRecord<byte[], byte[]>> soundRecords() {
        List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
        for (int i = 0; i < POSTS; i++) {
            all.add(record(ON_POSTS, i, ChaosRecords.post(i)));
        }
        all.add(bad(ON_POSTS, POISON_OFFSET));
        for (int i = 0; i < POSTS; i++) {
            all.add(record(ON_EMBEDDED, i, encoded(embedded(i))));
        }
        for (int i = 0; i < POSTS; i++) {
            all.add(record(ON_PREDICTIONS, i, encoded(ChaosRecords.prediction(embedded(i)))));
        }
        for (int i = SERVED_FROM; i < POSTS; i++) {
            all.add(record(ON_SHADOW, i, encoded(shadow(i))));
        }
        for (String topic : List.of(ON_LABELS, ON_MODELS, ON_DEPLOYMENTS)) {
            all.add(bad(topic, 0));
            all.add(record(topic, 1, "sound".getBytes(UTF_8)));
            all.add(letter(topic, 0));
        }
        all.add(letter(ON_POSTS, POISON_OFFSET));
        return all;
    }

    private static EmbeddedPost embedded(int number) {
        return ChaosRecords.embedded(number, ChaosRecords.source(TOPICS, 0, number));
    }

    private static Prediction shadow(int number) {
        return Prediction.newBuilder(ChaosRecords.prediction(embedded(number)))
                .setArm(Arm.SHADOW)
                .build();
    }

    private static ConsumerRecord<byte[], byte[]> bad(String topic, long offset) {
        return record(topic, offset, "poison".getBytes(UTF_8), ChaosPoison.badHeaders());
    }

    private static byte[] encoded(EmbeddedPost post) {
        return TOPICS.embeddedPosts().codec().encode(post);
    }

    private static byte[] encoded(Prediction prediction) {
        return TOPICS.predictions().codec().encode(prediction);
    }

    private static ConsumerRecord<byte[], byte[]> record(String topic, long offset, byte[] value) {
        return record(topic, offset, value, new RecordHeaders());
    }

    private static ConsumerRecord<byte[], byte[]> record(String topic, long offset, byte[] value, Headers headers) {
        return new ConsumerRecord<>(
                topic, 0, offset, 0, TimestampType.CREATE_TIME, 0, 0, null, value, headers, Optional.empty());
    }

    private static ConsumerRecord<byte[], byte[]> letter(String source, long offset) {
        byte[] poison = "poison".getBytes(UTF_8);
        Headers headers = DeadLetters.of("embedder", TOPICS, Clock.systemUTC())
                .of(record(source, offset, poison), new IllegalStateException("no post"))
                .headers();
        return record(Topics.deadLetterOf(source), offset, poison, headers);
    }

    private ChaosReport check() {
        return check(POSTS);
    }

    private ChaosReport check(int sent) {
        ChaosChecker checker = checker(sent);
        boolean complete = checker.isComplete();
        ChaosReport report = checker.report();
        assertThat(complete).isEqualTo(report.lost() == 0);
        return report;
    }

    private ChaosChecker checker(int sent) {
        ChaosChecker checker = new ChaosChecker(TOPICS, sent, SERVED_FROM, CLASSIFIERS);
        ChaosChecker.topics(TOPICS).forEach(topic -> records.stream()
                .filter(record -> record.topic().equals(topic))
                .forEach(checker::add));
        return checker;
    }

    private int indexOf(String topic, long offset) {
        for (int i = 0; i < records.size(); i++) {
            if (records.get(i).topic().equals(topic) && records.get(i).offset() == offset) {
                return i;
            }
        }
        throw new AssertionError("no such record");
    }

    private void remove(String topic, long offset) {
        records.remove(indexOf(topic, offset));
    }

    private void replace(String topic, long offset, byte[] value) {
        records.set(indexOf(topic, offset), record(topic, offset, value));
    }

    private void changePrediction(int number, UnaryOperator<Prediction.Builder> change) {
        replace(
                ON_PREDICTIONS,
                number,
                encoded(change.apply(Prediction.newBuilder(ChaosRecords.prediction(embedded(number))))
                        .build()));
    }

    @Test
    void shouldFindNothingWhenAllIsWell() {
        ChaosReport report = check();

        assertThat(report.isClean()).as("%s", report).isTrue();
        assertThat(report)
                .isEqualTo(
                        new ChaosReport(POSTS + 1, 1, POSTS, POSTS, 1, 0, POSTS - SERVED_FROM, 3, 0, 0, 0, List.of()));
        assertThat(report.table()).contains("posts in", "duplicates", "lost");
    }

    @Test
    void shouldFindALossWhenAPostWasNeverEmbedded() {
        remove(ON_EMBEDDED, 7);
        remove(ON_PREDICTIONS, 7);
        remove(ON_SHADOW, 7);
        assertLossesAndDuplicates(1, 0);
    }

    @Test
    void shouldFindALossWhenAnEmbeddedPostWasNeverAnswered() {
        remove(ON_PREDICTIONS, 7);
        remove(ON_SHADOW, 7);
        assertLossesAndDuplicates(1, 0);
    }

    @Test
    void shouldFindALossWhenPoisonHasNoDeadLetter() {
        remove(POST_LETTERS, POISON_OFFSET);
        assertLossesAndDuplicates(1, 0);
    }

    @Test
    void shouldFindADuplicateWhenAPostWasEmbeddedTwiceAndEachAnswered() {
        records.add(record(ON_EMBEDDED, POSTS, encoded(embedded(7))));
        records.add(record(ON_PREDICTIONS, POSTS, encoded(ChaosRecords.prediction(embedded(7)))));
        records.add(record(ON_SHADOW, POSTS, encoded(shadow(7))));
        assertLossesAndDuplicates(0, 1);
    }

    @Test
    void shouldFindADuplicateAndALossWhenAPostWasEmbeddedTwiceAndAnsweredOnce() {
        records.add(record(ON_EMBEDDED, POSTS, encoded(embedded(7))));
        assertLossesAndDuplicates(1, 1);
    }

    @Test
    void shouldFindADuplicateWhenAnEmbeddedPostWasAnsweredTwice() {
        records.add(record(ON_PREDICTIONS, POSTS, encoded(ChaosRecords.prediction(embedded(7)))));
        records.add(record(ON_SHADOW, POSTS, encoded(shadow(7))));
        assertLossesAndDuplicates(0, 1);
    }

    @Test
    void shouldFindADuplicateWhenAPostIsEmbeddedAndADeadLetter() {
        records.add(letter(ON_POSTS, 7));
        assertLossesAndDuplicates(0, 1);
    }

    @Test
    void shouldFindADuplicateWhenALetterIsThereTwice() {
        records.add(letter(ON_POSTS, POISON_OFFSET));
        assertLossesAndDuplicates(0, 1);
    }

    @Test
    void shouldFindOneOutcomeWhenAnEmbeddedPostIsADeadLetterInPlaceOfAPrediction() {
        remove(ON_PREDICTIONS, 7);
        remove(ON_SHADOW, 7);
        records.add(letter(ON_EMBEDDED, 7));
        assertLossesAndDuplicates(0, 0);
        assertThat(check().refusedPosts()).isEqualTo(1);
    }

    @Test
    void shouldAskForALetterWhenPoisonLiesOnEmbeddedPosts() {
        records.add(bad(ON_EMBEDDED, POSTS));
        assertLossesAndDuplicates(1, 0);
        records.add(letter(ON_EMBEDDED, POSTS));
        assertLossesAndDuplicates(0, 0);
    }

    @Test
    void shouldFindALossWhenAShadowMissedAPostThatWasSentWhileItLookedOn() {
        remove(ON_SHADOW, SERVED_FROM);
        assertLossesAndDuplicates(1, 0);
    }

    @Test
    void shouldFindADuplicateWhenAShadowAnsweredTwice() {
        records.add(record(ON_SHADOW, POSTS, encoded(shadow(7))));
        assertLossesAndDuplicates(0, 1);
    }

    @Test
    void shouldTakeAShadowsAnswerOrNoneWhenThePostWasSentBeforeItLookedOn() {
        records.add(record(ON_SHADOW, 0, encoded(shadow(0))));
        assertLossesAndDuplicates(0, 0);
        records.add(record(ON_SHADOW, POSTS, encoded(shadow(0))));
        assertLossesAndDuplicates(0, 1);
    }

    @Test
    void shouldFindALossOrADuplicateWhenABadLabelHasNoLetterOrTwo() {
        records.add(letter(ON_LABELS, 0));
        assertLossesAndDuplicates(0, 1);
        records.removeIf(record -> record.topic().equals(Topics.deadLetterOf(ON_LABELS)));
        assertLossesAndDuplicates(1, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"models", "deployments"})
    void shouldFindADuplicateWhenABadRecordHasMoreLettersThanThereAreClassifiers(String topic) {
        String name = TOPICS.prefix() + topic;
        records.removeIf(record -> record.topic().equals(Topics.deadLetterOf(name)));
        assertLossesAndDuplicates(0, 0); // who is away when it comes says nothing of it
        records.add(letter(name, 0));
        assertLossesAndDuplicates(0, 0);
        records.add(letter(name, 0));
        assertLossesAndDuplicates(0, 0);
        records.add(letter(name, 0));
        assertLossesAndDuplicates(0, 1);
    }

    @Test
    void shouldCountBadModelsAndDeploymentsWhenEveryClassifierHasRefusedThem() {
        assertThat(checker(POSTS).refusedByAll()).isZero();
        records.add(letter(ON_MODELS, 0));
        assertThat(checker(POSTS).refusedByAll()).isEqualTo(1);
        records.add(letter(ON_DEPLOYMENTS, 0));
        assertThat(checker(POSTS).refusedByAll()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"labels", "models", "deployments"})
    void shouldFindTheLetterWhenItIsOfARecordThatIsNotBad(String topic) {
        records.add(letter(TOPICS.prefix() + topic, 1));
        assertThat(check().wrongCount()).isEqualTo(1);
    }

    @Test
    void shouldFindThePoisonWhenItWasEmbedded() {
        remove(POST_LETTERS, POISON_OFFSET);
        EmbeddedPost poison = ChaosRecords.embedded(POSTS, ChaosRecords.source(TOPICS, 0, POISON_OFFSET));
        records.add(record(ON_EMBEDDED, POSTS, encoded(poison)));
        records.add(record(ON_PREDICTIONS, POSTS, encoded(ChaosRecords.prediction(poison))));
        assertThat(check().examples()).singleElement().asString().contains("is poison, and was embedded");
    }

    @Test
    void shouldFindThePostWhenNobodySentIt() {
        records.add(record(ON_POSTS, POSTS + 1, "whose".getBytes(UTF_8)));
        records.add(letter(ON_POSTS, POSTS + 1));
        assertWrong(check(), "the post at 0@21 is none that the test sent");
    }

    @Test
    void shouldFindWhatWasEmbeddedWhenNobodyCanReadItAndTheTestDidNotWriteIt() {
        records.add(record(ON_EMBEDDED, POSTS, "torn".getBytes(UTF_8)));
        records.add(letter(ON_EMBEDDED, POSTS));
        assertWrong(check(), "what was embedded at 0@20 cannot be read");
    }

    @Test
    void shouldFindThePredictionWhenAModelHadServedBeforeAndIsForgotten() {
        changePrediction(
                SERVED_FROM - 1, it -> it.setStatus(PredictionStatus.NO_MODEL).setLabel(null));
        assertThat(check().isClean()).isTrue();
        changePrediction(
                SERVED_FROM, it -> it.setStatus(PredictionStatus.NO_MODEL).setLabel(null));
        assertWrong(check(), "prediction of post 5: its status is NO_MODEL");
    }

    @Test
    void shouldFindThePredictionWhenAVersionMadeItThatIsNotSound() {
        changePrediction(7, it -> it.setModelVersion(999_999));
        assertWrong(check(), "prediction of post 7: it was made by version 999999, which is not sound");
    }

    @Test
    void shouldFindThePredictionWhenItIsOfAnotherArm() {
        changePrediction(7, it -> it.setArm(Arm.SHADOW));
        assertWrong(check(), "prediction of post 7: its arm is 'SHADOW', not 'LIVE'");
    }

    @Test
    void shouldFindTheStatusWhenAVersionServesThatIsNotSound() {
        records.add(record(
                TOPICS.deploymentStatus().name(),
                0,
                TOPICS.deploymentStatus()
                        .codec()
                        .encode(DeploymentStatus.newBuilder()
                                .setClassifier("default")
                                .setInstance("classifier-0")
                                .setState(DeploymentState.SERVING)
                                .setVersion(999_999)
                                .setServingVersion(999_999)
                                .setAt(Instant.EPOCH)
                                .build())));
        assertWrong(check(), "classifier-0 serves version 999999, which is not sound");
    }

    private void assertLossesAndDuplicates(int lost, int duplicates) {
        ChaosReport report = check();
        assertThat(report.lost()).as("lost: %s", report).isEqualTo(lost);
        assertThat(report.duplicates()).as("duplicates: %s", report).isEqualTo(duplicates);
        assertThat(report.wrongCount()).as("wrong: %s", report).isZero();
        assertThat(report.isClean()).isEqualTo(lost + duplicates == 0);
    }

    @Test
    void shouldFindThePostWhenItIsOnPostsTwiceOrNeverOrWasNeverSent() {
        assertWrong(check(POSTS - 1), "post 19 is there, of 19 that were sent");
        assertWrong(check(POSTS + 1), "post 20 was acknowledged, and is on posts 0 times");
        replace(ON_POSTS, 3, ChaosRecords.post(4));
        assertThat(check().examples())
                .contains(
                        "post 3 was acknowledged, and is on posts 0 times",
                        "post 4 was acknowledged, and is on posts 2 times");
    }

    @Test
    void shouldFindTheVectorWhenItIsThatOfAnotherText() {
        replace(
                ON_EMBEDDED,
                7,
                encoded(EmbeddedPost.newBuilder(embedded(7))
                        .setEmbedding(embedded(8).getEmbedding())
                        .build()));
        assertWrong(check(), "embedded post of post 7: its vector is another text's");
    }

    @Test
    void shouldFindTheVectorWhenItHasAnotherLength() {
        replace(
                ON_EMBEDDED,
                7,
                encoded(EmbeddedPost.newBuilder(embedded(7))
                        .setEmbedding(Vectors.toBytes(new float[2]))
                        .build()));
        assertWrong(check(), "embedded post of post 7: its vector is another text's");
    }

    @Test
    void shouldFindTheRecordsWhenTwoHaveChangedTheirSources() {
        replace(ON_EMBEDDED, 7, encoded(ChaosRecords.embedded(7, ChaosRecords.source(TOPICS, 0, 9))));
        replace(ON_EMBEDDED, 9, encoded(ChaosRecords.embedded(9, ChaosRecords.source(TOPICS, 0, 7))));
        ChaosReport report = check();
        assertThat(report.lost() + report.duplicates()).isZero();
        assertThat(report.wrongCount()).isEqualTo(6); // id, text and vector of both
    }

    @Test
    void shouldFindThePredictionWhenItIsOfAnotherPost() {
        changePrediction(7, it -> it.setPostId("post-8"));
        assertWrong(check(), "prediction of post 7: its id is 'post-8', not 'post-7'");
    }

    @Test
    void shouldFindThePredictionWhenItsStatusSaysThatItHasNoLabel() {
        changePrediction(3, it -> it.setStatus(PredictionStatus.NO_MODEL));
        assertWrong(check(), "prediction of post 3: its status is NO_MODEL and its label Optional[a]");
    }

    @Test
    void shouldFindTheRecordWhenItComesFromNowhere() {
        records.add(record(ON_EMBEDDED, POSTS, encoded(ChaosRecords.embedded(7, ChaosRecords.source(TOPICS, 1, 7)))));
        changePrediction(7, it -> it.setSource(new Source("elsewhere", 0, 7L)));
        records.add(letter(ON_EMBEDDED, 77));
        ChaosReport report = check();
        assertThat(report.wrongCount()).isEqualTo(3);
        assertThat(report.examples())
                .filteredOn(it -> it.contains("where nothing"))
                .hasSize(3);
    }

    @Test
    void shouldFindTheLetterWhenItHasNoReason() {
        ConsumerRecord<byte[], byte[]> letter = letter(ON_POSTS, POISON_OFFSET);
        letter.headers().remove(DeadLetters.MESSAGE);
        records.set(indexOf(POST_LETTERS, POISON_OFFSET), letter);
        assertThat(check().examples()).singleElement().asString().contains("has no reason");
    }

    private static void assertWrong(ChaosReport report, String what) {
        assertThat(report.wrongCount()).isEqualTo(1);
        assertThat(report.examples()).contains(what);
        assertThat(report.isClean()).isFalse();
    }
}
