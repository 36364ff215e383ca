package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What a swap costs the posts that flow meanwhile: latency from the send of an embedded post to its prediction, as a
 * read_committed reader sees it, in spells with 20 swaps and in spells without, in turns. And how long it takes from the
 * publication of a version, deployed at once, to the first prediction by it. Broker, service and reader share this JVM.
 */
final class SwapBenchmark implements AutoCloseable {
    private static final int POSTS_A_SECOND = 200;
    private static final int SPELLS = 5;
    private static final Duration SPELL = Duration.ofSeconds(10);
    private static final int SWAPS = 20;

    private final TestBroker broker;
    private final HandMadeModels models;
    private final String prefix = TestBroker.newPrefix();
    private final Topics topics;
    private final KafkaProducer<byte[], byte[]> producer;
    private final AtomicInteger sent = new AtomicInteger();
    private final Map<Long, Long> sentAt = new ConcurrentHashMap<>();
    private final Map<Integer, Long> firstBy = new ConcurrentHashMap<>();
    private final ClassifierService service;
    private final List<CompletableFuture<Void>> works = new ArrayList<>();
    private volatile Queue<Double> latencies = new ConcurrentLinkedQueue<>();
    private volatile boolean ended;

    public static void main(String[] arguments) throws Exception {
        try (TestBroker broker = TestBroker.start()) {
            try (SwapBenchmark swaps = new SwapBenchmark(broker, new HandMadeModels(384, 384, 20))) {
                swaps.latency();
            }
            int repeats = arguments.length == 0 ? 30 : Integer.parseInt(arguments[0]);
            for (int[] shape : new int[][] {{384, 384, 20}, {768, 768, 20}, {768, 5760, 100}}) {
                try (SwapBenchmark swaps =
                        new SwapBenchmark(broker, new HandMadeModels(shape[0], shape[1], shape[2]))) {
                    swaps.publishToFirstPrediction(repeats);
                }
            }
        }
    }

    private SwapBenchmark(TestBroker broker, HandMadeModels models) throws InterruptedException {
        this.broker = broker;
        this.models = models;
        topics = broker.createTopics(prefix);
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "max.request.size", topics.maxModelBytes()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        publish(models.version(1));
        deploy(1);
        service = ClassifierService.start(
                new ClassifierConfig(broker.serviceSettings(prefix)), Clock.systemUTC(), new SimpleMeterRegistry());
        broker.readAll(topics.deploymentStatus(), statuses -> statuses.stream()
                .anyMatch(status -> status.getState() == DeploymentState.SERVING));
        start(this::read);
        start(this::send);
    }

    private void start(Runnable work) {
        works.add(CompletableFuture.runAsync(work, thread -> new Thread(thread).start()));
    }

    private void send() {
        long start = System.nanoTime();
        for (int i = 0; !ended; i++) {
            LockSupport.parkNanos(start + i * 1_000_000_000L / POSTS_A_SECOND - System.nanoTime());
            EmbeddedPost post = models.post(sent.getAndIncrement());
            byte[] value = topics.embeddedPosts().codec().encode(post);
            sentAt.put(post.getSource().getOffset(), System.nanoTime());
            var unused = producer.send(new ProducerRecord<>(
                    topics.embeddedPosts().name(),
                    post.getPost().getId().orElseThrow().getBytes(UTF_8),
                    value));
        }
    }

    private void read() {
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(consumer.partitionsFor(topics.predictions().name()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList());
            consumer.seekToBeginning(consumer.assignment());
            while (!ended) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> {
                    long now = System.nanoTime();
                    Prediction prediction = topics.predictions().codec().decode(record.value());
                    latencies.add((now - sentAt.remove(prediction.getSource().getOffset())) / 1e6);
                    prediction.getModelVersion().ifPresent(version -> firstBy.putIfAbsent(version, now));
                });
            }
        }
    }

    private void publish(ModelVersion version) {
        broker.produce(topics.models(), ModelVersions.keyOf("default", version.getVersion()), version);
    }

    private void deploy(int version) {
        broker.produce(
                topics.deployments(),
                "default",
                Deployment.newBuilder().setVersion(version).build());
    }

    private void latency() {
        for (int version = 2; version <= SWAPS; version++) {
            publish(models.version(version));
        }
        spell(SWAPS); // warms up
        List<Double> without = new ArrayList<>();
        List<Double> with = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < SPELLS; round++) {
            List<Double> quiet = spell(0);
            List<Double> swapped = spell(SWAPS);
            without.add(quantile(quiet, 0.99));
            with.add(quantile(swapped, 0.99));
            ratios.add(with.get(round) / without.get(round));
            System.out.printf(
                    "p50 %.0f ms without, %.0f ms with; p99 %.0f, %.0f; most %.0f, %.0f%n",
                    quantile(quiet, 0.5),
                    quantile(swapped, 0.5),
                    without.get(round),
                    with.get(round),
                    quantile(quiet, 1),
                    quantile(swapped, 1));
        }
        System.out.printf(
                "p99 in %d swaps: %.0f ms, without: %.0f ms (medians of %d spells); ratio %.2f (%.2f to %.2f)%n",
                SWAPS,
                quantile(with, 0.5),
                quantile(without, 0.5),
                SPELLS,
                quantile(ratios, 0.5),
                quantile(ratios, 0),
                quantile(ratios, 1));
    }

    /** Latencies in ms of what was answered within a spell with so many swaps, evenly spread. */
    private List<Double> spell(int swaps) {
        Queue<Double> taken = new ConcurrentLinkedQueue<>();
        latencies = taken;
        long start = System.nanoTime();
        for (int i = 1; i <= swaps; i++) {
            deploy(1 + i % SWAPS);
            LockSupport.parkNanos(start + i * SPELL.toNanos() / swaps - System.nanoTime());
        }
        while (System.nanoTime() < start + SPELL.toNanos()) {
            LockSupport.parkNanos(start + SPELL.toNanos() - System.nanoTime());
        }
        latencies = new ConcurrentLinkedQueue<>();
        return List.copyOf(taken);
    }

    private void publishToFirstPrediction(int repeats) {
        List<Double> times = new ArrayList<>();
        int bytes = 0;
        for (int version = 2; version < 2 + repeats; version++) {
            ModelVersion next = models.version(version);
            bytes = topics.models().codec().encode(next).length;
            long start = System.nanoTime();
            publish(next);
            deploy(version);
            while (!firstBy.containsKey(version)) {
                LockSupport.parkNanos(100_000);
            }
            times.add((firstBy.get(version) - start) / 1e6);
        }
        System.out.printf(
                "publish to first prediction, %.1f MB, %d times: p50 %.0f ms, p99 %.0f ms (%.0f to %.0f)%n",
                bytes / 1e6,
                repeats,
                quantile(times, 0.5),
                quantile(times, 0.99),
                quantile(times, 0),
                quantile(times, 1));
    }

    private static double quantile(List<Double> values, double share) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get((int) Math.min(sorted.size() - 1, Math.floor(share * sorted.size())));
    }

    @Override
    public void close() {
        ended = true;
        works.forEach(CompletableFuture::join);
        producer.close();
        service.close();
    }
}
