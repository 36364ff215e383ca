package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

class LocalBrokerIT {
    @TempDir
    Path folder;

    @Test
    void shouldKeepRecordsWhenRestartedOnTheSameFolderAndPort() throws Exception {
        // given
        String servers;
        try (LocalBroker broker = LocalBroker.start(folder, 0)) {
            servers = broker.bootstrapServers();
            create("kept", servers);
            send(servers, "kept", "before");
        }

        // when
        try (LocalBroker broker = LocalBroker.start(folder, portOf(servers))) {
            send(broker.bootstrapServers(), "kept", "after");

            // then
            assertThat(broker.bootstrapServers()).isEqualTo(servers);
            assertThat(read(servers, "kept", 2)).containsExactly("before", "after");
        }
    }

    @Test
    void shouldStartOnAnotherPortWhenTheFolderIsKept() throws Exception {
        try (LocalBroker broker = LocalBroker.start(folder, 0)) {
            create("kept", broker.bootstrapServers());
            send(broker.bootstrapServers(), "kept", "before");
        }

        try (LocalBroker broker = LocalBroker.start(folder, 0)) {
            assertThat(read(broker.bootstrapServers(), "kept", 1)).containsExactly("before");
        }
    }

    @Test
    void shouldSayWhichPortWhenItIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            assertThatThrownBy(() -> LocalBroker.start(folder, taken.getLocalPort()))
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("port " + taken.getLocalPort() + " is taken")
                    .hasMessageContaining("--port");
        }
        try (LocalBroker broker = LocalBroker.start(folder, 0)) {
            assertThat(broker.ended())
                    .as("the failed start left the folder free")
                    .isNotDone();
        }
    }

    @Test
    void shouldSayWhoHasTheFolderWhenItIsInUse() {
        try (LocalBroker broker = LocalBroker.start(folder, 0)) {
            assertThatThrownBy(() -> LocalBroker.start(folder, 0))
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining(folder.toString())
                    .hasMessageContaining("in use")
                    .hasMessageContaining("process " + ProcessHandle.current().pid())
                    .hasMessageContaining("--data-dir");
            assertThat(broker.ended()).isNotDone();
        }
    }

    @Test
    void shouldSayThatTheFolderIsAFileWhenItIsOne() throws IOException {
        Path file = Files.createFile(folder.resolve("a-file"));

        assertThatThrownBy(() -> LocalBroker.start(file, 0))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("is a file");
    }

    @Test
    void shouldEndNormallyWhenClosed() {
        LocalBroker broker = LocalBroker.start(folder, 0);

        broker.close();

        assertThat(broker.ended()).isCompleted();
        broker.close();
    }

    private static int portOf(String servers) {
        return Integer.parseInt(servers.substring(servers.indexOf(':') + 1));
    }

    private static void create(String topic, String servers) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
    }

    private static void send(String servers, String topic, String value) throws Exception {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", servers), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, value)).get();
        }
    }

    private static List<String> read(String servers, String topic, int count) {
        List<String> values = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", servers, "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            long deadline = System.nanoTime() + TestBroker.PATIENCE.toNanos();
            while (values.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
            }
        }
        return values;
    }
}
