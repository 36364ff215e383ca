package dev.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpEndpointTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final GivenService service = new GivenService();
    private HttpEndpoint endpoint;

    @BeforeEach
    void listen() {
        endpoint = HttpEndpoint.start(config("0"), service::health, registry).orElseThrow();
    }

    @AfterEach
    void close() {
        endpoint.close();
    }

    @Test
    void shouldBeLiveAndReadyWhenTheServiceWorks() throws Exception {
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
        assertThat(get("/health/ready").headers().firstValue("Content-Type")).contains("application/json");
        assertThat(json("/health/ready")).isEqualTo(Map.of("live", true, "ready", true, "reason", ""));
    }

    @Test
    void shouldBeLiveButNotReadyWhenTheServiceWaits() throws Exception {
        service.waitsFor = "the day's \"quota\"";

        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
        assertThat(json("/health/ready"))
                .isEqualTo(Map.of("live", true, "ready", false, "reason", "the day's \"quota\""));
    }

    @Test
    void shouldBeNeitherWhenTheServiceHasFailed() throws Exception {
        service.ended.completeExceptionally(new IllegalStateException("wrong key"));

        assertThat(get("/health/live").statusCode()).isEqualTo(503);
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
        assertThat(json("/health/live"))
                .isEqualTo(Map.of(
                        "live",
                        false,
                        "ready",
                        false,
                        "reason",
                        "stopped by java.lang.IllegalStateException: wrong key"));
    }

    @Test
    void shouldBeNeitherWhenTheServiceIsClosed() throws Exception {
        service.close();

        assertThat(json("/health/live")).isEqualTo(Map.of("live", false, "ready", false, "reason", "closed"));
    }

    @Test
    void shouldPrintWhatIsCountedWhenAskedForMetrics() throws Exception {
        registry.counter("sluice.posts", "kind", "mail").increment(3);

        HttpResponse<String> answer = get("/metrics");

        assertThat(answer.body()).contains("sluice_posts_total{kind=\"mail\"} 3.0");
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
    }

    @Test
    void shouldNameThePathsWhenAskedForAnother() throws Exception {
        for (String path : new String[] {"/", "/health", "/health/liveness", "/metrics/"}) {
            assertThat(get(path).statusCode()).as(path).isEqualTo(404);
            assertThat(get(path).body()).contains("/health/live, /health/ready and /metrics");
        }
    }

    @Test
    void shouldAnswerNothingButGet() throws Exception {
        HttpRequest post = request("/metrics")
                .POST(HttpRequest.BodyPublishers.ofString("x"))
                .build();

        assertThat(CLIENT.send(post, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(405);
    }

    @Test
    void shouldListenOnAnyPortWhenNoneIsSetAndNowhereWhenNoneIsWanted() {
        try (HttpEndpoint any = HttpEndpoint.start(new GivenConfig(Map.of()), service::health, registry)
                .orElseThrow()) {
            assertThat(any.port()).isPositive();
        }
        assertThat(HttpEndpoint.start(config("-1"), service::health, registry)).isEmpty();
    }

    @Test
    void shouldNameTheSettingWhenThePortIsTakenOrImpossible() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String taken = Integer.toString(other.getLocalPort());

            assertThatThrownBy(() -> HttpEndpoint.start(config(taken), service::health, registry))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("http.port")
                    .hasMessageContaining(taken)
                    .hasMessageContaining("choose another");
        }
        assertThatThrownBy(() -> config("65536"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("http.port");
        assertThatThrownBy(() -> config("-2")).isInstanceOf(ConfigException.class);
    }

    private HttpResponse<String> get(String path) throws Exception {
        return CLIENT.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private Map<?, ?> json(String path) throws Exception {
        return new JsonMapper().readValue(get(path).body(), Map.class);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + path));
    }

    private static GivenConfig config(String port) {
        return new GivenConfig(Map.of("http.port", port));
    }
}
