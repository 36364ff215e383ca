package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.schemas.AlternativeEmbedding;
import dev.sluice.schemas.CachedEmbedding;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.Label;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.SelfTest;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Training;
import dev.sluice.schemas.Vectors;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Forgetting a post on a real broker: what lies about it everywhere, and what is on its way to the service that learns. */
class ForgetIT {
    private static final EmbeddingSpace NEXT =
            EmbeddingSpace.newBuilder(TestModels.SPACE).setModel("next").build();
    private static final ByteBuffer VECTOR = Vectors.toBytes(new float[] {3, 4});
    private static final ByteBuffer NEXT_VECTOR = Vectors.toBytes(new float[] {5, 6});

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
    void shouldLeaveNothingOfThePostOnTopicsThatKeepForEverWhereverItLiesAndSayWhatStays() {
        // given: records of foreign clients on every partition, also under a key that is not the id
        for (int partition = 0; partition < LocalBroker.PARTITIONS; partition++) {
            put(topics.labels(), partition, "p-1", label("p-1"));
            put(topics.labels(), partition, "p-2", label("p-2"));
            put(topics.labeledVectors(), partition, "p-1", post("p-1", 7));
            put(topics.labeledVectors(), partition, "p-2", post("p-2", 8));
        }
        put(topics.labels(), 1, "x", label("p-1"));
        put(topics.reembeddedVectors(), 2, "p-1", post("p-1", 7));
        cache(TestModels.SPACE, "text of p-1");
        cache(NEXT, "text of p-1");
        cache(NEXT, "text of p-2");
        put(topics.embeddedPosts(), 3, "p-1", post("p-1", 7));
        for (int i = 0; i <= 7; i++) { // the last is what p-1 was made of: its id is a hash
            put(
                    topics.posts(),
                    0,
                    null,
                    Post.newBuilder().setText("no id of its own").build());
        }
        put(
                topics.posts(),
                1,
                "p-1",
                Post.newBuilder().setText("not embedded yet").build());
        broker.produce(topics.predictions(), "p-1", prediction("p-1"));
        broker.produce(topics.predictions(), "p-2", prediction("p-2"));
        publish(1, TestModels.TIME.minusSeconds(1), VECTOR);
        publish(2, TestModels.TIME.plusSeconds(1), NEXT_VECTOR);
        publish(3, TestModels.TIME.plusSeconds(2), Vectors.toBytes(new float[2]));

        // when
        CommandRun run = forget("p-1");

        // then
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(kept(topics.labels()).entrySet())
                .filteredOn(each -> each.getKey().endsWith("p-1"))
                .isEmpty();
        assertThat(kept(topics.labels()).get("1/x"))
                .satisfies(value -> assertThat(topics.labels().codec().decode(value))
                        .isEqualTo(Label.newBuilder().setPostId("p-1").build()));
        assertThat(kept(topics.labels())).hasSize(1 + LocalBroker.PARTITIONS);
        assertThat(kept(topics.labeledVectors()).keySet())
                .hasSize(LocalBroker.PARTITIONS)
                .allMatch(key -> key.endsWith("p-2"));
        assertThat(kept(topics.reembeddedVectors())).isEmpty();
        assertThat(kept(topics.embeddingCache()).keySet())
                .singleElement()
                .asString()
                .endsWith(EmbeddingSpaces.cacheKey(EmbeddingSpaces.idOf(NEXT), "text of p-2"));
        assertThat(broker.readToEnd(topics.labels().name()))
                .filteredOn(record -> record.value() == null)
                .hasSize(LocalBroker.PARTITIONS)
                .allMatch(record -> record.headers().lastHeader("sluice.forget") != null);

        JsonNode json = run.objects().get(0);
        assertThat(json.get("withdrawn").get(topics.labels().name()).asInt()).isEqualTo(5);
        assertThat(json.get("withdrawn").get(topics.embeddingCache().name()).asInt())
                .isEqualTo(2);
        assertThat(ints(json.get("fittedSince"))).containsExactly(2, 3);
        assertThat(ints(json.get("withItsVector"))).containsExactly(1, 2);
        assertThat(json.get("waiting").asInt()).isEqualTo(1);
        assertThat(StreamSupport.stream(json.get("stays").spliterator(), false))
                .extracting(each -> each.get("topic").asText().substring(prefix.length()) + " "
                        + each.get("records").asInt())
                .containsExactlyInAnyOrder("embedded-posts 1", "posts 2", "predictions 1");
        Instant until = Instant.parse(json.get("stays").get(0).get("until").asText());
        assertThat(until)
                .isBetween(Instant.now().plus(Duration.ofDays(6)), Instant.now().plus(Duration.ofDays(7)));
    }

    @Test
    void shouldTellWhoeverLearnsWhenNothingIsFound() {
        CommandRun run = CommandRun.of(
                "forget", "nobody", "--yes", "--bootstrap-server", broker.bootstrapServers(), "--prefix", prefix);

        assertThat(run.out()).contains("withdrawn  nothing was found; whoever learns is told all the same");
        assertThat(broker.readToEnd(topics.labels().name())).hasSize(1);
    }

    @Test
    void shouldMakeNoExampleOfWhatIsStillOnItsWayWhenThePostWasForgotten() {
        try (ClassifierService live = classifier()) {
            // given: two posts that came with their label, and are examples
            send("p-1", 0);
            send("p-2", 1);
            awaitExamples(2);

            // when: once more the post, its label and a prediction of it, as if they had been on their way
            assertThat(forget("p-1").exitCode()).isZero();
            await(topics.labeledVectors(), record -> key(record).equals("p-1") && record.value() == null, 2);
            broker.produce(topics.labels(), "p-1", label("p-1"));
            send("p-1", 2);
            send("p-3", 3);
            awaitExamples(3);

            // then
            assertThat(kept(topics.labeledVectors()).keySet()).hasSize(2).noneMatch(key -> key.endsWith("/p-1"));

            // and: who labels it anew wants it back
            broker.produce(
                    topics.labels(),
                    "p-1",
                    Label.newBuilder(label("p-1"))
                            .setCreatedAt(Clock.systemUTC().instant())
                            .build());
            send("p-1", 4);
            await(topics.labeledVectors(), record -> key(record).equals("p-1") && record.value() != null, 2);
            assertThat(live.ended()).isNotDone();
        }
    }

    private void awaitExamples(int count) {
        await(topics.labeledVectors(), record -> record.value() != null, count);
    }

    private void await(Topic<?> topic, java.util.function.Predicate<ConsumerRecord<byte[], byte[]>> wanted, int count) {
        broker.readAll(topic.name(), records -> records.stream().filter(wanted).count() >= count);
    }

    private CommandRun forget(String id) {
        return CommandRun.of(
                "forget", id, "--yes", "--json", "--bootstrap-server", broker.bootstrapServers(), "--prefix", prefix);
    }

    private ClassifierService classifier() {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.put("state.dir", folder.toString());
        return ClassifierService.start(new ClassifierConfig(settings), Clock.systemUTC(), new SimpleMeterRegistry());
    }

    /** What compaction would leave, by partition and key. */
    private Map<String, byte[]> kept(Topic<?> topic) {
        Map<String, byte[]> kept = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record : broker.readToEnd(topic.name())) {
            String place = record.partition() + "/" + key(record);
            kept.compute(place, (same, older) -> record.value());
        }
        return kept;
    }

    private static String key(ConsumerRecord<byte[], byte[]> record) {
        return new String(record.key(), UTF_8);
    }

    private <V extends SpecificRecord> void put(Topic<V> topic, int partition, String key, V value) {
        broker.produce(List.of(new ProducerRecord<>(
                topic.name(),
                partition,
                key == null ? null : key.getBytes(UTF_8),
                topic.codec().encode(value))));
    }

    private void send(String id, int offset) {
        broker.produce(topics.embeddedPosts(), id, post(id, offset));
    }

    private EmbeddedPost post(String id, long offset) {
        return EmbeddedPost.newBuilder()
                .setPost(Post.newBuilder().setId(id).setLabel("a").build())
                .setSource(new Source(topics.posts().name(), 0, offset))
                .setText("text of " + id)
                .setEmbedding(VECTOR.duplicate())
                .setSpace(TestModels.SPACE)
                .setEmbeddedAt(TestModels.TIME)
                .setAlternatives(List.of(new AlternativeEmbedding(NEXT_VECTOR.duplicate(), NEXT)))
                .build();
    }

    private static Label label(String id) {
        return Label.newBuilder().setPostId(id).setLabel("a").build();
    }

    private Prediction prediction(String id) {
        return Prediction.newBuilder()
                .setPostId(id)
                .setSource(new Source(topics.posts().name(), 0, 0L))
                .setStatus(PredictionStatus.NO_MODEL)
                .setEmbeddedAt(TestModels.TIME)
                .setClassifiedAt(TestModels.TIME)
                .build();
    }

    private void cache(EmbeddingSpace space, String text) {
        String id = EmbeddingSpaces.idOf(space);
        broker.produce(
                topics.embeddingCache(),
                EmbeddingSpaces.cacheKey(id, text),
                CachedEmbedding.newBuilder()
                        .setSpace(id)
                        .setEmbedding(VECTOR.duplicate())
                        .setCreatedAt(TestModels.TIME)
                        .build());
    }

    private void publish(int number, Instant startedAt, ByteBuffer selfTest) {
        ModelVersion version = TestModels.version(number);
        broker.produce(
                topics.models(),
                "default/" + number,
                ModelVersion.newBuilder(version)
                        .setTraining(Training.newBuilder(version.getTraining())
                                .setStartedAt(startedAt)
                                .build())
                        .setSelfTest(List.of(SelfTest.newBuilder()
                                .setInput(selfTest)
                                .setOutput(Vectors.toBytes(new float[2]))
                                .build()))
                        .build());
    }

    private static List<Integer> ints(JsonNode array) {
        List<Integer> numbers = new ArrayList<>();
        array.forEach(each -> numbers.add(each.asInt()));
        return numbers;
    }
}
