package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.embedder.EmbedderConfig;
import dev.sluice.embedder.EmbedderService;
import dev.sluice.schemas.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * The quota that several embedders share, against a server that keeps it strictly: whatever exceeds it is answered with 429,
 * and there must be none. The server's minute lasts {@link #WINDOW} here; EmbedderQuotaBenchmark uses real ones.
 */
class EmbedderQuotaIT {
    private static final Duration WINDOW = Duration.ofSeconds(8);
    private static final int QUOTA = 400;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    private final String prefix = TestBroker.newPrefix();

    private EmbedderService start(GeminiServer gemini, Map<String, String> more) {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.putAll(gemini.embedderSettings());
        settings.putAll(Map.of(
                "retry.backoff.ms",
                "20",
                "rate.limit.window.ms",
                Long.toString(WINDOW.toMillis()),
                "request.timeout.ms",
                Long.toString(WINDOW.toMillis() / 2)));
        settings.putAll(more);
        return EmbedderService.start(new EmbedderConfig(settings), Clock.systemUTC(), new SimpleMeterRegistry());
    }

    private EmbedderService startOnMinuteQuota(GeminiServer gemini) {
        return start(gemini, Map.of("rate.limit.requests.per.minute", Integer.toString(QUOTA)));
    }

    private static GeminiServer gemini(String... more) throws Exception {
        List<String> settings = new ArrayList<>(
                List.of("window-ms", Long.toString(WINDOW.toMillis()), "latency-ms", "20", "rpm", "" + QUOTA));
        settings.addAll(List.of(more));
        return GeminiServer.start(settings.toArray(String[]::new));
    }

    private Topics produceBacklog(int posts) throws InterruptedException {
        Topics topics = broker.createTopics(prefix);
        broker.produce(IntStream.range(0, posts)
                .mapToObj(i -> new ProducerRecord<byte[], byte[]>(
                        topics.posts().name(),
                        i % LocalBroker.PARTITIONS,
                        null,
                        ("{\"text\":\"post number " + i + "\"}").getBytes(UTF_8)))
                .toList());
        return topics;
    }

    /** Looks at the server's report now and then until it is as wanted. */
    private static GeminiProject.Report await(GeminiServer gemini, Predicate<GeminiProject.Report> wanted)
            throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            GeminiProject.Report report = gemini.report();
            if (wanted.test(report)) {
                return report;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("the server has seen " + report);
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    /** Windows that are over, but the first ones, in which things settle. */
    private static List<GeminiQuota.Window> steady(GeminiProject.Report report, int skipped) {
        List<GeminiQuota.Window> windows = report.windows();
        int from = Math.min(skipped, windows.size());
        return windows.subList(from, Math.max(from, windows.size() - 1));
    }

    @Test
    void shouldUseNearlyTheWholeQuotaAndNeverMoreWhenOneEmbedderHasABacklog() throws Exception {
        produceBacklog(8 * QUOTA);
        try (GeminiServer gemini = gemini();
                EmbedderService one = startOnMinuteQuota(gemini)) {
            GeminiProject.Report report = await(gemini, it -> steady(it, 1).size() >= 3);

            assertThat(one.ended()).isNotDone();
            assertThat(report.quotaExceeded()).isZero();
            assertThat(report.mostRequests()).isLessThanOrEqualTo(QUOTA);
            assertThat(steady(report, 1))
                    .allSatisfy(window -> assertThat(window.requests()).isGreaterThanOrEqualTo(QUOTA * 97 / 100));
        }
    }

    @Test
    void shouldShareTheQuotaWhenEmbeddersComeAndGo() throws Exception {
        produceBacklog(14 * QUOTA);
        try (GeminiServer gemini = gemini();
                EmbedderService one = startOnMinuteQuota(gemini)) {
            await(gemini, it -> it.texts() > QUOTA / 2); // the others come in the midst of a window
            try (EmbedderService two = startOnMinuteQuota(gemini);
                    EmbedderService three = startOnMinuteQuota(gemini)) {
                int settled = gemini.report().windows().size() + 2;
                GeminiProject.Report report =
                        await(gemini, it -> steady(it, settled).size() >= 3);

                assertThat(List.of(one.ended(), two.ended(), three.ended()))
                        .allSatisfy(ended -> assertThat(ended).isNotDone());
                assertThat(report.quotaExceeded()).isZero();
                assertThat(steady(report, settled))
                        .allSatisfy(window -> assertThat(window.requests()).isGreaterThanOrEqualTo(QUOTA * 97 / 100));
            }
            int left = gemini.report().windows().size() + 1; // and go
            GeminiProject.Report report = await(gemini, it -> steady(it, left).size() >= 1);

            assertThat(report.quotaExceeded()).isZero();
            assertThat(report.mostRequests()).isLessThanOrEqualTo(QUOTA);
            assertThat(steady(report, left))
                    .allSatisfy(window -> assertThat(window.requests()).isGreaterThanOrEqualTo(QUOTA * 97 / 100));
        }
    }

    @Test
    void shouldUseNearlyTheWholeTokenQuotaWhenThatOneBinds() throws Exception {
        produceBacklog(2000);
        int tokens = 1600; // about five each text
        try (GeminiServer gemini = gemini("rpm", "0", "tpm", "" + tokens);
                EmbedderService one = start(gemini, Map.of("rate.limit.tokens.per.minute", Integer.toString(tokens)))) {
            GeminiProject.Report report = await(gemini, it -> steady(it, 1).size() >= 2);

            assertThat(one.ended()).isNotDone();
            assertThat(report.quotaExceeded()).isZero();
            assertThat(steady(report, 1))
                    .allSatisfy(window -> assertThat(window.tokens()).isBetween(tokens * 90L / 100, (long) tokens));
        }
    }

    @Test
    void shouldWaitAsLongAsToldWhenTheQuotaIsUsedUpByOthers() throws Exception {
        Topics topics = produceBacklog(300);
        try (GeminiServer gemini = gemini("rpm", "100", "window-ms", "3000"); // less than the embedder is told
                SourceCount count = new SourceCount(broker.bootstrapServers(), topics);
                EmbedderService one = start(
                        gemini,
                        Map.of(
                                "rate.limit.requests.per.minute", "1000",
                                "batch.max.texts", "10",
                                "max.in.flight.calls", "1"))) {
            count.await(PATIENCE, () -> count.embedded() == 300);

            assertThat(one.ended()).isNotDone();
            assertThat(gemini.report().quotaExceeded())
                    .isBetween(1L, 20L); // at most once for each call of 10 beyond the first 100
            assertThat(gemini.report().hasty()).isZero();
            assertThat(gemini.report().answeredTwice()).isZero();
            assertThat(count.deadLetters()).isZero();
        }
    }

    @Test
    void shouldPauseAndKeepItsMembershipWhenTheDaysQuotaIsGoneAndGoOnTheNextDay() throws Exception {
        Topics topics = produceBacklog(200);
        MovableClock clock = new MovableClock();
        try (GeminiServer gemini = GeminiServer.start(clock, "rpd", "100", "latency-ms", "5");
                SourceCount count = new SourceCount(broker.bootstrapServers(), topics)) {
            Map<String, String> settings = new HashMap<>(broker.serviceSettings(prefix));
            settings.putAll(gemini.embedderSettings());
            settings.putAll(Map.of(
                    "batch.max.texts",
                    "1",
                    "max.in.flight.calls",
                    "1")); // else an answer may have to wait behind a refused text
            try (EmbedderService one =
                    EmbedderService.start(new EmbedderConfig(settings), clock, new SimpleMeterRegistry())) {
                await(gemini, it -> it.quotaExceeded() > 0);
                count.await(PATIENCE, () -> count.embedded() == 100);

                assertThat(one.ended()).isNotDone();
                assertThat(members()).isEqualTo(1);
                long asked = gemini.report().calls();
                count.readToEnd();
                assertThat(gemini.report().calls()).isEqualTo(asked);
                assertThat(one.health().ready()).isFalse();
                assertThat(one.health().reason()).contains("day");

                clock.forward(Duration.ofHours(25));
                count.await(PATIENCE, () -> count.embedded() == 200);

                assertThat(count.repeated()).isEmpty();
                assertThat(count.deadLetters()).isZero();
                assertThat(one.health().ready()).isTrue();
            }
        }
    }

    private int members() throws Exception {
        String group = prefix + "sluice-embedder";
        return broker.admin()
                .describeConsumerGroups(List.of(group))
                .describedGroups()
                .get(group)
                .get()
                .members()
                .size();
    }
}
