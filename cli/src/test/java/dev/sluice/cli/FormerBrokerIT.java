package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker's process is killed while a writer has a transaction open. */
class FormerBrokerIT {
    private static final String TOPIC = "outputs";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

    @TempDir
    Path folder;

    /** KAFKA-20734: without {@link FormerBroker} both are read. */
    @Test
    void shouldUndoAnOpenTransactionWhenTheOnlyBrokerIsKilledAndStartedAgain() throws Exception {
        List<Integer> ports = Ports.free(2);
        String servers = "127.0.0.1:" + ports.get(1);
        Map<String, String> settings =
                ChaosBroker.settings(folder.resolve("broker"), ports.get(0), ports.get(1), ports.get(0));

        // given
        try (ServiceProcess broker = ServiceProcess.start(folder, ChaosBroker.class, settings)) {
            broker.awaitLine(ChaosBroker.READY);
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
                admin.createTopics(Set.of(new NewTopic(TOPIC, 1, (short) 1)))
                        .all()
                        .get();
            }
            KafkaProducer<String, String> writer = writer(servers);
            writer.initTransactions();
            writer.beginTransaction();
            writer.send(new ProducerRecord<>(TOPIC, "never committed")).get();

            // when
            broker.pullThePlug();
            writer.close(Duration.ZERO);
        }
        try (ServiceProcess broker = ServiceProcess.start(folder, ChaosBroker.class, settings)) {
            broker.awaitLine(ChaosBroker.READY);
            try (KafkaProducer<String, String> writer = writer(servers)) {
                writer.initTransactions();
                writer.beginTransaction();
                writer.send(new ProducerRecord<>(TOPIC, "committed")).get();
                writer.commitTransaction();
            }

            // then
            assertThat(committed(servers)).containsExactly("committed");
        }
    }

    private static KafkaProducer<String, String> writer(String servers) {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        servers,
                        "transactional.id",
                        "writer",
                        // so that it has passed when the broker is back
                        "transaction.timeout.ms",
                        1_000),
                new StringSerializer(),
                new StringSerializer());
    }

    /** All there is when no transaction is open any more. */
    private static List<String> committed(String servers) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> reader = new KafkaConsumer<>(
                Map.of("bootstrap.servers", servers, "isolation.level", "read_committed"),
                new StringDeserializer(),
                new StringDeserializer())) {
            reader.assign(Set.of(PARTITION));
            reader.seekToBeginning(Set.of(PARTITION));
            long deadline = System.nanoTime() + TestBroker.PATIENCE.toNanos();
            while (!values.contains("committed")) {
                assertThat(System.nanoTime()).as("read %s", values).isLessThan(deadline);
                reader.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
            }
        }
        return values;
    }
}
