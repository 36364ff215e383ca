package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Replication;
import dev.sluice.schemas.TopicCreation;
import dev.sluice.schemas.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What the commit interval and {@code linger.ms} cost: latency from the send of an embedded post to its prediction as a
 * read_committed reader sees it, at 200 posts a second, and posts a second from a backlog. Each round takes all variants in an
 * order of its own, so that what else the machine does meets all alike. Classifier and reader share this JVM, and so does
 * the broker unless there are three.
 *
 * <p>Arguments: rounds; then, if wanted, guarantees, commit intervals and lingers, each separated by commas; then {@code
 * cluster} for three brokers, three replicas and two in sync.
 */
final class CommitBenchmark {
    private static final int BACKLOG = 30_000;
    private static final int POSTS_A_SECOND = 200;
    private static final int TIMED = 600;

    private final HandMadeModels models = new HandMadeModels(384, 384, 20);
    private final TestBroker broker;
    private final String prefix = TestBroker.newPrefix();
    private final Replication replication;
    private final Topics topics;
    private final Path folder;
    private final List<byte[]> posts;
    private final Map<Variant, Figures> figures = new LinkedHashMap<>();

    private record Brokers(TestBroker broker, Replication replication, Runnable more) implements AutoCloseable {
        static Brokers alone() {
            return new Brokers(TestBroker.start(), Replication.OF_BROKER, () -> {});
        }

        static Brokers ofCluster() throws Exception {
            LocalCluster cluster = LocalCluster.start(Files.createTempDirectory("commit-benchmark-cluster"));
            return new Brokers(
                    TestBroker.at(cluster.bootstrapServers()), new Replication((short) 3, (short) 2), cluster::close);
        }

        @Override
        public void close() {
            broker.close();
            more.run();
        }
    }

    private record Variant(String guarantee, int commitInterval, int linger) {}

    private record Figures(List<Double> medians, List<Double> p99s, List<Double> rates) {}

    private CommitBenchmark(TestBroker broker, Replication replication) throws Exception {
        this.broker = broker;
        this.replication = replication;
        this.topics = new Topics(prefix, Topics.DEFAULT_CLASSIFIER, LocalBroker.PARTITIONS);
        TopicCreation.createMissing(broker.admin(), topics, replication);
        this.folder = Files.createTempDirectory("commit-benchmark");
        this.posts = IntStream.range(0, BACKLOG)
                .mapToObj(i -> topics.embeddedPosts().codec().encode(models.post(i)))
                .toList();
    }

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 3;
        String guarantees = arguments.length > 1 ? arguments[1] : "exactly_once_v2,at_least_once";
        String intervals = arguments.length > 2 ? arguments[2] : "10,20,50,100,500";
        String lingers = arguments.length > 3 ? arguments[3] : "0,5,20,100";
        boolean cluster = arguments.length > 4 && arguments[4].equals("cluster");
        try (Brokers brokers = cluster ? Brokers.ofCluster() : Brokers.alone()) {
            CommitBenchmark benchmark = new CommitBenchmark(brokers.broker(), brokers.replication());
            for (String guarantee : guarantees.split(",", -1)) {
                for (String interval : intervals.split(",", -1)) {
                    for (String linger : lingers.split(",", -1)) {
                        benchmark.figures.put(
                                new Variant(guarantee, Integer.parseInt(interval), Integer.parseInt(linger)),
                                new Figures(new ArrayList<>(), new ArrayList<>(), new ArrayList<>()));
                    }
                }
            }
            benchmark.run(rounds);
        }
        System.exit(0); // the JIT's and RocksDB's threads are no reason to wait
    }

    private void run(int rounds) throws Exception {
        broker.produce(IntStream.range(0, BACKLOG).mapToObj(this::record).toList());
        broker.produce(topics.models(), ModelVersions.keyOf("default", 1), models.version(1));
        broker.produce(
                topics.deployments(),
                "default",
                Deployment.newBuilder().setVersion(1).build());
        for (Variant warmUp : List.copyOf(figures.keySet()).subList(0, 2)) {
            measure(warmUp, new Figures(new ArrayList<>(), new ArrayList<>(), new ArrayList<>()));
        }
        Random order = new Random(1);
        for (int round = 0; round < rounds; round++) {
            List<Variant> variants = new ArrayList<>(figures.keySet());
            Collections.shuffle(variants, order);
            for (Variant variant : variants) {
                measure(variant, figures.get(variant));
            }
            print(round + 1);
        }
    }

    private void print(int rounds) {
        System.out.printf("after %d rounds%n", rounds);
        figures.forEach((variant, figure) -> System.out.printf(
                "%s commit %d linger %d: p50 %.1f ms (%s), p99 %.1f ms, %,.0f posts/s (%s)%n",
                variant.guarantee(),
                variant.commitInterval(),
                variant.linger(),
                median(figure.medians()),
                spread(figure.medians()),
                median(figure.p99s()),
                median(figure.rates()),
                spread(figure.rates())));
    }

    /** As many on each partition, so that going back by a number means the same everywhere. */
    private ProducerRecord<byte[], byte[]> record(int post) {
        return new ProducerRecord<>(
                topics.embeddedPosts().name(),
                post % LocalBroker.PARTITIONS,
                ("post-" + post).getBytes(UTF_8),
                posts.get(post));
    }

    private void measure(Variant variant, Figures into) throws Exception {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.put("state.dir", folder.toString());
        settings.put("topic.replication.factor", Short.toString(replication.factor()));
        settings.put("topic.min.insync.replicas", Short.toString(replication.minInsyncReplicas()));
        settings.put("processing.guarantee", variant.guarantee());
        settings.put("commit.interval.ms", Integer.toString(variant.commitInterval()));
        settings.put("producer.linger.ms", Integer.toString(variant.linger()));
        goBack("sluice-classify", BACKLOG);
        goBack("sluice-learn", 0);
        try (Output output = new Output()) {
            CompletableFuture<Double> rate = CompletableFuture.supplyAsync(output::rate);
            ClassifierService service = ClassifierService.start(
                    new ClassifierConfig(settings), Clock.systemUTC(), new SimpleMeterRegistry());
            into.rates().add(rate.join());
            awaitRest();
            List<Double> latencies = output.latencies();
            into.medians().add(latencies.get(latencies.size() / 2));
            into.p99s().add(latencies.get(latencies.size() * 99 / 100));
            service.close();
        }
    }

    /** The group begins so many posts before the end; of predictions, which only learning reads, at the end. */
    private void goBack(String application, int count) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        try (var consumer = consumer()) {
            for (String topic :
                    List.of(topics.embeddedPosts().name(), topics.predictions().name())) {
                consumer.endOffsets(partitions(consumer, topic)).forEach((partition, end) -> {
                    long back = topic.equals(topics.predictions().name()) ? 0 : count / LocalBroker.PARTITIONS;
                    offsets.put(partition, new OffsetAndMetadata(Math.max(0, end - back)));
                });
            }
        }
        broker.admin()
                .alterConsumerGroupOffsets(prefix + application, offsets)
                .all()
                .get();
    }

    /** Until learning, too, has read what there is; transactions leave markers that nobody reads. */
    private void awaitRest() throws Exception {
        try (var consumer = consumer()) {
            Map<TopicPartition, Long> ends = consumer.endOffsets(
                    partitions(consumer, topics.predictions().name()));
            while (true) {
                Map<TopicPartition, OffsetAndMetadata> at = broker.admin()
                        .listConsumerGroupOffsets(prefix + "sluice-learn")
                        .partitionsToOffsetAndMetadata()
                        .get();
                if (ends.entrySet().stream()
                        .allMatch(end -> at.get(end.getKey()).offset() >= end.getValue() - 2)) {
                    return;
                }
                LockSupport.parkNanos(20_000_000);
            }
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrapServers(),
                        "isolation.level",
                        "read_committed",
                        "max.poll.records",
                        5_000),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private static List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer, String topic) {
        return consumer.partitionsFor(topic).stream()
                .map(p -> new TopicPartition(p.topic(), p.partition()))
                .toList();
    }

    /** What is new on the topic of predictions, as its readers see it. */
    private final class Output implements AutoCloseable {
        private final KafkaConsumer<byte[], byte[]> consumer = consumer();

        Output() {
            List<TopicPartition> partitions =
                    partitions(consumer, topics.predictions().name());
            consumer.assign(partitions);
            consumer.endOffsets(partitions).forEach(consumer::seek);
        }

        /** Posts a second between the first tenth and the last, so that starting does not count. */
        double rate() {
            int seen = 0;
            int first = 0;
            long start = 0;
            long end = 0;
            while (seen < BACKLOG) {
                seen += consumer.poll(Duration.ofMillis(100)).count();
                if (start == 0 && seen >= BACKLOG / 10) {
                    start = System.nanoTime();
                    first = seen;
                }
                end = System.nanoTime();
            }
            return (seen - first) / ((end - start) / 1e9);
        }

        /** In ms, the least first. */
        List<Double> latencies() {
            Map<String, Long> sent = new ConcurrentHashMap<>();
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> send(sent));
            List<Double> latencies = new ArrayList<>();
            while (latencies.size() < TIMED) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> {
                    latencies.add((System.nanoTime() - sent.get(new String(record.key(), UTF_8))) / 1e6);
                });
            }
            sending.join();
            Collections.sort(latencies);
            return latencies;
        }

        private void send(Map<String, Long> sent) {
            try (var producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", broker.bootstrapServers(), "linger.ms", 0),
                    new ByteArraySerializer(),
                    new ByteArraySerializer())) {
                long start = System.nanoTime();
                for (int i = 0; i < TIMED; i++) {
                    for (long wait = 1;
                            wait > 0;
                            wait = start + i * 1_000_000_000L / POSTS_A_SECOND - System.nanoTime()) {
                        LockSupport.parkNanos(wait);
                    }
                    ProducerRecord<byte[], byte[]> record = record(i);
                    sent.put(new String(record.key(), UTF_8), System.nanoTime());
                    var unused = producer.send(record);
                }
            }
        }

        @Override
        public void close() {
            consumer.close();
        }
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static String spread(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return String.format("%.1f to %.1f", sorted.get(0), sorted.get(sorted.size() - 1));
    }
}
