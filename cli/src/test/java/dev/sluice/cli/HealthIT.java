package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.trainer.TrainingListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.EnumSet;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What an orchestrator and Prometheus see of the services. */
class HealthIT {
    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    @Test
    void shouldServeTheHealthAndTheMetricsOfAllServicesWhenAPortIsSet() throws Exception {
        int port = freePort();
        try (LocalPlatform services = start(port)) {
            assertThat(services.health().ready()).isTrue();
            assertThat(get(port, "/health/ready").statusCode()).isEqualTo(200);
            assertThat(get(port, "/metrics").body())
                    .contains("sluice_embedder_")
                    .contains("sluice_trainer_examples 0.0")
                    .contains("sluice_classifier_live_version 0.0");
        }
        assertThatThrownBy(() -> get(port, "/health/live")).isInstanceOf(IOException.class);
    }

    @Test
    void shouldStartNothingWhenThePortIsTaken() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> start(other.getLocalPort()))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("http.port");
        }
    }

    private static LocalPlatform start(int port) {
        Map<String, String> settings = broker.serviceSettings(TestBroker.newPrefix());
        settings.put("http.port", Integer.toString(port));
        return LocalPlatform.start(settings, EnumSet.allOf(LocalPlatform.Service.class), TrainingListener.logging());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static HttpResponse<String> get(int port, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
