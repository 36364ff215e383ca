package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.runtime.DeadLetters;
import dev.sluice.runtime.RecordLimits;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Label;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels that come apart from their posts, on a real broker: from another client's partitions, and over restarts. */
class LearnIT {
    private static final HandMadeModels MODELS = new HandMadeModels(8, 8, 3);

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    @TempDir
    Path folder;

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private String prefix;
    private Topics topics;

    @BeforeEach
    void deployAVersion() throws InterruptedException {
        prefix = TestBroker.newPrefix();
        topics = broker.createTopics(prefix);
        broker.produce(topics.models(), ModelVersions.keyOf("default", 1), MODELS.version(1));
        broker.produce(
                topics.deployments(),
                "default",
                Deployment.newBuilder().setVersion(1).build());
    }

    private void running(String state, Runnable test) {
        running(state, Duration.ofDays(7), test);
    }

    private void running(String state, Duration retention, Runnable test) {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.put("labels.retention.ms", Long.toString(retention.toMillis()));
        settings.put("state.dir", folder.resolve(state).toString());
        ClassifierService service =
                ClassifierService.start(new ClassifierConfig(settings), Clock.systemUTC(), registry);
        try {
            test.run();
            assertThat(service.ended()).isNotDone();
        } finally {
            service.close();
        }
    }

    private void send(int from, int to) {
        IntStream.range(from, to).mapToObj(MODELS::post).forEach(this::send);
    }

    private void send(EmbeddedPost post) {
        broker.produce(topics.embeddedPosts(), post.getPost().getId().orElseThrow(), post);
    }

    private void label(int post, String label) {
        broker.produce(
                topics.labels(),
                "post-" + post,
                Label.newBuilder().setLabel(label).build());
    }

    private void withdraw(int post) {
        broker.produce(topics.labels().name(), ("post-" + post).getBytes(UTF_8), null);
    }

    /** The labels on {@code labeled-vectors} by post, in their order; "-" where an example was withdrawn. */
    private Map<String, List<String>> examples(List<ConsumerRecord<byte[], byte[]>> records) {
        Map<String, List<String>> examples = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            examples.computeIfAbsent(new String(record.key(), UTF_8), none -> new ArrayList<>())
                    .add(record.value() == null ? "-" : labelOf(record.value()));
        }
        return examples;
    }

    private String labelOf(byte[] example) {
        return topics.labeledVectors()
                .codec()
                .decode(example)
                .getPost()
                .getLabel()
                .orElseThrow();
    }

    private void awaitExamples(int count) {
        awaitExamples(
                examples -> examples.values().stream().mapToInt(List::size).sum() >= count);
    }

    private void awaitExamples(Predicate<Map<String, List<String>>> enough) {
        broker.readAll(topics.labeledVectors().name(), records -> enough.test(examples(records)));
    }

    private Map<String, List<String>> examples() {
        return examples(broker.readToEnd(topics.labeledVectors().name()));
    }

    private void awaitPredictions(int count) {
        broker.readAtLeast(topics.predictions(), count);
    }

    @Test
    void shouldJoinLabelsWithTheirPostsWhenItRestartsInBetweenOnAKeptOrAFreshFolder() {
        // given: posts, some of which have their labels before they come
        label(0, "med");
        label(1, "med");
        running("kept", () -> {
            send(0, 8);
            send(EmbeddedPost.newBuilder(MODELS.post(8))
                    .setPost(Post.newBuilder().setId("post-8").setLabel("own").build())
                    .build());
            awaitPredictions(9);
            label(2, "med");
            awaitExamples(4);
        });

        // when: labels, corrections and withdrawals come while nobody listens, and while somebody does
        label(1, "space");
        label(3, "med");
        withdraw(8);
        running("kept", () -> {
            label(4, "med");
            label(2, "med");
            awaitExamples(8);
        });
        withdraw(2);
        label(5, "med");
        running("fresh", () -> {
            label(6, "med");
            label(6, "space");
            label(99, "med");
            withdraw(7);
            awaitExamples(examples -> examples.getOrDefault("post-6", List.of()).contains("space")
                    && examples.containsKey("post-5")
                    && examples.containsKey("post-7")
                    && examples.get("post-2").contains("-"));
        });

        // then
        assertThat(examples())
                .isEqualTo(Map.of(
                        "post-0", List.of("med"),
                        "post-1", List.of("med", "space"),
                        "post-2", List.of("med", "-"),
                        "post-3", List.of("med"),
                        "post-4", List.of("med"),
                        "post-5", List.of("med"),
                        "post-6", List.of("med", "space"),
                        "post-7", List.of("-"),
                        "post-8", List.of("own", "-")));
    }

    @Test
    void shouldJoinLabelsOfKcatWhenItPutsThemIntoOtherPartitions() {
        boolean required = Boolean.parseBoolean(System.getenv("SLUICE_REQUIRE_FOREIGN_CLIENTS"));
        assumeTrue(required || kcat("", "-V") == 0, "missing: kcat");
        int post = IntStream.range(0, 100)
                .filter(number -> partitionOfKcat("post-" + number) != partitionOfJava("post-" + number))
                .findFirst()
                .orElseThrow();
        running("state", () -> {
            send(post, post + 1);

            assertThat(kcat("post-" + post + "\t{\"label\":\"label-0\",\"by\":\"ann\"}\n", producing()))
                    .isZero();
            awaitExamples(1);
            assertThat(kcat("post-" + post + "\t\n", producing("-Z"))).isZero(); // no value: withdrawn
            awaitExamples(2);
        });

        assertThat(examples()).isEqualTo(Map.of("post-" + post, List.of("label-0", "-")));
        assertThat(broker.readToEnd(topics.labels().name()))
                .hasSize(2)
                .extracting(ConsumerRecord::partition)
                .doesNotContain(
                        broker.readToEnd(topics.embeddedPosts().name()).get(0).partition());
    }

    @Test
    void shouldWaitForLabelsAsLongAsIsSetWhenThatIsSetAnew() throws Exception {
        // given
        running("state", Duration.ofDays(7), () -> {
            send(0, 1);
            label(0, "med");
            awaitExamples(1);
        });
        assertThat(retentionsOfChangelogs()).containsOnly(Duration.ofDays(7 + 1));

        // when
        running("state", Duration.ofDays(30), () -> {
            label(0, "space"); // of a post that is known from the first run only
            awaitExamples(2);
        });

        // then
        assertThat(retentionsOfChangelogs()).containsOnly(Duration.ofDays(30 + 1));
        assertThat(examples()).isEqualTo(Map.of("post-0", List.of("med", "space")));
    }

    private List<Duration> retentionsOfChangelogs() throws Exception {
        List<ConfigResource> changelogs = Stream.of("posts", "knowledge")
                .map(store ->
                        new ConfigResource(ConfigResource.Type.TOPIC, prefix + "sluice-learn-" + store + "-changelog"))
                .toList();
        return broker.admin().describeConfigs(changelogs).all().get().values().stream()
                .map(config -> config.get(TopicConfig.RETENTION_MS_CONFIG).value())
                .map(millis -> Duration.ofMillis(Long.parseLong(millis)))
                .toList();
    }

    private String[] producing(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "-P", "-b", broker.bootstrapServers(), "-t", topics.labels().name(), "-K", "\t"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    private static int kcat(String input, String... arguments) {
        List<String> command = new ArrayList<>(List.of("kcat"));
        command.addAll(List.of(arguments));
        try {
            Process kcat = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (var in = kcat.getOutputStream()) {
                in.write(input.getBytes(UTF_8));
            }
            if (!kcat.waitFor(TestBroker.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                kcat.destroyForcibly();
                throw new AssertionError("kcat does not end");
            }
            return kcat.exitValue();
        } catch (IOException e) {
            return -1; // there is no kcat here
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static int partitionOfKcat(String key) {
        CRC32 crc = new CRC32();
        crc.update(key.getBytes(UTF_8));
        return (int) (crc.getValue() % LocalBroker.PARTITIONS);
    }

    private static int partitionOfJava(String key) {
        return BuiltInPartitioner.partitionForKey(key.getBytes(UTF_8), LocalBroker.PARTITIONS);
    }

    @Test
    void shouldGoOnWhenLabelsAreGarbageAndPostsAsLargeAsTheyMayBe() {
        EmbeddedPost small = MODELS.post(1);
        int textBytes = 2 * RecordLimits.MAX_TEXT_CHARACTERS;
        EmbeddedPost large = EmbeddedPost.newBuilder(small)
                .setText("\u00e4".repeat(RecordLimits.MAX_TEXT_CHARACTERS)) // two bytes each
                .setPost(Post.newBuilder(small.getPost())
                        .setText("x".repeat(Topics.MAX_NESTED_POST_BYTES - textBytes - 4096))
                        .build())
                .build();
        running("state", () -> {
            for (String garbage : List.of("", "hello", "{\"label\":[1]}", "{\"target\":\"1.5\"}", "{")) {
                broker.produce(topics.labels().name(), "post-1".getBytes(UTF_8), garbage.getBytes(UTF_8));
            }
            broker.produce(List.of(
                    new ProducerRecord<>(topics.predictions().name(), "post-1".getBytes(UTF_8), new byte[] {1})));
            send(large);
            label(1, "med");
            awaitExamples(1);
            broker.readAll(Topics.deadLetterOf(topics.labels().name()), letters -> letters.size() >= 5)
                    .forEach(letter -> assertThat(letter.headers().lastHeader(DeadLetters.MESSAGE))
                            .isNotNull());
        });

        assertThat(examples()).isEqualTo(Map.of("post-1", List.of("med")));
    }
}
