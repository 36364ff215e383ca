package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Vectors;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;

/**
 * Posts a second through the classifier (384-384-20, as the trainer makes it for 20 classes), beside a topology that only
 * copies the same bytes with the same settings, each from a full topic, in turns, without a shadow and with one; and the
 * forward pass alone. Broker,
 * service and reader share this JVM, so only the ratios travel.
 */
final class StreamBenchmark {
    private static final int POSTS = 100_000;
    private static final int ROUNDS = 5;
    private static final List<String> GUARANTEES = List.of("at_least_once", "exactly_once_v2");

    private final HandMadeModels models = new HandMadeModels(384, 384, 20);
    private final TestBroker broker;
    private final String prefix = TestBroker.newPrefix();
    private final Topics topics;

    private StreamBenchmark(TestBroker broker) throws InterruptedException {
        this.broker = broker;
        this.topics = broker.createTopics(prefix);
    }

    public static void main(String[] arguments) throws Exception {
        try (TestBroker broker = TestBroker.start()) {
            new StreamBenchmark(broker).run();
        }
    }

    private void run() throws Exception {
        predictorAlone();
        fill();
        for (String guarantee : GUARANTEES) {
            List<Double> copied = new ArrayList<>();
            List<Double> classified = new ArrayList<>();
            List<Double> shadowed = new ArrayList<>();
            for (int round = 0; round <= ROUNDS; round++) {
                double copying = copy(guarantee, round);
                double classifying = classify(guarantee, "alone" + round);
                event(Deployment.newBuilder().setAction(DeploymentAction.SHADOW).setVersion(2));
                double shadowing = classify(guarantee, "shadowed" + round);
                event(Deployment.newBuilder().setAction(DeploymentAction.END));
                if (round > 0) { // the first one warms up
                    copied.add(copying);
                    classified.add(classifying);
                    shadowed.add(shadowing);
                }
            }
            System.out.printf(
                    "%s: copy %,.0f posts/s %s, classify %,.0f posts/s %s, ratio of the medians %.2f; with a shadow %,.0f posts/s %s,"
                            + " ratio to without %.2f%n",
                    guarantee,
                    median(copied),
                    spread(copied),
                    median(classified),
                    spread(classified),
                    median(classified) / median(copied),
                    median(shadowed),
                    spread(shadowed),
                    median(shadowed) / median(classified));
        }
    }

    private void predictorAlone() {
        Predictor predictor = Predictor.of(models.version(1));
        float[][] vectors = IntStream.range(0, 1_000)
                .mapToObj(i -> Vectors.fromBytes(models.post(i).getEmbedding()))
                .toArray(float[][]::new);
        List<Double> micros = new ArrayList<>();
        float sum = 0;
        for (int round = 0; round < 20; round++) {
            long start = System.nanoTime();
            for (float[] vector : vectors) {
                sum += predictor.predict(vector)[0];
            }
            micros.add((System.nanoTime() - start) / 1e3 / vectors.length);
        }
        System.out.printf(
                "predictor alone: %.1f us a post %s (checksum %.3f)%n",
                median(micros.subList(5, 20)), spread(micros.subList(5, 20)), sum);
    }

    private void fill() {
        int batch = 10_000;
        for (int from = 0; from < POSTS; from += batch) {
            broker.produce(IntStream.range(from, from + batch)
                    .mapToObj(models::post)
                    .map(post -> new ProducerRecord<>(
                            topics.embeddedPosts().name(),
                            post.getPost().getId().orElseThrow().getBytes(UTF_8),
                            topics.embeddedPosts().codec().encode(post)))
                    .toList());
        }
        for (int version = 1; version <= 2; version++) {
            broker.produce(topics.models(), ModelVersions.keyOf("default", version), models.version(version));
        }
        event(Deployment.newBuilder().setVersion(1));
    }

    private void event(Deployment.Builder event) {
        broker.produce(topics.deployments(), "default", event.build());
    }

    /** An application of its own for each round, so that it begins at the beginning. Writes as many bytes as a prediction has. */
    private double copy(String guarantee, int round) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.<byte[], byte[]>stream(topics.embeddedPosts().name())
                .mapValues(value -> Arrays.copyOf(value, 600))
                .to(topics.predictions().name());
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, prefix + "copy-" + guarantee + round);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers());
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, guarantee);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
        settings.put(StreamsConfig.producerPrefix("linger.ms"), 5);
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        try (Output output = new Output()) {
            KafkaStreams streams = new KafkaStreams(builder.build(), settings);
            streams.start();
            double rate = output.rate();
            streams.close(CloseOptions.groupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP)
                    .withTimeout(Duration.ofSeconds(10)));
            return rate;
        }
    }

    private double classify(String guarantee, String round) throws Exception {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.put("processing.guarantee", guarantee);
        settings.put("instance", guarantee + round);
        try (Output output = new Output()) {
            ClassifierService service = ClassifierService.start(
                    new ClassifierConfig(settings), Clock.systemUTC(), new SimpleMeterRegistry());
            broker.readAll(topics.deploymentStatus(), statuses -> statuses.stream()
                    .anyMatch(status -> status.getState() == DeploymentState.SERVING));
            double rate = output.rate();
            service.close();
            broker.admin()
                    .deleteConsumerGroups(List.of(prefix + "sluice-classify", prefix + "sluice-learn"))
                    .all()
                    .get();
            return rate;
        }
    }

    /** Counts what is new on the topic of predictions, as its readers see it. */
    private final class Output implements AutoCloseable {
        private final KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrapServers(),
                        "isolation.level",
                        "read_committed",
                        "max.poll.records",
                        5_000),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());

        Output() {
            List<TopicPartition> partitions = consumer
                    .partitionsFor(topics.predictions().name())
                    .stream()
                    .map(p -> new TopicPartition(p.topic(), p.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToEnd(partitions);
            partitions.forEach(consumer::position);
        }

        /** Posts a second between the first tenth and the last, so that starting and closing do not count. */
        double rate() {
            int seen = 0;
            int counted = 0;
            long start = 0;
            while (seen < POSTS * 9 / 10) {
                int polled = consumer.poll(Duration.ofMillis(100)).count();
                seen += polled;
                if (start != 0) {
                    counted += polled;
                } else if (seen >= POSTS / 10) {
                    start = System.nanoTime();
                }
            }
            return counted / ((System.nanoTime() - start) / 1e9);
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
        return String.format("(%.1f to %.1f)", sorted.get(0), sorted.get(sorted.size() - 1));
    }
}
