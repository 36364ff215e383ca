package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two planted bugs that every test without a crash passes, killed in the moment that they are about, and seen by the checker
 * of {@link ChaosIT}. Without a kill it finds nothing.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ChaosDoublesIT {
    private static final int POSTS = 500;
    private static final int MOST_KILLS = 5;
    private static final Duration BETWEEN_READINGS = Duration.ofMillis(500);

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    @TempDir
    Path folder;

    private Topics topics;
    private ChaosLog log;
    private ChaosProducer producer;
    private ChaosReader reader;

    @BeforeEach
    void open() throws InterruptedException {
        topics = broker.createTopics(TestBroker.newPrefix());
        log = ChaosLog.in(folder.resolve("log"));
        producer = new ChaosProducer(broker.bootstrapServers(), topics.posts().name(), log);
        reader = new ChaosReader(broker.bootstrapServers());
    }

    @AfterEach
    void close() {
        reader.close();
        producer.close();
        log.close();
    }

    @Test
    void shouldFindDuplicatesWhenAnEmbedderCommitsByItself() throws Exception {
        int repeated = 0;
        try (ChaosService embedder = service(ChaosAutoCommitDouble.class)) {
            embedder.start();
            for (int kill = 0; repeated == 0 && kill < MOST_KILLS; kill++) {
                sendPosts();
                await(() -> embedded().size() > committed(ChaosAutoCommitDouble.GROUP));
                embedder.kill();
                repeated = settled(() -> embedded().size() - committed(ChaosAutoCommitDouble.GROUP));
                embedder.start();
            }
            int expected = producer.posts() + repeated;
            await(() -> embedded().size() >= expected);
        }
        predictAll();

        ChaosReport report = check();
        assertThat(repeated).isPositive();
        assertThat(report.duplicates()).as("%s", report).isEqualTo(repeated);
        assertThat(report.lost()).isZero();
        assertThat(report.isClean()).isFalse();
    }

    @Test
    void shouldFindLossesWhenAStreamHoldsPostsAcrossACommit() throws Exception {
        int forgotten = 0;
        try (ChaosService stream = service(ChaosBufferDouble.class)) {
            stream.start();
            for (int kill = 0; forgotten == 0 && kill < MOST_KILLS; kill++) {
                sendPosts();
                embedAll();
                await(() -> committed(ChaosBufferDouble.APPLICATION) > predicted());
                stream.kill();
                forgotten = settled(() -> committed(ChaosBufferDouble.APPLICATION) - predicted());
                stream.start();
            }
            sendPosts();
            embedAll();
            int expected = producer.posts() - forgotten;
            await(() -> predicted() >= expected);
        }

        ChaosReport report = check();
        assertThat(forgotten).isPositive();
        assertThat(report.lost()).as("%s", report).isEqualTo(forgotten);
        assertThat(report.duplicates()).isZero();
        assertThat(report.isClean()).isFalse();
    }

    @Test
    void shouldFindNothingWhenNeitherIsKilled() throws Exception {
        try (ChaosService embedder = service(ChaosAutoCommitDouble.class);
                ChaosService stream = service(ChaosBufferDouble.class)) {
            embedder.start();
            stream.start();
            sendPosts();
            await(() -> predicted() == POSTS);
        }

        ChaosReport report = check();
        assertThat(report.isClean()).as("%s", report).isTrue();
        assertThat(report.predicted()).isEqualTo(POSTS);
    }

    private ChaosService service(Class<?> main) {
        Map<String, String> settings = broker.serviceSettings(topics.prefix());
        settings.put("state.dir", folder.resolve("state").toString());
        return new ChaosService(main.getSimpleName(), main, settings, folder, log);
    }

    private void sendPosts() throws Exception {
        producer.sendPosts(POSTS, Duration.ZERO).get();
        producer.flush();
    }

    private ChaosReport check() {
        ChaosChecker checker = new ChaosChecker(topics, producer.posts());
        reader.read(ChaosChecker.topics(topics), checker::add);
        return checker.report();
    }

    private List<EmbeddedPost> embedded() {
        List<EmbeddedPost> all = new ArrayList<>();
        reader.read(
                List.of(topics.embeddedPosts().name()),
                record -> all.add(topics.embeddedPosts().codec().decode(record.value())));
        return all;
    }

    private int predicted() {
        List<Integer> all = new ArrayList<>();
        reader.read(List.of(topics.predictions().name()), record -> all.add(record.partition()));
        return all.size();
    }

    /** Records that the group will not read again, on topics without transactions. */
    private int committed(String group) {
        try {
            return broker
                    .admin()
                    .listConsumerGroupOffsets(topics.prefix() + group)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .values()
                    .stream()
                    .mapToInt(offset -> (int) offset.offset())
                    .sum();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** As a sound embedder would, those that are not embedded yet. */
    private void embedAll() {
        int done = embedded().size();
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        reader.read(List.of(topics.posts().name()), record -> {
            int number = ChaosPosts.numberOf(new String(record.key(), UTF_8)).orElseThrow();
            if (number >= done) {
                Source source = new Source(record.topic(), record.partition(), record.offset());
                records.add(new ProducerRecord<>(
                        topics.embeddedPosts().name(),
                        record.key(),
                        topics.embeddedPosts().codec().encode(ChaosRecords.embedded(number, source))));
            }
        });
        broker.produce(records);
    }

    /** As a sound classifier would. */
    private void predictAll() {
        broker.produce(embedded().stream()
                .map(post -> new ProducerRecord<byte[], byte[]>(
                        topics.predictions().name(),
                        topics.predictions().codec().encode(ChaosRecords.prediction(post))))
                .toList());
    }

    /** The same twice: what a process sent before it was killed may reach the broker a little later. */
    private static int settled(IntSupplier count) throws InterruptedException {
        int[] last = {count.getAsInt()};
        await(() -> {
            LockSupport.parkNanos(BETWEEN_READINGS.toNanos());
            int before = last[0];
            last[0] = count.getAsInt();
            return last[0] == before;
        });
        return last[0];
    }

    private static void await(BooleanSupplier there) throws InterruptedException {
        long deadline = System.nanoTime() + TestBroker.PATIENCE.toNanos();
        while (!there.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it did not come");
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
