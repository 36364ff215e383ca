package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.classifier.ClassifierMain;
import dev.sluice.embedder.EmbedderMain;
import dev.sluice.runtime.Settings;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.Topics;
import dev.sluice.trainer.TrainerMain;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The settings that are recommended for production, as they stand in {@code docs}, on three brokers of which one is killed
 * while posts flow, comes back, and then another: the pipeline goes on meanwhile, and each post has one output.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class ClusterIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int BATCH = 20;
    private static final int GARBAGE_EVERY = 50;
    private static final int ENOUGH = 200;

    private final String prefix = TestBroker.newPrefix();
    private final Topics topics = new Topics(prefix, Topics.DEFAULT_CLASSIFIER, LocalBroker.PARTITIONS);
    private final AtomicBoolean enough = new AtomicBoolean();
    private final Map<String, ServiceProcess> services = new HashMap<>();

    @TempDir
    Path folder;

    private LocalCluster cluster;
    private TestBroker brokers;

    @BeforeEach
    void startCluster() throws InterruptedException {
        cluster = LocalCluster.start(folder);
        brokers = TestBroker.at(cluster.bootstrapServers());
    }

    @AfterEach
    void stopAll() {
        enough.set(true);
        services.values().forEach(ServiceProcess::close);
        try {
            if (brokers != null) { // else it was not come to
                brokers.close();
            }
        } finally {
            if (cluster != null) {
                cluster.close();
            }
        }
    }

    /** The documented file as it is, but for where the brokers are and what is the test's own. */
    private Map<String, String> production(Map<String, String> own) {
        Map<String, String> settings = Settings.ofFile(Path.of("../docs/production.properties"));
        settings.put("bootstrap.servers", cluster.bootstrapServers());
        settings.put("topic.prefix", prefix);
        settings.put("topic.partitions", Integer.toString(LocalBroker.PARTITIONS));
        settings.putAll(own);
        return settings;
    }

    private void startServices(GeminiServer gemini) throws InterruptedException {
        start("embedder", EmbedderMain.class, gemini.embedderSettings());
        start("trainer", TrainerMain.class, Map.of("epochs", "2", "hidden.layers", "8", "validation.data", "none"));
        start(
                "classifier",
                ClassifierMain.class,
                Map.of("state.dir", folder.resolve("state").toString()));
        for (Map.Entry<String, ServiceProcess> service : services.entrySet()) {
            service.getValue().awaitLine(service.getKey() + " runs");
        }
    }

    private void start(String name, Class<?> main, Map<String, String> own) {
        services.put(name, ServiceProcess.start(folder, main, production(own)));
    }

    @Test
    void shouldGoOnAndAnswerEachPostOnceWhenBrokersAreKilledUnderLoad() throws Exception {
        try (GeminiServer gemini = GeminiServer.start("latency-ms", "20", "seed", "7")) {
            startServices(gemini);
            CompletableFuture<Integer> load = CompletableFuture.supplyAsync(this::load);
            try (PredictionFollower predictions = new PredictionFollower(cluster.bootstrapServers(), topics);
                    SourceCount count = new SourceCount(cluster.bootstrapServers(), topics)) {
                predictions.awaitMore(ENOUGH, PATIENCE);
                brokers.readAtLeast(topics.models(), 1);
                assertReplicated();

                // when: first a broker that leads posts, then one that leads the cluster
                int first = leaderOf(topics.embeddedPosts().name());
                Duration firstStall = survive(first, predictions);
                int second = controllerOtherThan(first);
                Duration secondStall = survive(second, predictions);
                enough.set(true);
                int posts = load.join();

                // then
                count.await(PATIENCE, () -> count.places() >= posts);
                count.readToEnd();
                assertThat(count.repeated()).isEmpty();
                assertThat(count.places()).isEqualTo(posts);
                assertThat(count.deadLetters()).isEqualTo(posts / GARBAGE_EVERY);
                predictions.awaitTotal(count.embedded(), PATIENCE);
                assertEachAnsweredOnce(count.embedded());
                assertVersionsAreNumberedOnce();
                services.forEach((name, service) ->
                        assertThat(service.isAlive()).as(name).isTrue());
                System.out.printf(
                        "brokers %d and %d killed, %d posts: %s, each answered once; longest stalls %d and %d ms%n",
                        first, second, posts, count, firstStall.toMillis(), secondStall.toMillis());
            }
        }
    }

    /** Kills a broker, sees that predictions come without it, and has it back; tells how long none came. */
    private Duration survive(int node, PredictionFollower predictions) throws Exception {
        predictions.forgetGaps();
        cluster.pullThePlug(node);
        predictions.awaitMore(ENOUGH, PATIENCE);
        Duration stall = predictions.longestGap();
        cluster.bringBack(node);
        awaitAllInSync();
        return stall;
    }

    /** Each batch as soon as the one before is written; tells how many posts there were. */
    private int load() {
        int posts = 0;
        while (!enough.get() || posts % GARBAGE_EVERY != 0) {
            brokers.produce(IntStream.range(posts, posts + BATCH)
                    .mapToObj(i -> new ProducerRecord<>(
                            topics.posts().name(),
                            i % LocalBroker.PARTITIONS,
                            ("post-" + i).getBytes(UTF_8),
                            post(i).getBytes(UTF_8)))
                    .toList());
            posts += BATCH;
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos()); // or the backlog outlasts the faults
        }
        return posts;
    }

    private static String post(int number) {
        return number % GARBAGE_EVERY == 1
                ? "garbage " + number
                : "{\"text\":\"post number %d\",\"label\":\"%s\"}".formatted(number, number % 2 == 0 ? "even" : "odd");
    }

    private void assertReplicated() throws Exception {
        Map<String, TopicDescription> all = describeAll();
        List<ConfigResource> asked = all.keySet().stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        Map<ConfigResource, Config> configs =
                brokers.admin().describeConfigs(asked).all().get();

        assertThat(all.keySet())
                .contains(topics.models().name(), prefix + "posts.dead-letter")
                .anyMatch(name -> name.endsWith("-changelog"))
                .anyMatch(name -> name.endsWith("-repartition"));
        assertThat(all.values()).allSatisfy(topic -> assertThat(topic.partitions())
                .as(topic.name())
                .allSatisfy(partition -> assertThat(partition.replicas()).hasSize(3)));
        assertThat(configs).allSatisfy((topic, config) -> assertThat(
                        config.get("min.insync.replicas").value())
                .as(topic.name())
                .isEqualTo("2"));
    }

    private void assertEachAnsweredOnce(int embedded) {
        Set<String> places = new HashSet<>();
        for (var record : brokers.readToEnd(topics.predictions().name())) {
            Prediction prediction = topics.predictions().codec().decode(record.value());
            String place = prediction.getSource().getPartition() + "@"
                    + prediction.getSource().getOffset();
            assertThat(places.add(place)).as(place).isTrue();
        }
        assertThat(places).hasSize(embedded);
    }

    private void assertVersionsAreNumberedOnce() {
        List<Integer> versions = brokers.readToEnd(topics.models().name()).stream()
                .filter(record -> record.value() != null) // a version that was too many
                .map(record -> topics.models().codec().decode(record.value()).getVersion())
                .toList();
        assertThat(versions).isNotEmpty().doesNotHaveDuplicates();
    }

    private Map<String, TopicDescription> describeAll() throws InterruptedException, ExecutionException {
        Set<String> names = brokers.admin().listTopics().names().get();
        names.removeIf(name -> !name.startsWith(prefix));
        return brokers.admin().describeTopics(names).allTopicNames().get();
    }

    private int leaderOf(String topic) throws InterruptedException, ExecutionException {
        return describeAll().get(topic).partitions().get(0).leader().id();
    }

    private int controllerOtherThan(int node) throws InterruptedException, ExecutionException {
        int leader = brokers.admin().describeMetadataQuorum().quorumInfo().get().leaderId();
        return leader == node ? node % LocalCluster.NODES + 1 : leader;
    }

    /** Else the next broker that is killed may be the second of three. */
    private void awaitAllInSync() throws InterruptedException, ExecutionException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!describeAll().values().stream()
                .flatMap(topic -> topic.partitions().stream())
                .allMatch(partition -> partition.isr().size() == LocalCluster.NODES)) {
            assertThat(System.nanoTime())
                    .as("not all replicas are in sync again")
                    .isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }
}
