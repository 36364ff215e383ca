package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.embedder.EmbedderConfig;
import dev.sluice.embedder.EmbedderService;
import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Vectors;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class EmbedderIT {
    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    private final String prefix = TestBroker.newPrefix();
    private Topics topics;

    @BeforeEach
    void createTopics() throws InterruptedException {
        topics = broker.createTopics(prefix);
    }

    private EmbedderService startLocal() {
        return start(Map.of());
    }

    /** The fast way: vectors from a stand-in for Gemini. */
    private EmbedderService startOn(GeminiServer stub) {
        return startOn(stub, Map.of());
    }

    private EmbedderService startOn(GeminiServer stub, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(stub.embedderSettings());
        settings.putAll(Map.of("batch.max.texts", "10", "retry.backoff.ms", "5", "retry.backoff.max.ms", "20"));
        settings.putAll(more);
        return start(settings);
    }

    private EmbedderService start(Map<String, String> settings) {
        Map<String, String> all = broker.serviceSettings(prefix);
        all.putAll(settings);
        return EmbedderService.start(new EmbedderConfig(all), Clock.systemUTC(), new SimpleMeterRegistry());
    }

    private void producePosts(int from, int to) {
        broker.produce(IntStream.range(from, to)
                .mapToObj(i -> new ProducerRecord<>(
                        topics.posts().name(),
                        i % LocalBroker.PARTITIONS,
                        ("p" + i).getBytes(UTF_8),
                        ("{\"text\":\"post number " + i + "\"}").getBytes(UTF_8)))
                .toList());
    }

    /** Where the records that came out were read from, sorted; a place that stands there twice was processed twice. */
    private List<String> placesOf(List<EmbeddedPost> embedded) {
        return embedded.stream()
                .map(EmbeddedPost::getSource)
                .map(source -> source.getPartition() + "@" + source.getOffset())
                .sorted()
                .toList();
    }

    private static List<String> placesOfPosts(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> i % LocalBroker.PARTITIONS + "@" + i / LocalBroker.PARTITIONS)
                .sorted()
                .toList();
    }

    private static List<EmbeddedPost> decoded(Topics topics, List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream()
                .map(record -> topics.embeddedPosts().codec().decode(record.value()))
                .toList();
    }

    /** Waits for as many, and then reads what is there, which must not be more. */
    private List<EmbeddedPost> embeddedPosts(int count) {
        broker.readAtLeast(topics.embeddedPosts(), count);
        return decoded(topics, broker.readToEnd(topics.embeddedPosts().name()));
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }

    /** A record as large as its topic takes, with a key of one byte: a batch of one adds 73 bytes to the value. */
    @Test
    void shouldEmbedAPostUpToItsTopicsLimitWhenTheBrokerRefusesALargerOne() throws Exception {
        String posts = topics.posts().name();
        int largest = Topics.MAX_POST_BYTES - 73;
        try (GeminiServer stub = GeminiServer.start();
                EmbedderService service = startOn(stub)) {
            broker.produce(posts, "a".getBytes(UTF_8), postOf(largest - 1));
            broker.produce(posts, "b".getBytes(UTF_8), postOf(largest));
            assertThatThrownBy(() -> broker.produce(posts, "c".getBytes(UTF_8), postOf(largest + 1)))
                    .hasStackTraceContaining("RecordTooLargeException");
            broker.produce(posts, "d".getBytes(UTF_8), "{\"text\":\"behind\"}".getBytes(UTF_8));

            assertThat(embeddedPosts(3))
                    .extracting(it -> it.getPost().getId().orElseThrow())
                    .containsExactlyInAnyOrder("a", "b", "d");
            assertThat(service.ended()).isNotDone();
        }
    }

    /** A post in JSON of just so many bytes. */
    private static byte[] postOf(int bytes) {
        String frame = "{\"text\":\"\"}";
        return ("{\"text\":\"" + "x".repeat(bytes - frame.length()) + "\"}").getBytes(UTF_8);
    }

    @Tag("smoke")
    @Test
    void shouldEmbedWhatIsAPostAndPutAsideWhatIsNoneWhenBothCome() {
        String posts = topics.posts().name();
        Post avro = Post.newBuilder()
                .setId("avro")
                .setText("How long is a day in orbit?")
                .setLabel("sci.space")
                .build();
        Post mail = Post.newBuilder()
                .setId("mail")
                .setContentType("message/rfc822")
                .setRaw(ByteBuffer.wrap("Subject: Orbit\nFrom: a@b.org\n\nAsk c@d.org.".getBytes(UTF_8)))
                .build();
        String nearLimit = "{\"text\":\"" + "x ".repeat((Topics.MAX_POST_BYTES - 1000) / 2) + "\"}";
        List<byte[]> bad = List.of(
                "random bytes".getBytes(UTF_8),
                "{\"text\":[1,2]}".getBytes(UTF_8),
                "{\"text\":\"unfinished".getBytes(UTF_8),
                new byte[0],
                new byte[] {(byte) 0xC3, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9}, // an unknown schema
                new byte[] {0, 0, 0, 0, 7, 1}, // Confluent's framing
                "{\"label\":\"x\"}".getBytes(UTF_8),
                "{\"text\":\" ann@example.org \"}".getBytes(UTF_8));
        try (EmbedderService service = startLocal()) {
            broker.produce(posts, null, topics.posts().codec().encode(avro));
            bad.forEach(value -> broker.produce(posts, "bad".getBytes(UTF_8), value));
            broker.produce(posts, "bad".getBytes(UTF_8), null);
            broker.produce(posts, "key".getBytes(UTF_8), "{\"text\":\"by key\"}".getBytes(UTF_8));
            broker.produce(posts, null, "{\"text\":\"nameless\"}".getBytes(UTF_8));
            broker.produce(posts, "large".getBytes(UTF_8), nearLimit.getBytes(UTF_8));
            broker.produce(posts, null, topics.posts().codec().encode(mail));

            Map<String, EmbeddedPost> embedded = embeddedPosts(5).stream()
                    .collect(Collectors.toMap(it -> it.getPost().getId().orElseThrow(), Function.identity()));
            List<ConsumerRecord<byte[], byte[]>> letters =
                    broker.readAll(Topics.deadLetterOf(posts), records -> records.size() >= bad.size() + 1);

            assertThat(service.ended()).isNotDone();
            assertThat(embedded).hasSize(5).containsKeys("avro", "mail", "key", "large");
            assertThat(embedded.get("avro").getPost()).isEqualTo(avro);
            assertThat(embedded.get("mail").getText()).isEqualTo("Orbit\n\nAsk ");
            assertThat(embedded.get("large").getText()).hasSize(5000);
            assertThat(embedded.values()).allSatisfy(it -> assertThat(Vectors.fromBytes(it.getEmbedding()))
                    .hasSize(384));
            assertThat(letters).hasSize(bad.size() + 1);
            assertThat(letters).allSatisfy(letter -> {
                assertThat(header(letter, DeadLetters.TOPIC)).isEqualTo(posts);
                assertThat(header(letter, DeadLetters.MESSAGE)).isNotEmpty();
            });
            assertThat(letters)
                    .extracting(letter -> Optional.ofNullable(letter.value()).map(ByteBuffer::wrap))
                    .containsAll(
                            bad.stream().map(ByteBuffer::wrap).map(Optional::of).toList());
        }
    }

    @Test
    void shouldKeepTheOrderOfEachPartitionWhenManyPostsCome() throws Exception {
        producePosts(0, 200);
        try (GeminiServer stub = GeminiServer.start();
                EmbedderService service = startOn(stub)) {
            List<EmbeddedPost> embedded = embeddedPosts(200);

            assertThat(service.ended()).isNotDone();
            assertThat(placesOf(embedded)).isEqualTo(placesOfPosts(200));
            Map<Integer, List<Long>> offsets = new TreeMap<>();
            for (ConsumerRecord<byte[], byte[]> record :
                    broker.readToEnd(topics.embeddedPosts().name())) {
                Source source =
                        topics.embeddedPosts().codec().decode(record.value()).getSource();
                // Each key has one partition here and there, so the order of a key is the order of the source.
                offsets.computeIfAbsent(record.partition() * 100 + source.getPartition(), it -> new ArrayList<>())
                        .add(source.getOffset());
            }
            assertThat(offsets.values()).allSatisfy(it -> assertThat(it).isSorted());
        }
    }

    @Test
    void shouldGoOnWhereItWasWhenRestarted() throws Exception {
        try (GeminiServer stub = GeminiServer.start()) {
            producePosts(0, 100);
            try (EmbedderService first = startOn(stub)) {
                broker.readAtLeast(topics.embeddedPosts(), 30); // closed in the midst of its work
                assertThat(first.ended()).isNotDone();
            }
            producePosts(100, 160);
            try (EmbedderService second = startOn(stub)) {
                assertThat(placesOf(embeddedPosts(160))).isEqualTo(placesOfPosts(160));
                assertThat(second.ended()).isNotDone();
            }
        }
    }

    @Test
    void shouldShareTheWorkWhenOthersComeAndGo() throws Exception {
        try (GeminiServer stub = GeminiServer.start();
                EmbedderService first = startOn(stub)) {
            producePosts(0, 100);
            broker.readAtLeast(topics.embeddedPosts(), 10);
            try (EmbedderService second = startOn(stub)) {
                producePosts(100, 300);
                broker.readAtLeast(topics.embeddedPosts(), 200);
                assertThat(second.ended()).isNotDone();
            }
            producePosts(300, 400);

            assertThat(placesOf(embeddedPosts(400))).isEqualTo(placesOfPosts(400));
            assertThat(first.ended()).isNotDone();
        }
    }

    @Test
    void shouldLoseNothingWhenTheProviderIsAwayForAWhile() throws Exception {
        try (GeminiServer stub = GeminiServer.start();
                EmbedderService service = startOn(stub)) {
            stub.failNext(9); // several in a row for each call
            producePosts(0, 60);

            assertThat(placesOf(embeddedPosts(60))).isEqualTo(placesOfPosts(60));
            assertThat(broker.readToEnd(Topics.deadLetterOf(topics.posts().name())))
                    .isEmpty();
            assertThat(service.ended()).isNotDone();
        }
    }

    @Test
    void shouldPutAsideThePoisonAloneWhenItComesAmongAHundredTexts() throws Exception {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            String text = i == 37 ? "POISON" : "post number " + i;
            records.add(new ProducerRecord<>(
                    topics.posts().name(), 0, null, ("{\"text\":\"" + text + "\"}").getBytes(UTF_8)));
        }
        broker.produce(records);
        try (GeminiServer stub = GeminiServer.start();
                EmbedderService service = startOn(stub, Map.of("batch.max.texts", "100"))) {
            List<ConsumerRecord<byte[], byte[]>> letters =
                    broker.readAll(Topics.deadLetterOf(topics.posts().name()), it -> !it.isEmpty());

            assertThat(embeddedPosts(99)).hasSize(99);
            assertThat(letters).hasSize(1);
            assertThat(header(letters.get(0), DeadLetters.OFFSET)).isEqualTo("37");
            assertThat(header(letters.get(0), DeadLetters.MESSAGE)).contains("takes no text that holds POISON");
            assertThat(stub.report().calls()).isLessThanOrEqualTo(15);
            assertThat(stub.report().answeredTwice()).isZero();
            assertThat(service.ended()).isNotDone();
        }
    }

    @Test
    void shouldLoseNothingWhenTheServerFailsInEveryWay() throws Exception {
        producePosts(0, 1000);
        try (GeminiServer stub = GeminiServer.start(
                        "errors", "0.1", "drops", "0.1", "halves", "0.1", "miscounts", "0.1", "seed", "3");
                EmbedderService service = startOn(stub)) {
            assertThat(placesOf(embeddedPosts(1000))).isEqualTo(placesOfPosts(1000));
            assertThat(broker.readToEnd(Topics.deadLetterOf(topics.posts().name())))
                    .isEmpty();
            assertThat(stub.report().failed()).isGreaterThan(20);
            assertThat(stub.report().answeredTwice()).isZero();
            assertThat(service.ended()).isNotDone();
        }
    }

    @Test
    void shouldDropNothingAndComeBackWhenTheServerIsDownForHalfAMinute() throws Exception {
        producePosts(0, 400);
        try (GeminiServer stub = GeminiServer.start("latency-ms", "100");
                EmbedderService service =
                        startOn(stub, Map.of("circuit.wait.ms", "1000", "max.in.flight.calls", "2"))) {
            broker.readAtLeast(topics.embeddedPosts(), 20);
            stub.down(true);
            CompletableFuture.delayedExecutor(30, TimeUnit.SECONDS).execute(() -> stub.down(false));

            assertThat(placesOf(embeddedPosts(400))).isEqualTo(placesOfPosts(400));
            assertThat(broker.readToEnd(Topics.deadLetterOf(topics.posts().name())))
                    .isEmpty();
            assertThat(service.ended()).isNotDone();
        }
    }

    @Test
    void shouldEndAndCommitNothingWhenTheKeyIsRefused() throws Exception {
        try (GeminiServer stub = GeminiServer.start();
                EmbedderService service = startOn(stub)) {
            stub.refuseKey();
            producePosts(0, 10);

            assertThat(service.ended())
                    .failsWithin(TestBroker.PATIENCE)
                    .withThrowableOfType(ExecutionException.class)
                    .withMessageContaining("gemini.api.key");
            assertThat(broker.readToEnd(topics.embeddedPosts().name())).isEmpty();
            assertThat(broker.readToEnd(Topics.deadLetterOf(topics.posts().name())))
                    .isEmpty();
        }
    }

    @Test
    void shouldPutAPostAsideWhenWhatIsMadeOfItIsLargerThanItsTopicTakes() throws Exception {
        broker.admin()
                .incrementalAlterConfigs(Map.of(
                        new ConfigResource(
                                ConfigResource.Type.TOPIC,
                                topics.embeddedPosts().name()),
                        List.of(new AlterConfigOp(
                                new ConfigEntry(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, "20000"),
                                AlterConfigOp.OpType.SET))))
                .all()
                .get();
        String large = "{\"text\":\"" + "x ".repeat(50_000) + "\"}";
        for (String value : List.of("{\"text\":\"before\"}", large, "{\"text\":\"after\"}")) { // all in one chunk
            broker.produce(List.of(new ProducerRecord<>(topics.posts().name(), 0, null, value.getBytes(UTF_8))));
        }
        try (GeminiServer stub = GeminiServer.start();
                EmbedderService service = startOn(stub)) {
            List<ConsumerRecord<byte[], byte[]>> letters =
                    broker.readAll(Topics.deadLetterOf(topics.posts().name()), records -> !records.isEmpty());

            assertThat(letters).hasSize(1);
            assertThat(letters.get(0).value()).isEqualTo(large.getBytes(UTF_8));
            assertThat(header(letters.get(0), DeadLetters.MESSAGE)).contains("larger than its topic takes");
            assertThat(embeddedPosts(2)).extracting(EmbeddedPost::getText).containsExactlyInAnyOrder("before", "after");
            assertThat(service.ended()).isNotDone();
        }
    }
}
