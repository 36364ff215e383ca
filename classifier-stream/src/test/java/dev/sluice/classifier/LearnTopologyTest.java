package dev.sluice.classifier;

import static dev.sluice.classifier.Samples.TIME;
import static dev.sluice.classifier.Samples.TOPICS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.LabelProbability;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.Score;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearnTopologyTest {
    private static final Duration RETENTION = Duration.ofMinutes(10);
    private static final RecordCodec<Score> SCORE = RecordCodec.of(Score.class);

    @TempDir
    Path folder;

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final StoreMemory memory = new StoreMemory();
    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> posts;
    private TestInputTopic<byte[], byte[]> predictions;
    private TestInputTopic<byte[], byte[]> shadows;
    private TestInputTopic<byte[], byte[]> labels;
    private TestOutputTopic<byte[], byte[]> vectors;
    private TestOutputTopic<byte[], byte[]> reembedded;
    private TestOutputTopic<byte[], byte[]> scores;
    private TestOutputTopic<byte[], byte[]> letters;

    @BeforeEach
    void start() {
        Properties settings = new Properties();
        settings.putAll(StreamsSettings.learn(
                new ClassifierConfig(Map.of("bootstrap.servers", "nowhere:9092")), folder, memory));
        driver = new TopologyTestDriver(topology(), settings, TIME);
        posts = input(TOPICS.embeddedPosts().name());
        predictions = input(TOPICS.predictions().name());
        shadows = input(TOPICS.shadowPredictions().name());
        labels = input(TOPICS.labels().name());
        vectors = output(TOPICS.labeledVectors().name());
        reembedded = output(TOPICS.reembeddedVectors().name());
        scores = output("sluice-learn-scores-repartition");
        letters = output(Topics.deadLetterOf(TOPICS.labels().name()));
    }

    private Topology topology() {
        return LearnTopology.of(
                TOPICS,
                3,
                RETENTION,
                Samples.letters("learn"),
                new LearnMetrics(registry),
                EvaluationSettings.plan(new ClassifierConfig(Map.of("bootstrap.servers", "nowhere:9092"))),
                new EvaluationMetrics(registry));
    }

    private TestInputTopic<byte[], byte[]> input(String name) {
        return driver.createInputTopic(name, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private TestOutputTopic<byte[], byte[]> output(String name) {
        return driver.createOutputTopic(name, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @AfterEach
    void stop() {
        driver.close();
        memory.close();
    }

    private static EmbeddedPost.Builder post(Post.Builder post) {
        return Samples.post("p", 1, 0).setPost(post.build());
    }

    private static Post.Builder named(String id) {
        return Post.newBuilder().setId(id);
    }

    private void send(EmbeddedPost.Builder post) {
        posts.pipeInput("k".getBytes(UTF_8), TOPICS.embeddedPosts().codec().encode(post.build()));
    }

    private static Prediction.Builder prediction(String id) {
        return Prediction.newBuilder()
                .setPostId(id)
                .setSource(new Source("posts", 1, 7L))
                .setStatus(PredictionStatus.CLASSIFIED)
                .setLabel("space")
                .setConfidence(0.75f)
                .setProbabilities(List.of(new LabelProbability("space", 0.75f), new LabelProbability("med", 0.25f)))
                .setModelVersion(3)
                .setTextStart("How long")
                .setAttributes(Map.of("a", "b"))
                .setEmbeddedAt(TIME)
                .setClassifiedAt(TIME);
    }

    private void predict(Prediction.Builder prediction) {
        predictions.pipeInput("k".getBytes(UTF_8), TOPICS.predictions().codec().encode(prediction.build()));
    }

    private void noModel(String id) {
        predict(prediction(id)
                .setStatus(PredictionStatus.NO_MODEL)
                .setModelVersion(null)
                .setProbabilities(List.of()));
    }

    private void label(String json) {
        labels.pipeInput("p".getBytes(UTF_8), json.getBytes(UTF_8));
    }

    private EmbeddedPost example() {
        return TOPICS.labeledVectors().codec().decode(vectors.readValue());
    }

    private List<Score> scores() {
        return scores.readValuesToList().stream().map(SCORE::decode).toList();
    }

    private double count(String name, String... tags) {
        return registry.get(name).tags(tags).counter().count();
    }

    @Test
    void shouldKeepItsShapeWhenTheCodeChanges() throws Exception {
        assertThat(topology().describe().toString())
                .isEqualToNormalizingNewlines(new String(
                        getClass().getResourceAsStream("topology-learn.txt").readAllBytes(), UTF_8));
    }

    @Test
    void shouldKeepNoStoreBesideTopicsThatOthersMayAddPartitionsTo() {
        String fed = topology().describe().subtopologies().stream()
                .filter(part -> part.toString()
                        .contains("(topics: [" + TOPICS.predictions().name() + "])"))
                .findFirst()
                .orElseThrow()
                .toString();

        assertThat(fed).contains(TOPICS.labels().name(), "(stores: [])").doesNotContainPattern("stores: \\[[^\\]]");
    }

    @Test
    void shouldPassOnPostsThatBringTheirLabelWhenTheyWerePredicted() {
        // given
        EmbeddedPost.Builder train = post(named("a").setLabel("med"));
        EmbeddedPost.Builder test = post(named("b").setLabel("med").setSplit(Split.TEST));

        // when
        send(train);
        send(post(named("c")));
        send(test);
        assertThat(vectors.isEmpty()).isTrue();
        List.of("a", "b", "c").forEach(this::noModel);

        // then
        List<TestRecord<byte[], byte[]>> records = vectors.readRecordsToList();
        assertThat(records)
                .extracting(record -> new String(record.key(), UTF_8))
                .containsExactly("a", "b");
        assertThat(records)
                .extracting(record -> TOPICS.labeledVectors().codec().decode(record.value()))
                .containsExactly(train.build(), test.build());
    }

    @Test
    void shouldGiveTheExampleAnIdWhenItHasNone() {
        send(post(Post.newBuilder().setLabel("med")));
        noModel("k");

        TestRecord<byte[], byte[]> record = vectors.readRecord();
        assertThat(record.key()).isEqualTo("k".getBytes(UTF_8));
        assertThat(TOPICS.labeledVectors()
                        .codec()
                        .decode(record.value())
                        .getPost()
                        .getId())
                .contains("k");
    }

    @Test
    void shouldMakeAnExampleAndAScoreWhenTheLabelComesLater() {
        // when
        send(post(named("p").setText("t").setAttributes(Map.of("a", "b"))));
        predict(prediction("p").setClassifiedAt(TIME.minusSeconds(1)));
        label("{\"label\":\"med\"}");

        // then
        assertThat(example())
                .isEqualTo(post(named("p").setText("t").setLabel("med").setAttributes(Map.of("a", "b")))
                        .build());
        KeyValue<byte[], byte[]> score = scores.readKeyValue();
        assertThat(new String(score.key, UTF_8)).isEqualTo("default");
        assertThat(SCORE.decode(score.value)).satisfies(each -> {
            assertThat(each.getPostId()).isEqualTo("p");
            assertThat(each.getVersion()).isEqualTo(3);
            assertThat(each.getArm()).isEqualTo(Arm.LIVE);
            assertThat(each.getTruth()).isEqualTo("med");
            assertThat(each.getAnswer()).isEqualTo("space");
            assertThat(each.getConfidence()).isEqualTo(0.75f);
            assertThat(each.getAbstained()).isFalse();
            assertThat(each.getSign()).isEqualTo(1);
            assertThat(each.getScoredAt()).isEqualTo(TIME);
            assertThat(each.getAnsweredAt()).isEqualTo(TIME.minusSeconds(1));
        });
        assertThat(count("sluice.learn.labels", "outcome", "joined")).isEqualTo(1);
        assertThat(count("sluice.learn.examples")).isEqualTo(1);
        assertThat(count("sluice.learn.scores")).isEqualTo(1);
    }

    private void regress(String id, double value) {
        predict(prediction(id)
                .setLabel(null)
                .setConfidence(null)
                .setProbabilities(List.of())
                .setValue(value));
    }

    @Test
    void shouldMakeAnExampleAndAScoreWhenATargetComesLater() {
        // when
        send(post(named("p").setText("t")));
        regress("p", 3.5);
        label("{\"target\":4}");

        // then
        assertThat(example())
                .isEqualTo(post(named("p").setText("t").setTarget(4.0)).build());
        assertThat(scores()).singleElement().satisfies(each -> {
            assertThat(each.getVersion()).isEqualTo(3);
            assertThat(each.getTarget()).contains(4.0);
            assertThat(each.getValue()).contains(3.5);
            assertThat(each.getTruth()).isEmpty();
            assertThat(each.getAnswer()).isEmpty();
        });

        // and when it is corrected, repeated and withdrawn
        label("{\"target\":-1.5}");
        label("{\"target\":-1.5}");
        labels.pipeInput("p".getBytes(UTF_8), (byte[]) null);
        assertThat(example().getPost().getTarget()).contains(-1.5);
        assertThat(vectors.readValue()).isNull();
        assertThat(vectors.isEmpty()).isTrue();
        assertThat(scores())
                .extracting(score -> score.getSign() + " " + score.getTarget().orElseThrow())
                .containsExactly("-1 4.0", "1 -1.5", "-1 -1.5");
        assertThat(count("sluice.learn.labels", "outcome", "corrected")).isEqualTo(1);
        assertThat(count("sluice.learn.labels", "outcome", "repeated")).isEqualTo(1);
    }

    @Test
    void shouldPassOnAPostThatBringsItsTargetAndScoreItByThat() {
        EmbeddedPost.Builder post = post(named("p").setLabel("med").setTarget(0.5));
        send(post);
        predict(prediction("p")
                .setLabel(null)
                .setProbabilities(List.of())
                .setValue(0.25)
                .setPostLabel("med")
                .setPostTarget(0.5));

        assertThat(example()).isEqualTo(post.build());
        assertThat(scores()).singleElement().satisfies(score -> assertThat(score.getTarget())
                .contains(0.5));

        // and what is said later is the whole truth, not a part of it
        label("{\"target\":1}");
        assertThat(example().getPost()).isEqualTo(named("p").setTarget(1.0).build());
        label("{\"label\":\"space\",\"target\":2}");
        assertThat(example().getPost())
                .isEqualTo(named("p").setLabel("space").setTarget(2.0).build());
    }

    @Test
    void shouldScoreTheLabelThatWasSaidThoughAThresholdMadeItTheLessLikelyOne() {
        send(post(named("p")));
        predict(prediction("p").setLabel("med").setConfidence(0.25f));
        label("{\"label\":\"med\"}");

        assertThat(scores()).singleElement().satisfies(score -> {
            assertThat(score.getAnswer()).isEqualTo("med");
            assertThat(score.getConfidence()).isEqualTo(0.25f);
        });
    }

    @Test
    void shouldFindThePostByTheLabelsOwnWordWhenItsKeyIsAnother() {
        send(post(named("p")));
        noModel("p");

        labels.pipeInput((byte[]) null, "{\"postId\":\"p\",\"label\":\"med\"}".getBytes(UTF_8));

        assertThat(example().getPost().getLabel()).contains("med");
    }

    @Test
    void shouldWithdrawTheExampleWhenALabelWithoutAWordOrNoRecordComes() {
        send(post(named("p")));
        predict(prediction("p"));
        label("{\"label\":\"med\"}");
        label("{\"by\":\"ann\"}");
        label("{\"label\":\"med\"}");
        labels.pipeInput("p".getBytes(UTF_8), (byte[]) null);

        assertThat(vectors.readValuesToList())
                .extracting(value -> value == null)
                .containsExactly(false, true, false, true);
        assertThat(reembedded.readRecordsToList()).hasSize(2).allSatisfy(record -> {
            assertThat(record.key()).isEqualTo("p".getBytes(UTF_8));
            assertThat(record.value()).isNull();
        });
        assertThat(scores()).extracting(Score::getSign).containsExactly(1, -1, 1, -1);
        assertThat(count("sluice.learn.labels", "outcome", "withdrawn")).isEqualTo(2);
    }

    @Test
    void shouldForgetThePostWhenTheRecordSaysSo() {
        send(post(named("p")));
        predict(prediction("p"));
        label("{\"label\":\"med\"}");
        assertThat(entries(LearnTopology.POSTS)).isEqualTo(1);

        labels.pipeInput(new TestRecord<>(
                "p".getBytes(UTF_8), null, new RecordHeaders().add(Topics.FORGET_HEADER, new byte[0]), TIME));
        send(post(named("p").setLabel("med")));
        label("{\"label\":\"med\",\"createdAt\":" + TIME.toEpochMilli() + "}");
        noModel("p");

        assertThat(entries(LearnTopology.POSTS)).isZero();
        assertThat(entries(LearnTopology.KNOWLEDGE)).isEqualTo(1);
        assertThat(vectors.readValuesToList()).hasSize(2).last().isNull();
        assertThat(count("sluice.learn.labels", "outcome", "forgotten")).isEqualTo(1);

        // and when: who says so afterwards wants the post back
        label("{\"label\":\"med\",\"createdAt\":" + TIME.plusMillis(1).toEpochMilli() + "}");
        send(post(named("p")));
        noModel("p");
        assertThat(example().getPost().getLabel()).contains("med");
    }

    private long entries(String store) {
        WindowStore<String, byte[]> windows = driver.getWindowStore(store);
        long count = 0;
        try (KeyValueIterator<?, ?> all = windows.all()) {
            for (; all.hasNext(); all.next()) {
                count++;
            }
        }
        return count;
    }

    @Test
    void shouldScoreWhatIsLessThanSureAndLookingOnAndNothingElse() {
        label("{\"label\":\"med\"}");
        predict(prediction("p").setReplay("r"));
        predict(prediction("p").setArm(Arm.UNKNOWN));
        assertThat(entries(LearnTopology.KNOWLEDGE)).isEqualTo(1);
        predict(prediction("p")
                .setStatus(PredictionStatus.ABSTAINED)
                .setLabel(null)
                .setConfidence(null));
        shadows.pipeInput(
                "k".getBytes(UTF_8),
                TOPICS.predictions()
                        .codec()
                        .encode(prediction("p")
                                .setArm(Arm.SHADOW)
                                .setModelVersion(4)
                                .build()));

        assertThat(scores())
                .extracting(score -> score.getVersion() + " " + score.getArm() + " " + score.getAnswer() + " "
                        + score.getAbstained())
                .containsExactly("3 LIVE space true", "4 SHADOW space false");
    }

    @Test
    void shouldWaitUntilTheRetentionIsOver() {
        send(post(named("below")));
        send(post(named("at")));
        List.of("below", "at").forEach(this::noModel);

        driver.advanceWallClockTime(RETENTION.minusMillis(1));
        label("{\"postId\":\"below\",\"label\":\"med\"}");
        assertThat(vectors.readKeyValuesToList()).hasSize(1);
        driver.advanceWallClockTime(Duration.ofMillis(1));
        label("{\"postId\":\"at\",\"label\":\"med\"}");
        assertThat(vectors.isEmpty()).isTrue();

        // and a label keeps its post for corrections as long once more
        driver.advanceWallClockTime(RETENTION.minusMillis(2));
        label("{\"postId\":\"below\",\"label\":\"space\"}");
        assertThat(example().getPost().getLabel()).contains("space");
        assertThat(entries(LearnTopology.POSTS)).isEqualTo(1);
    }

    @Test
    void shouldGoOnAsIfThereWereNoPostWhenOnlyWhatIsKnownOfItIsLeft() {
        // given
        send(post(named("p")));
        noModel("p");
        driver.<String, byte[]>getWindowStore(LearnTopology.POSTS).put("p", null, TIME.toEpochMilli());

        // when
        label("{\"label\":\"med\"}"); // at the same time
        driver.advanceWallClockTime(Duration.ofMillis(1));
        label("{\"label\":\"space\"}");
        assertThat(vectors.isEmpty()).isTrue();
        send(post(named("p")));

        // then
        assertThat(example().getPost().getLabel()).contains("space");
    }

    @Test
    void shouldMoveAnEntryWhosePostIsGoneWhenTheSameLabelIsRepeated() {
        label("{\"label\":\"med\"}");
        send(post(named("p")));
        noModel("p");
        assertThat(example().getPost().getLabel()).contains("med");
        driver.<String, byte[]>getWindowStore(LearnTopology.POSTS).put("p", null, TIME.toEpochMilli());

        driver.advanceWallClockTime(Duration.ofMillis(1));
        label("{\"label\":\"med\"}");

        assertThat(vectors.isEmpty()).isTrue();
        assertThat(entries(LearnTopology.KNOWLEDGE)).isEqualTo(1);
        assertThat(entries(LearnTopology.POSTS)).isZero();
    }

    @Test
    void shouldKeepTheTimeOfThePostWhenItIsAnswered() {
        send(post(named("p")));
        driver.advanceWallClockTime(RETENTION.minusMillis(1));
        noModel("p");
        driver.advanceWallClockTime(Duration.ofMillis(1));
        label("{\"label\":\"med\"}");

        assertThat(vectors.isEmpty()).isTrue();
        assertThat(count("sluice.learn.labels", "outcome", "waiting")).isEqualTo(1);
    }

    @Test
    void shouldMakeDeadLettersOfTheOriginalWhenLabelsCannotBeRead() {
        assertDeadLetter(new byte[] {1, 2}, "neither JSON");
        assertDeadLetter("{\"label\":[7]}".getBytes(UTF_8), "Label");
        assertDeadLetter("{\"target\":\"x\"}".getBytes(UTF_8), "target must be a number");
        assertDeadLetter("{\"target\":1e999}".getBytes(UTF_8), "the target is Infinity");
        assertDeadLetter("{\"target\":-1e300}".getBytes(UTF_8), "a size of 1.0E30 at most");
        assertDeadLetter("{\"label\":\" \"}".getBytes(UTF_8), "the label is empty");
        assertDeadLetter(json("x".repeat(Facts.MOST_LABEL_CHARACTERS + 1)), "it may have 1000");
        labels.pipeInput(new byte[] {9}, json("x".repeat(Facts.MOST_LABEL_CHARACTERS)));
        labels.pipeInput(new byte[] {9}, json("x".repeat(Facts.MOST_LABEL_CHARACTERS - 1)));
        assertThat(letters.isEmpty()).isTrue();
        labels.pipeInput(null, json("med"));
        assertThat(reason(letters.readRecord())).contains("says no post");
        labels.pipeInput((byte[]) null, (byte[]) null);
        assertThat(reason(letters.readRecord())).contains("says no post");
        assertThat(count("sluice.learn.dead.letters")).isEqualTo(9);
    }

    private static byte[] json(String label) {
        return ("{\"label\":\"" + label + "\"}").getBytes(UTF_8);
    }

    private void assertDeadLetter(byte[] value, String reason) {
        labels.pipeInput(
                new TestRecord<>(new byte[] {9}, value, new RecordHeaders().add("trace", new byte[] {1}), TIME));
        TestRecord<byte[], byte[]> letter = letters.readRecord();
        assertThat(letter.key()).containsExactly(9);
        assertThat(letter.value()).isEqualTo(value);
        assertThat(letter.headers().lastHeader("trace").value()).containsExactly(1);
        assertThat(reason(letter)).contains(reason);
    }

    private static String reason(TestRecord<byte[], byte[]> letter) {
        return new String(letter.headers().lastHeader(DeadLetters.MESSAGE).value(), UTF_8);
    }

    @Test
    void shouldGoOnWhenPostsAndPredictionsCannotBeReadOrHaveNoKey() {
        // when
        for (TestInputTopic<byte[], byte[]> topic : List.of(posts, predictions, shadows)) {
            topic.pipeInput("k".getBytes(UTF_8), new byte[] {1, 2});
            topic.pipeInput((byte[]) null, (byte[]) null);
        }
        posts.pipeInput(
                null,
                TOPICS.embeddedPosts()
                        .codec()
                        .encode(post(Post.newBuilder().setLabel("med")).build()));
        send(Samples.post("p", 1, 0, 0).setPost(named("a").setLabel("med").build()));
        send(post(named("good").setLabel("med")));
        List.of("k", "a", "good").forEach(this::noModel);

        // then
        assertThat(vectors.readKeyValuesToList())
                .extracting(record -> new String(record.key, UTF_8))
                .containsExactly("good");
    }

    @Test
    void shouldPassOverAPostWhenItAndALabelWouldNotFitTheTopic() {
        // given: what a post takes besides its text, by measuring one
        int room = 256 + "p".length() + 16 + "sluice.fact".length() + "post".length() + 3016;
        int empty = TOPICS.embeddedPosts().codec().encode(largePost(0)).length;
        int most = Topics.MAX_NESTED_POST_BYTES - room - empty - 3; // 3: the text's longer length

        assertThat(remembered(largePost(most - 1))).isTrue();
        assertThat(remembered(largePost(most))).isTrue();
        assertThat(remembered(largePost(most + 1))).isFalse();
    }

    private static EmbeddedPost largePost(int characters) {
        return post(named("p").setText("x".repeat(characters))).build();
    }

    private boolean remembered(EmbeddedPost post) {
        labels.pipeInput(new TestRecord<>(
                "p".getBytes(UTF_8), null, new RecordHeaders().add(Topics.FORGET_HEADER, new byte[0]), TIME));
        label("{\"label\":\"" + "\u20ac".repeat(1000) + "\",\"createdAt\":"
                + TIME.plusMillis(1).toEpochMilli() + "}");
        posts.pipeInput("p".getBytes(UTF_8), TOPICS.embeddedPosts().codec().encode(post));
        noModel("p");
        vectors.readKeyValuesToList().stream()
                .filter(record -> record.value != null)
                .forEach(record -> assertThat(record.value.length).isLessThan(Topics.MAX_NESTED_POST_BYTES - 256));
        return entries(LearnTopology.POSTS) == 1;
    }
}
