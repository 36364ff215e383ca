package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.embedder.EmbedderConfig;
import dev.sluice.embedder.EmbedderMain;
import dev.sluice.embedder.EmbedderService;
import dev.sluice.schemas.CachedEmbedding;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Vectors;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What texts cost, by the bill of the stand-in for Gemini, when embedders share a cache on a real broker. */
class EmbeddingCacheIT {
    private static final int TEXTS = 60;

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    @TempDir
    private Path folder;

    private final String prefix = TestBroker.newPrefix();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private Topics topics;
    private GeminiServer gemini;

    @BeforeEach
    void prepare() throws Exception {
        topics = broker.createTopics(prefix);
        gemini = GeminiServer.start();
    }

    @AfterEach
    void stopGemini() {
        gemini.close();
    }

    /** An embedder of another group embeds all posts once more, as one would that has lost its offsets. */
    private Map<String, String> settings(String group, String... more) {
        Map<String, String> settings = new HashMap<>(broker.serviceSettings(prefix));
        settings.putAll(gemini.embedderSettings());
        settings.putAll(Map.of("group.id", group, "batch.max.texts", "10"));
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return settings;
    }

    private EmbedderService start(String group, String... more) {
        return EmbedderService.start(new EmbedderConfig(settings(group, more)), Clock.systemUTC(), registry);
    }

    private static String text(int i) {
        return "text number " + i;
    }

    private void producePosts(IntStream texts) {
        broker.produce(texts.mapToObj(i -> new ProducerRecord<>(
                        topics.posts().name(),
                        null,
                        ("p" + i).getBytes(UTF_8),
                        ("{\"text\":\"" + text(i) + "\"}").getBytes(UTF_8)))
                .toList());
    }

    private List<EmbeddedPost> embedded(int count) {
        return broker.readAtLeast(topics.embeddedPosts(), count);
    }

    private void assertThatEachTextCost(int payments) {
        assertThat(IntStream.range(0, TEXTS)
                        .filter(i -> gemini.payments(text(i)).size() != payments))
                .as("texts not paid for %d times", payments)
                .isEmpty();
    }

    @Test
    void shouldPayOnceWhenTextsComeAgainAndAgain() {
        producePosts(IntStream.range(0, 5 * TEXTS).map(i -> i % TEXTS));

        try (EmbedderService service = start("one")) {
            assertThat(embedded(5 * TEXTS)).hasSize(5 * TEXTS);
            producePosts(IntStream.range(0, TEXTS));
            assertThat(embedded(6 * TEXTS)).hasSize(6 * TEXTS);

            assertThat(service.ended()).isNotDone();
        }
        assertThatEachTextCost(1);
    }

    @Test
    void shouldPayForNothingWhenAnotherEmbedderHasPaidAndStillRuns() {
        producePosts(IntStream.range(0, TEXTS));

        try (EmbedderService one = start("one")) {
            embedded(TEXTS);
            cached(TEXTS);
            try (EmbedderService other = start("other")) {
                List<EmbeddedPost> all = embedded(2 * TEXTS);

                assertThat(all).hasSize(2 * TEXTS);
                assertThat(all.stream().map(EmbeddedPost::getEmbedding).distinct())
                        .hasSize(TEXTS);
                assertThat(one.ended()).isNotDone();
                assertThat(other.ended()).isNotDone();
                assertThat(registry.get("sluice.embedder.cache.paid.twice").counters())
                        .allMatch(counter -> counter.count() == 0);
            }
        }
        assertThatEachTextCost(1);
    }

    private List<CachedEmbedding> cached(int count) {
        return broker.readAtLeast(topics.embeddingCache(), count);
    }

    @Test
    void shouldPayForNothingWhenAnEmbedderWasKilledAfterItsVectorsWereAcknowledged() throws Exception {
        producePosts(IntStream.range(0, TEXTS));
        try (ServiceProcess killed = ServiceProcess.start(folder, EmbedderMain.class, settings("killed"))) {
            cached(TEXTS);
            killed.pullThePlug();
        }

        try (EmbedderService next = start("next")) {
            embedded(TEXTS);

            assertThat(next.ended()).isNotDone();
            assertThat(registry.get("sluice.embedder.cache.misses").counter().count())
                    .isZero();
        }
        assertThatEachTextCost(1);
    }

    @Test
    void shouldPayAgainWhenTheCacheIsOff() {
        producePosts(IntStream.range(0, TEXTS));

        for (String group : List.of("one", "other")) {
            try (EmbedderService service = start(group, "cache.enabled", "false")) {
                embedded(group.equals("one") ? TEXTS : 2 * TEXTS);
                assertThat(service.ended()).isNotDone();
            }
        }

        assertThatEachTextCost(2);
    }

    @Test
    void shouldPayForWhatIsBrokenInTheCacheWhenTheRestIsFound() {
        producePosts(IntStream.range(0, TEXTS));
        try (EmbedderService service = start("one")) {
            embedded(TEXTS);
            assertThat(service.ended()).isNotDone();
        }
        String topic = topics.embeddingCache().name();
        broker.readToEnd(topic).forEach(cached -> {
            CachedEmbedding sound = topics.embeddingCache().codec().decode(cached.value());
            CachedEmbedding broken = CachedEmbedding.newBuilder(sound)
                    .setEmbedding(Vectors.toBytes(new float[127]))
                    .build();
            byte[] copy = topics.embeddingCache().codec().encode(broken);
            broker.produce(topic, ("ff" + new String(cached.key(), UTF_8).substring(2)).getBytes(UTF_8), copy);
            broker.produce(topic, "no hash".getBytes(UTF_8), cached.value());
            broker.produce(topic, cached.key(), new byte[] {1, 2, 3});
        });

        try (EmbedderService next = start("next")) {
            embedded(2 * TEXTS);
            producePosts(IntStream.of(TEXTS)); // has to be paid for, so all that is in the cache is read before
            assertThat(embedded(2 * TEXTS + 1)).hasSize(2 * TEXTS + 1);

            assertThat(next.ended()).isNotDone();
            assertThat(registry.get("sluice.embedder.cache.unreadable")
                            .counter()
                            .count())
                    .isEqualTo(3.0 * TEXTS);
        }
        assertThatEachTextCost(1);
    }

    @Test
    void shouldKeepVectorsAsLongAsAskedWhenTheTopicSaysOtherwise() throws Exception {
        ConfigResource topic = new ConfigResource(
                ConfigResource.Type.TOPIC, topics.embeddingCache().name());

        start("one", "cache.retention.ms", "3600000").close();

        assertThat(broker.admin()
                        .describeConfigs(List.of(topic))
                        .values()
                        .get(topic)
                        .get()
                        .get(TopicConfig.RETENTION_MS_CONFIG)
                        .value())
                .isEqualTo("3600000");
    }
}
