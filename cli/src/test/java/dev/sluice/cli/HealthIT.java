package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierMain;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.embedder.EmbedderConfig;
import dev.sluice.embedder.EmbedderMain;
import dev.sluice.embedder.EmbedderService;
import dev.sluice.runtime.RunningService;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Topics;
import dev.sluice.trainer.TrainerConfig;
import dev.sluice.trainer.TrainerMain;
import dev.sluice.trainer.TrainerService;
import dev.sluice.trainer.TrainingListener;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an orchestrator and Prometheus see of the services. */
class HealthIT {
    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    @TempDir
    private Path folder;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void shouldServeTheHealthAndTheMetricsOfAllServicesWhenAPortIsSet() throws Exception {
        int port = Ports.free();
        Probe probe = Probe.at(port);
        Map<String, String> settings = settings();
        Topics topics = broker.createTopics(settings.get("topic.prefix"));
        try (LocalPlatform services = start(settings, port)) {
            probe.awaitReady(true, "");
            assertThat(services.health().ready()).isTrue();

            // when
            broker.produce(
                    topics.posts(), null, Post.newBuilder().setText("a post").build());
            broker.produce(topics.posts().name(), null, new byte[] {1, 2, 3});
            broker.readAtLeast(topics.predictions(), 1);

            // then
            assertThat(probe.value("sluice_embedder_received_total")).isEqualTo(2);
            Eventually.isTrue(
                    () -> probe.value("sluice_embedder_posts_total") == 1
                            && probe.value("sluice_embedder_dead_letters_total") == 1
                            && probe.value("sluice_embedder_latency_seconds_bucket{le=\"+Inf\"") == 1
                            && probe.value("sluice_classifier_received_total") == 1
                            && probe.value("sluice_classifier_latency_seconds_count{since=\"posted\"") == 1
                            && probe.value("sluice_classifier_latency_seconds_count{since=\"embedded\"") == 1,
                    () -> String.join("\n", probe.samples("sluice_")));
            assertThat(probe.samples("sluice_embedder_latency_seconds_bucket")).hasSize(17);
            assertThat(probe.value("sluice_classifier_live_version")).isZero();
            assertThat(probe.value("sluice_trainer_examples")).isZero();
            assertThat(probe.value("sluice_trainer_unread")).isZero();
            Eventually.isTrue(() -> probe.value("sluice_embedder_lag{") == 0, () -> probe.samples("sluice_embedder_lag")
                    .toString());
            assertThat(probe.samples("sluice_classifier_lag{")).hasSize(6);
            assertThat(probe.samples("jvm_memory_used_bytes")).isNotEmpty();
            for (String role : List.of("sluice-embedder", "-requests-", "-vectors-", "-models-", "StreamThread-1")) {
                assertThat(probe.samples("kafka_consumer_connection_count"))
                        .as(role)
                        .anySatisfy(line -> assertThat(line).contains(role));
            }
            assertThat(probe.samples("kafka_producer_connection_count")).hasSizeGreaterThan(3);
            assertThat(probe.samples("kafka_stream_thread_process_total")).hasSizeGreaterThan(1);
            assertThat(probe.get("/metrics").body().lines().count()).isLessThan(6_000);
            assertThat(documented()).containsAll(registered(probe));
        }
        assertThatThrownBy(() -> probe.get("/health/live")).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void shouldStartNothingWhenThePortIsTaken() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> start(settings(), other.getLocalPort()))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("http.port");
        }
    }

    @Test
    @SuppressWarnings("try") // the services are closed early, while there is a broker
    void shouldNotBeReadyWhileNoBrokerAnswersAndBeReadyAgainAfterwards() throws Exception {
        int port = Ports.free();
        Probe probe = Probe.at(port);
        Path data = folder.resolve("broker");
        Map<String, String> settings = settings();
        LocalBroker first = LocalBroker.start(data, 0);
        settings.put("bootstrap.servers", first.bootstrapServers());
        int brokerPort = Integer.parseInt(first.bootstrapServers().replaceAll(".*:", ""));
        try (first;
                LocalPlatform services = start(settings, port)) {
            probe.awaitReady(true, "");

            // when
            first.close();

            // then
            probe.awaitReady(false, "no broker answers at " + first.bootstrapServers());
            assertThat(probe.get("/health/live").statusCode()).isEqualTo(200);
            Eventually.isTrue(() -> Double.isNaN(probe.value("sluice_embedder_lag{")), () -> "a lag is shown");

            try (LocalBroker again = LocalBroker.start(data, brokerPort)) {
                probe.awaitReady(true, "");
                assertThat(services.ended()).isNotDone();
                services.close();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "EMBEDDER, sluice-embedder",
        "EMBEDDER, sluice-reembed",
        "EMBEDDER, sluice-group-watch",
        "TRAINER, trainer",
        "CLASSIFIER, *-GlobalStreamThread",
        "CLASSIFIER, *-StreamThread-1"
    })
    void shouldNotBeLiveWhenAThreadHasDied(LocalPlatform.Service service, String thread) throws Exception {
        try (GeminiServer gemini = GeminiServer.start();
                RunningService running = startAlone(service, gemini)) {
            Eventually.isTrue(
                    () -> running.health().ready(), () -> running.health().reason());

            DyingService.kill(thread);

            Eventually.isTrue(
                    () -> !running.health().live(), () -> running.health().toString());
            assertThat(running.ended()).isCompletedExceptionally();
        }
        assertThat(registry.getMeters()).extracting(Meter::getId).isEmpty();
    }

    @Test
    void shouldEndTheProcessWithOneWhenAThreadHasDied() throws Exception {
        List<ServiceProcess> dying = new ArrayList<>();
        try {
            dying.add(startDying(EmbedderMain.class, "sluice-embedder"));
            dying.add(startDying(TrainerMain.class, "trainer"));
            dying.add(startDying(ClassifierMain.class, "*-StreamThread-1"));

            for (ServiceProcess service : dying) {
                assertThat(service.awaitExit()).as(service.log()).isEqualTo(1);
                assertThat(service.log()).contains("the test kills").contains("stops: ");
            }
        } finally {
            dying.forEach(ServiceProcess::close);
        }
    }

    /** What Prometheus calls the families of ours, without what it adds to their names. */
    private static Set<String> registered(Probe probe) {
        return probe.samples("# TYPE sluice_").stream()
                .map(line ->
                        line.split(" ", -1)[2].replaceAll("_total$|_max$", "").replaceAll("_seconds$", ""))
                .map(name -> name.equals("sluice_embedder_quota_returns") ? name + "_seconds" : name)
                .collect(Collectors.toSet());
    }

    /** What the READMEs say there is. */
    private static Set<String> documented() throws IOException {
        StringBuilder tables = new StringBuilder();
        for (String module : List.of("embedder-service", "trainer-service", "classifier-stream")) {
            String readme = Files.readString(Path.of("..", module, "README.md"));
            tables.append(readme.substring(readme.indexOf("## Metrics")));
        }
        return Pattern.compile("`(sluice\\.[a-z.]+)")
                .matcher(tables)
                .results()
                .map(found -> found.group(1).replace('.', '_'))
                .collect(Collectors.toSet());
    }

    private ServiceProcess startDying(Class<?> main, String thread) throws Exception {
        Map<String, String> settings = settings();
        settings.put("http.port", Integer.toString(Ports.free()));
        if (main == ClassifierMain.class) {
            settings.put("state.dir", folder.resolve("state").toString());
        }
        settings.put("test.main", main.getName());
        settings.put("test.thread", thread);
        return ServiceProcess.start(folder, DyingService.class, settings);
    }

    private RunningService startAlone(LocalPlatform.Service service, GeminiServer gemini) {
        Map<String, String> settings = settings();
        return switch (service) {
            case EMBEDDER -> {
                settings.putAll(Map.of(
                        "next.embedding.provider",
                        "gemini",
                        "next.embedding.dimensions",
                        "128",
                        "gemini.api.key",
                        Unsaid.KEY,
                        "gemini.base.url",
                        gemini.url()));
                yield EmbedderService.start(new EmbedderConfig(settings), Clock.systemUTC(), registry);
            }
            case TRAINER -> {
                yield TrainerService.start(
                        new TrainerConfig(settings), Clock.systemUTC(), registry, TrainingListener.logging());
            }
            case CLASSIFIER -> {
                settings.put("state.dir", folder.resolve("state").toString());
                yield ClassifierService.start(new ClassifierConfig(settings), Clock.systemUTC(), registry);
            }
        };
    }

    private Map<String, String> settings() {
        return new HashMap<>(broker.serviceSettings(TestBroker.newPrefix()));
    }

    private LocalPlatform start(Map<String, String> settings, int port) {
        settings.put("http.port", Integer.toString(port));
        settings.put("state.dir", folder.resolve("state").toString());
        return LocalPlatform.start(settings, EnumSet.allOf(LocalPlatform.Service.class), TrainingListener.logging());
    }
}
