package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.classifier.ClassifierMain;
import dev.sluice.embedder.EmbedderMain;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.Topics;
import dev.sluice.trainer.TrainerMain;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many short texts through the whole local route, each service a process of its own with a small heap: first as many as it takes,
 * then at half that pace. Minutes to an hour, so only with {@code -Plong} (or {@code -Dload.posts=10000}).
 */
class LoadIT {
    private static final int POSTS = Integer.getInteger("sluice.load.posts", 0);

    /** Of these, one says its label. */
    private static final int LABELLED_EVERY = 4;

    private static final List<String> JVM = List.of("-Xmx512m", "-XX:+UseSerialGC");
    private static final long BETWEEN_LOOKS = TimeUnit.SECONDS.toNanos(5);
    private static final double GROWTH = 1.1;
    private static final double NOISE_MB = 12;

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    private final String prefix = TestBroker.newPrefix();
    private final long[] sentAt = new long[POSTS];
    private final long[] embeddedAt = new long[POSTS];
    private final long[] classifiedAt = new long[POSTS];
    private final long[] seenAt = new long[POSTS];
    private final BitSet answered = new BitSet();
    private int repeated;
    private long nextLook = System.nanoTime();

    @TempDir
    Path folder;

    @BeforeEach
    void onlyIfAsked() {
        assumeTrue(POSTS > 0, "takes long: -Plong, or -Dload.posts=10000");
    }

    private ServiceProcess start(Class<?> main, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(broker.serviceSettings(prefix));
        settings.putAll(more);
        return ServiceProcess.start(folder, main, settings, JVM);
    }

    @Test
    void shouldPredictEachPostOnceWithoutGrowingWhenThereAreMany() throws Exception {
        Topics topics = broker.createTopics(prefix);
        try (ServiceProcess embedder = start(EmbedderMain.class, Map.of());
                ServiceProcess trainer = start(
                        TrainerMain.class,
                        Map.of(
                                "training.retrain.after.examples",
                                Integer.toString(Math.max(500, POSTS / 20)),
                                "epochs",
                                "3"));
                ServiceProcess classifier = start(
                        ClassifierMain.class,
                        Map.of("state.dir", folder.resolve("state").toString()));
                KafkaProducer<byte[], byte[]> producer = producer();
                KafkaConsumer<byte[], byte[]> reader = reader(topics)) {
            List<HeapWatch> watches = List.of(
                    new HeapWatch("embedder", embedder.pid()),
                    new HeapWatch("trainer", trainer.pid()),
                    new HeapWatch("classifier", classifier.pid()));
            int fast = POSTS * 3 / 4;
            for (int i = 0; i < fast; i++) {
                send(producer, topics, i);
            }
            readUntil(fast, topics, reader, watches);
            double perSecond = rate(fast / 10, fast);
            double paced = perSecond / 2;
            System.out.printf(Locale.ROOT, "%d posts at once: %.1f a second%n", fast, perSecond);

            long start = System.nanoTime();
            for (int i = fast; i < POSTS; i++) {
                while (System.nanoTime() < start + (long) ((i - fast) / paced * 1e9)) {
                    read(topics, reader, Duration.ofMillis(5));
                    look(watches);
                }
                send(producer, topics, i);
            }
            readUntil(POSTS, topics, reader, watches);

            System.out.printf(Locale.ROOT, "%d posts at %.1f a second:%n", POSTS - fast, paced);
            tell("posted -> embedded", fast, i -> embeddedAt[i] - sentAt[i]);
            tell("embedded -> classified", fast, i -> classifiedAt[i] - embeddedAt[i]);
            tell("posted -> read as committed", fast, i -> seenAt[i] - sentAt[i]);
            watches.forEach(System.out::println);
            assertThat(answered.cardinality()).isEqualTo(POSTS);
            assertThat(repeated).as("predicted twice").isZero();
            assertThat(broker.readToEnd(Topics.deadLetterOf(topics.posts().name())))
                    .isEmpty();
            assertThat(broker.readToEnd(
                            Topics.deadLetterOf(topics.embeddedPosts().name())))
                    .isEmpty();
            assertThat(broker.readToEnd(topics.models().name())).as("versions").isNotEmpty();
            for (HeapWatch watch : watches) {
                assertThat(watch.median(3)).as(watch.toString()).isLessThan(watch.median(1) * GROWTH + NOISE_MB);
            }
            for (ServiceProcess service : List.of(embedder, trainer, classifier)) {
                assertThat(service.isAlive()).as(service.log()).isTrue();
            }
        }
    }

    private static KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "acks", "all"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static KafkaConsumer<byte[], byte[]> reader(Topics topics) {
        KafkaConsumer<byte[], byte[]> reader = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrapServers(),
                        "isolation.level",
                        "read_committed",
                        "enable.auto.commit",
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = reader
                .partitionsFor(topics.predictions().name())
                .stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        reader.assign(partitions);
        reader.seekToBeginning(partitions);
        return reader;
    }

    private void send(KafkaProducer<byte[], byte[]> producer, Topics topics, int i) {
        String label = i % LABELLED_EVERY == i / LABELLED_EVERY % LABELLED_EVERY
                ? ",\"label\":\"" + ShortTexts.labelOf(i) + "\""
                : "";
        String value = "{\"id\":\"" + i + "\",\"text\":\"" + ShortTexts.of(i) + "\"" + label + "}";
        sentAt[i] = System.currentTimeMillis();
        var unused = producer.send(new ProducerRecord<>(
                topics.posts().name(), null, Integer.toString(i).getBytes(UTF_8), value.getBytes(UTF_8)));
    }

    private void readUntil(int posts, Topics topics, KafkaConsumer<byte[], byte[]> reader, List<HeapWatch> watches)
            throws Exception {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        while (answered.cardinality() < posts) {
            int before = answered.cardinality();
            read(topics, reader, Duration.ofMillis(100));
            look(watches);
            if (answered.cardinality() > before) {
                deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
            }
            assertThat(System.nanoTime())
                    .as("nothing comes after %d posts", before)
                    .isLessThan(deadline);
        }
    }

    private void read(Topics topics, KafkaConsumer<byte[], byte[]> reader, Duration patience) {
        reader.poll(patience).forEach(record -> {
            Prediction prediction = topics.predictions().codec().decode(record.value());
            int post = Integer.parseInt(prediction.getPostId());
            repeated += answered.get(post) ? 1 : 0;
            answered.set(post);
            embeddedAt[post] = prediction.getEmbeddedAt().toEpochMilli();
            classifiedAt[post] = prediction.getClassifiedAt().toEpochMilli();
            seenAt[post] = System.currentTimeMillis();
        });
    }

    private void look(List<HeapWatch> watches) throws Exception {
        if (!answered.isEmpty() && System.nanoTime() > nextLook) { // else they may be starting
            for (HeapWatch watch : watches) {
                watch.look();
            }
            nextLook = System.nanoTime() + BETWEEN_LOOKS;
        }
    }

    /** Predictions a second, from this many on: before that all grows warm. */
    private double rate(int from, int to) {
        long[] sorted = Arrays.copyOf(classifiedAt, to);
        Arrays.sort(sorted);
        return (to - from) * 1000.0 / Math.max(1, sorted[to - 1] - sorted[from]);
    }

    private void tell(String what, int from, ToLongFunction<Integer> latency) {
        List<Long> sorted = new ArrayList<>();
        for (int i = from; i < POSTS; i++) {
            sorted.add(latency.applyAsLong(i));
        }
        sorted.sort(null);
        System.out.printf(
                "  %s: p50 %d ms, p95 %d ms, p99 %d ms, most %d ms%n",
                what, at(sorted, 0.5), at(sorted, 0.95), at(sorted, 0.99), sorted.get(sorted.size() - 1));
    }

    private static long at(List<Long> sorted, double share) {
        return sorted.get((int) (share * (sorted.size() - 1)));
    }
}
