package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.embedder.EmbedderMain;
import dev.sluice.schemas.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * How much of a quota three embedders, each a process of its own, use in real minutes under a backlog, and whether the
 * server ever had to say 429. One is killed in the midst, and another takes its place; both are counted apart.
 * Arguments: requests a minute (3000), latency in milliseconds (200).
 */
final class EmbedderQuotaBenchmark {
    private static final int STEADY_MINUTES = 3;

    private final TestBroker broker;
    private final Path folder;
    private final int quota;
    private final String latency;
    private final String prefix = TestBroker.newPrefix();

    private EmbedderQuotaBenchmark(TestBroker broker, Path folder, int quota, String latency) {
        this.broker = broker;
        this.folder = folder;
        this.quota = quota;
        this.latency = latency;
    }

    public static void main(String[] arguments) throws Exception {
        int quota = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 3000;
        String latency = arguments.length > 1 ? arguments[1] : "200";
        Path folder = Files.createTempDirectory("sluice-quota");
        try (TestBroker broker = TestBroker.start()) {
            new EmbedderQuotaBenchmark(broker, folder, quota, latency).run();
        }
    }

    private void run() throws Exception {
        Topics topics = broker.createTopics(prefix);
        broker.produce(IntStream.range(0, 12 * quota)
                .mapToObj(i -> new ProducerRecord<byte[], byte[]>(
                        topics.posts().name(),
                        i % LocalBroker.PARTITIONS,
                        null,
                        ("{\"text\":\"post number " + i + "\"}").getBytes(UTF_8)))
                .toList());
        List<ServiceProcess> embedders = new ArrayList<>();
        try (GeminiServer gemini = GeminiServer.start("rpm", "" + quota, "latency-ms", latency)) {
            for (int i = 0; i < 3; i++) {
                embedders.add(start(gemini));
            }
            int steady = 2; // in the first windows the group forms
            awaitWindows(gemini, steady + STEADY_MINUTES + 1);
            print("three embedders", gemini, steady, steady + STEADY_MINUTES);
            embedders.remove(0).pullThePlug();
            awaitWindows(gemini, steady + STEADY_MINUTES + 3);
            print("one of them killed", gemini, steady + STEADY_MINUTES, steady + STEADY_MINUTES + 2);
            embedders.add(start(gemini));
            awaitWindows(gemini, steady + STEADY_MINUTES + 6);
            print("and replaced", gemini, steady + STEADY_MINUTES + 2, steady + STEADY_MINUTES + 5);
        } finally {
            embedders.forEach(ServiceProcess::close);
        }
    }

    private ServiceProcess start(GeminiServer gemini) {
        Map<String, String> settings = new HashMap<>(broker.serviceSettings(prefix));
        settings.putAll(Map.of(
                "embedding.provider",
                "gemini",
                "gemini.api.key",
                "test",
                "gemini.base.url",
                gemini.url(),
                "rate.limit.requests.per.minute",
                Integer.toString(quota)));
        return ServiceProcess.start(folder, EmbedderMain.class, settings);
    }

    private static void awaitWindows(GeminiServer gemini, int count) throws InterruptedException {
        while (gemini.report().windows().size() < count) {
            TimeUnit.SECONDS.sleep(1);
        }
    }

    private void print(String title, GeminiServer gemini, int from, int to) {
        GeminiProject.Report report = gemini.report();
        System.out.printf(
                "%s: %s of %d requests a minute used, most in any 60 s %d (%.1f %%), answers 429 so far %d%n",
                title,
                report.windows().subList(from, to).stream()
                        .map(window -> "%d (%.1f %%)".formatted(window.requests(), 100.0 * window.requests() / quota))
                        .toList(),
                quota,
                report.mostRequests(),
                100.0 * report.mostRequests() / quota,
                report.quotaExceeded());
    }
}
