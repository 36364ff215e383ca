package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.embedder.EmbedderMain;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Embedders that are killed in the midst of their work, as processes of their own. With {@code -Plong}, more often. */
class EmbedderCrashIT {
    private static final int POSTS = 5000;
    private static final int KILLS = Integer.getInteger("sluice.kills", 3);
    private static final int GARBAGE_EVERY = 500;
    private static final int REPEATED_EVERY = 10;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /**
     * What may pass between a look into the cache and the call's arrival: seconds, where a process makes its first call on a
     * busy machine. Less than the 6 s after which another takes over the posts of one that was killed.
     */
    private static final long SLACK_MS = 4000;

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    private final String prefix = TestBroker.newPrefix();

    @TempDir
    Path folder;

    private ServiceProcess start(GeminiServer gemini) {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.putAll(gemini.embedderSettings());
        settings.putAll(Map.of(
                "batch.max.texts",
                "10",
                "max.in.flight.calls",
                "4",
                "retry.backoff.ms",
                "20",
                "consumer.session.timeout.ms",
                "6000"));
        return ServiceProcess.start(folder, EmbedderMain.class, settings);
    }

    private static String textOf(int post) {
        return "post number " + (post % REPEATED_EVERY == 0 ? 0 : post);
    }

    private void producePosts(Topics topics) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < POSTS; i++) {
            String value = i % GARBAGE_EVERY == 1 ? "garbage " + i : "{\"text\":\"" + textOf(i) + "\"}";
            records.add(new ProducerRecord<>(
                    topics.posts().name(), i % LocalBroker.PARTITIONS, null, value.getBytes(UTF_8)));
        }
        broker.produce(records);
    }

    @Test
    void shouldEmbedEachPostOnceAndPayForNoKnownTextAgainWhenEmbeddersAreKilled() throws Exception {
        Topics topics = broker.createTopics(prefix);
        stampWithTheBrokersTime(topics.embeddingCache().name());
        producePosts(topics);
        try (GeminiServer gemini =
                        GeminiServer.start("latency-ms", "250", "errors", "0.01", "drops", "0.01", "seed", "7");
                SourceCount count = new SourceCount(broker.bootstrapServers(), topics)) {
            List<ServiceProcess> embedders = new ArrayList<>(List.of(start(gemini), start(gemini)));
            try {
                for (int kill = 1; kill <= KILLS; kill++) {
                    int enough = POSTS * kill / (KILLS + 2);
                    count.await(PATIENCE, () -> count.places() >= enough);
                    embedders.remove(0).pullThePlug();
                    embedders.add(start(gemini));
                }
                count.await(PATIENCE, () -> count.places() >= POSTS);
                assertThat(embedders).allMatch(ServiceProcess::isAlive);
            } finally {
                embedders.forEach(ServiceProcess::close);
            }
            count.readToEnd();

            assertThat(count.repeated()).isEmpty();
            assertThat(count.embedded()).isEqualTo(POSTS - POSTS / GARBAGE_EVERY);
            assertThat(count.deadLetters()).isEqualTo(POSTS / GARBAGE_EVERY);
            assertThat(paidThoughKnown(gemini, topics)).isEmpty();
            System.out.printf(
                    "%d kills, %d posts: %s, none twice; %d texts were paid for twice, none after its answer had"
                            + " reached the cache%n",
                    KILLS, POSTS, count, gemini.report().answeredTwice());
        }
    }

    private static void stampWithTheBrokersTime(String topic) throws Exception {
        broker.admin()
                .incrementalAlterConfigs(Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, topic),
                        List.of(new AlterConfigOp(
                                new ConfigEntry(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime"),
                                AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }

    /** Texts that somebody paid for although their vector had been in the cache for a while. */
    private List<String> paidThoughKnown(GeminiServer gemini, Topics topics) {
        Map<String, Long> knownSince = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record :
                broker.readToEnd(topics.embeddingCache().name())) {
            knownSince.merge(new String(record.key(), UTF_8), record.timestamp(), Math::min);
        }
        String space = broker.readAtLeast(topics.embeddingCache(), 1).get(0).getSpace();
        List<String> paid = new ArrayList<>();
        int compared = 0;
        for (int i = 0; i < POSTS; i++) {
            String text = textOf(i);
            Long since = knownSince.get(ModelVersions.sha256((space + "\0" + text).getBytes(UTF_8)));
            if (since != null) {
                compared++;
                if (gemini.payments(text).stream().anyMatch(it -> it.arrived() > since + SLACK_MS)) {
                    paid.add(text);
                }
            }
        }
        assertThat(compared).as("texts found in the cache").isGreaterThan(POSTS * 9 / 10);
        return paid;
    }
}
