package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The only broker, a process of its own, is killed or stopped while writers have transactions open. KAFKA-20734: were a
 * partition ever without a leader while the broker runs, transactions would be left half done.
 */
class FormerBrokerIT {
    private static final String TOPIC = "outputs";
    private static final int PARTITIONS = 4;
    private static final int WRITERS = 6;
    private static final int PATIENT = 30_000;

    private final AtomicBoolean enough = new AtomicBoolean();

    @TempDir
    Path folder;

    private String servers;
    private Map<String, String> settings;

    @BeforeEach
    void choosePorts() {
        List<Integer> ports = Ports.free(2);
        servers = "127.0.0.1:" + ports.get(1);
        settings = ChaosBroker.settings(folder.resolve("broker"), ports.get(0), ports.get(1), ports.get(0));
    }

    private ServiceProcess start() throws InterruptedException {
        ServiceProcess broker = ServiceProcess.start(folder, ChaosBroker.class, settings);
        broker.awaitLine(ChaosBroker.READY);
        return broker;
    }

    private void createTopic() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin.createTopics(Set.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                    .all()
                    .get();
        }
    }

    /** @param patienceMillis with a broker that does not answer */
    private KafkaProducer<String, String> writer(String name, int timeoutMillis, int patienceMillis) {
        KafkaProducer<String, String> writer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers", servers,
                        "transactional.id", name,
                        "transaction.timeout.ms", timeoutMillis,
                        "max.block.ms", patienceMillis),
                new StringSerializer(),
                new StringSerializer());
        writer.initTransactions();
        return writer;
    }

    private static void writeToAll(KafkaProducer<String, String> writer, String value) {
        writer.beginTransaction();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            var unused = writer.send(new ProducerRecord<>(TOPIC, partition, null, value));
        }
        writer.commitTransaction();
    }

    /** All of each partition up to its last record, each value as often as it is there. */
    private List<List<String>> committed(String last) {
        List<List<String>> values = new ArrayList<>();
        try (KafkaConsumer<String, String> reader = new KafkaConsumer<>(
                Map.of("bootstrap.servers", servers, "isolation.level", "read_committed"),
                new StringDeserializer(),
                new StringDeserializer())) {
            List<TopicPartition> partitions = IntStream.range(0, PARTITIONS)
                    .mapToObj(partition -> new TopicPartition(TOPIC, partition))
                    .toList();
            partitions.forEach(partition -> values.add(new ArrayList<>()));
            reader.assign(partitions);
            reader.seekToBeginning(partitions);
            long deadline = System.nanoTime() + TestBroker.PATIENCE.toNanos();
            while (!values.stream().allMatch(it -> it.contains(last))) {
                assertThat(System.nanoTime())
                        .as("a transaction that never ends holds up a partition: read %s", values)
                        .isLessThan(deadline);
                reader.poll(Duration.ofMillis(100))
                        .forEach(record -> values.get(record.partition()).add(record.value()));
            }
        }
        return values;
    }

    @Test
    void shouldUndoAnOpenTransactionWhenTheBrokerIsKilledAndStartedAgain() throws Exception {
        // given
        try (ServiceProcess broker = start()) {
            createTopic();
            KafkaProducer<String, String> writer =
                    writer("writer", 1_000, PATIENT); // it has passed when the broker is back
            writer.beginTransaction();
            writer.send(new ProducerRecord<>(TOPIC, 0, null, "never committed")).get();

            // when
            broker.pullThePlug();
            writer.close(Duration.ZERO);
        }
        try (ServiceProcess broker = start();
                KafkaProducer<String, String> writer = writer("writer", 30_000, PATIENT)) {
            writeToAll(writer, "committed");

            // then
            assertThat(committed("committed").get(0)).containsExactly("committed");
            assertThat(broker.isAlive()).isTrue();
        }
    }

    /** Many transactions end in every moment, so some end in the one in which a broker would lay its leadership down. */
    @Test
    void shouldEndEveryTransactionWhenTheBrokerIsStoppedAndStartedAgain() throws Exception {
        Set<String> written = ConcurrentHashMap.newKeySet();
        try (ServiceProcess broker = start()) {
            createTopic();
            List<CompletableFuture<Void>> writers = writeOnAndOn(written, 2_000);
            awaitSize(written, 20 * WRITERS);

            broker.terminate();
            writers.forEach(CompletableFuture::join);
        } finally {
            enough.set(true);
        }
        try (ServiceProcess broker = start()) {
            assertEachIsThereOnce(written);
            assertThat(broker.isAlive()).isTrue();
        }
    }

    /** Until it is enough, or until the broker has not answered for so long. */
    private List<CompletableFuture<Void>> writeOnAndOn(Set<String> written, int patienceMillis) {
        return IntStream.range(0, WRITERS)
                .mapToObj(number -> CompletableFuture.runAsync(
                        () -> write("writer-" + number, patienceMillis, written),
                        task -> new Thread(task, "writer-" + number).start()))
                .toList();
    }

    /** @param written takes what is committed for sure */
    private void write(String name, int patienceMillis, Set<String> written) {
        KafkaProducer<String, String> writer = writer(name, 30_000, patienceMillis);
        try {
            for (int i = 0; !enough.get(); i++) {
                writeToAll(writer, name + " " + i);
                written.add(name + " " + i);
            }
        } catch (KafkaException e) {
            // what has become of the last one is not known
        } finally {
            writer.close(Duration.ZERO);
        }
    }

    private static void awaitSize(Set<String> written, int size) {
        long deadline = System.nanoTime() + TestBroker.PATIENCE.toNanos();
        while (written.size() < size) {
            assertThat(System.nanoTime())
                    .as("%s of %s written", written.size(), size)
                    .isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private void assertEachIsThereOnce(Set<String> written) {
        for (int number = 0; number < WRITERS; number++) {
            writer("writer-" + number, 30_000, PATIENT).close(); // ends what it left open
        }
        try (KafkaProducer<String, String> writer = writer("last", 30_000, PATIENT)) {
            writeToAll(writer, "the last");
        }
        for (List<String> values : committed("the last")) {
            assertThat(values).doesNotHaveDuplicates();
            Set<String> missing = new HashSet<>(written);
            values.forEach(missing::remove);
            assertThat(missing).isEqualTo(Collections.emptySet());
        }
    }
}
