package dev.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;

class GroupWatchTest {
    private final Queue<Admin> clients = new ArrayDeque<>();
    private int asked;

    /** As Kafka does while the brokers' names have no addresses. */
    private Admin client() {
        asked++;
        if (clients.isEmpty()) {
            throw new KafkaException("No resolvable bootstrap urls given in bootstrap.servers");
        }
        return clients.remove();
    }

    @Test
    void shouldAskOnWithTheOldClientWhenANewOneCannotBeMade() throws Exception {
        // given
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Admin admin = Admin.create(Map.of(
                        "bootstrap.servers",
                        "127.0.0.1:" + silent.getLocalPort(),
                        "request.timeout.ms",
                        20,
                        "default.api.timeout.ms",
                        20))) {
            clients.add(admin);
            GroupWatch watch = new GroupWatch(
                    "brokers:9092",
                    List.of(new GroupWatch.Group("g", List.of("t"), Optional.empty())),
                    this::client,
                    death -> {});

            // when
            for (int i = 0; i < 6; i++) {
                watch.look();
            }

            // then
            assertThat(asked).isEqualTo(3); // at the start, and after each third look
            assertThat(watch.waitingFor()).get().asString().startsWith("no broker answers at brokers:9092");
            admin.close(Duration.ZERO);
        }
    }
}
