package dev.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;

class ServiceMainTest {
    private final GivenService service = new GivenService();

    @Test
    void shouldEndWithZeroWhenTheServiceIsClosed() throws Exception {
        service.close();

        assertThat(run(Map.of(), (config, registry) -> service)).isZero();
    }

    @Test
    void shouldEndWithOneWhenTheServiceFailsOrDoesNotStart() throws Exception {
        service.ended.completeExceptionally(new IllegalStateException("it broke"));

        assertThat(run(Map.of(), (config, registry) -> service)).isEqualTo(1);
        assertThat(run(Map.of(), (config, registry) -> {
                    throw new IllegalStateException("no broker");
                }))
                .isEqualTo(1);
    }

    @Test
    void shouldEndWithOneWhenAThreadThatNobodyLooksAfterDiesOfAnErrorAndNotOfAnException() throws Exception {
        int code = run(Map.of(), (config, registry) -> {
            die(() -> {
                throw new IllegalStateException("a task's own affair");
            });
            assertThat(service.ended).isNotDone();
            die(() -> {
                throw new OutOfMemoryError("planted");
            });
            return service;
        });

        assertThat(code).isEqualTo(1);
        assertThat(service.ended).isNotDone();
    }

    @Test
    void shouldEndWithOneWhenTheStartDiesOfAnError() throws Exception {
        assertThat(run(Map.of(), (config, registry) -> {
                    throw new NoClassDefFoundError("planted");
                }))
                .isEqualTo(1);
    }

    private static void die(Runnable death) {
        Thread thread = new Thread(death, "dying");
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldEndWithTwoWhenASettingIsWrongOrThePortIsTaken() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String taken = Integer.toString(other.getLocalPort());

            assertThat(run(Map.of("http.prt", "1"), (config, registry) -> service))
                    .isEqualTo(2);
            assertThat(run(Map.of("http.port", taken), (config, registry) -> service))
                    .isEqualTo(2);
            assertThat(run(Map.of(), (config, registry) -> {
                        throw new ConfigException("too late, and yet");
                    }))
                    .isEqualTo(2);
        }
    }

    @Test
    void shouldServeHealthAndMetricsWhileTheServiceStartsAndNotAfterItsEnd() throws Exception {
        String port = freePort();
        String[] seen = new String[2];

        int code = run(Map.of("http.port", port), (config, registry) -> {
            registry.counter("started").increment();
            seen[0] = body(port, "/health/live");
            seen[1] = body(port, "/metrics");
            service.close();
            return service;
        });

        assertThat(code).isZero();
        assertThat(seen[0]).contains("\"live\":true").contains("the probe is starting");
        assertThat(seen[1]).contains("started_total 1.0");
        new ServerSocket(Integer.parseInt(port), 1, InetAddress.getLoopbackAddress()).close(); // free again
    }

    private int run(Map<String, String> settings, BiFunction<GivenConfig, MeterRegistry, RunningService> start)
            throws InterruptedException {
        return ServiceMain.run("probe", () -> new GivenConfig(settings), start);
    }

    private static String freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return Integer.toString(socket.getLocalPort());
        }
    }

    private static String body(String port, String path) {
        try (InputStream in =
                URI.create("http://127.0.0.1:" + port + path).toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
