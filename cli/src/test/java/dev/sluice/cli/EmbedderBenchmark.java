package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.embedder.EmbedderConfig;
import dev.sluice.embedder.EmbedderService;
import dev.sluice.schemas.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Posts a second through the embedder against a stand-in for the Gemini API that takes 200 ms for a call and has no quota:
 * in batches with several calls in flight, as Sluice does it, and one call for each post, one after the other, as a client
 * does that maps a function over a stream. In turns, in one run; broker, server and embedder share this machine.
 */
final class EmbedderBenchmark {
    private static final int ROUNDS = 5;
    private static final int BATCHED_POSTS = 10_000;
    private static final int SINGLE_POSTS = 100;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final TestBroker broker;

    private EmbedderBenchmark(TestBroker broker) {
        this.broker = broker;
    }

    public static void main(String[] arguments) throws Exception {
        try (TestBroker broker = TestBroker.start()) {
            new EmbedderBenchmark(broker).run();
        }
    }

    private void run() throws Exception {
        List<Double> batched = new ArrayList<>();
        List<Double> oneThread = new ArrayList<>();
        List<Double> single = new ArrayList<>();
        for (int round = 0; round <= ROUNDS; round++) {
            double[] rates = {
                postsPerSecond(BATCHED_POSTS, "100", "8"),
                postsPerSecond(BATCHED_POSTS / 10, "100", "1"),
                postsPerSecond(SINGLE_POSTS, "1", "1")
            };
            if (round > 0) { // the first one warms up
                batched.add(rates[0]);
                oneThread.add(rates[1]);
                single.add(rates[2]);
            }
            System.out.printf("round %d: %,.0f | %,.0f | %.2f posts/s%n", round, rates[0], rates[1], rates[2]);
        }
        System.out.printf(
                "batches of 100, 8 calls in flight: %,.0f posts/s; 1 call in flight: %,.0f; one call a post: %.2f."
                        + " Ratios of the medians %.0f and %.0f; the latency's limits are 4,000, 500 and 5%n",
                median(batched),
                median(oneThread),
                median(single),
                median(batched) / median(single),
                median(oneThread) / median(single));
    }

    private double postsPerSecond(int posts, String textsPerCall, String calls) throws Exception {
        String prefix = TestBroker.newPrefix();
        Topics topics = broker.createTopics(prefix);
        broker.produce(IntStream.range(0, posts)
                .mapToObj(i -> new ProducerRecord<byte[], byte[]>(
                        topics.posts().name(),
                        i % LocalBroker.PARTITIONS,
                        null,
                        ("{\"text\":\"" + ("post number " + i + " and so on ").repeat(20) + "\"}").getBytes(UTF_8)))
                .toList());
        Map<String, String> settings = broker.serviceSettings(prefix);
        try (GeminiServer gemini = GeminiServer.start("latency-ms", "200");
                SourceCount count = new SourceCount(broker.bootstrapServers(), topics)) {
            settings.putAll(Map.of(
                    "embedding.provider",
                    "gemini",
                    "gemini.api.key",
                    "test",
                    "gemini.base.url",
                    gemini.url(),
                    "batch.max.texts",
                    textsPerCall,
                    "max.in.flight.calls",
                    calls));
            try (EmbedderService service =
                    EmbedderService.start(new EmbedderConfig(settings), Clock.systemUTC(), new SimpleMeterRegistry())) {
                int first = posts / 10; // until all is under way
                count.await(PATIENCE, () -> count.embedded() >= first);
                int before = count.embedded();
                long begin = System.nanoTime();
                count.await(PATIENCE, () -> count.embedded() >= posts);
                double seconds = (System.nanoTime() - begin) / 1e9;
                if (service.ended().isDone()) {
                    throw new IllegalStateException("the embedder has stopped");
                }
                return (posts - before) / seconds;
            }
        }
    }

    private static double median(List<Double> values) {
        return values.stream().sorted(Comparator.naturalOrder()).toList().get(values.size() / 2);
    }
}
