package dev.sluice.cli;

import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.embedder.EmbedderConfig;
import dev.sluice.embedder.EmbedderService;
import dev.sluice.runtime.Health;
import dev.sluice.runtime.HttpEndpoint;
import dev.sluice.runtime.ProcessMeters;
import dev.sluice.runtime.RunningService;
import dev.sluice.runtime.ServiceConfig;
import dev.sluice.runtime.Settings;
import dev.sluice.trainer.TrainerConfig;
import dev.sluice.trainer.TrainerService;
import dev.sluice.trainer.TrainingListener;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The services in this JVM, as their own processes would start them: by their settings, and meeting on topics only. The
 * broker is whichever the settings name, and outlives the platform.
 */
final class LocalPlatform implements RunningService {
    private static final Logger LOG = LoggerFactory.getLogger(LocalPlatform.class);

    /** Each service promises to close within 4 s. */
    private static final Duration CLOSING = Duration.ofMillis(4500);

    private final List<RunningService> services;
    private final CompletableFuture<Void> ended;
    private final Optional<HttpEndpoint> endpoint;
    private final ProcessMeters meters;

    private LocalPlatform(List<RunningService> services, ServiceConfig config, ProcessMeters meters) {
        this.services = services;
        this.meters = meters;
        this.ended = CompletableFuture.anyOf(
                        services.stream().map(RunningService::ended).toArray(CompletableFuture[]::new))
                .thenApply(nothing -> null);
        this.endpoint = HttpEndpoint.start(config, this::health, meters.registry());
    }

    /** What can be started. */
    enum Service {
        EMBEDDER,
        TRAINER,
        CLASSIFIER
    }

    /**
     * Starts the services side by side, and returns when all run.
     *
     * @param settings of all services together; each takes those it knows
     * @param listener told what the trainer does
     * @throws ConfigException if a setting has a wrong value, or is known to none of all services
     */
    static LocalPlatform start(Map<String, String> settings, Set<Service> services, TrainingListener listener) {
        Configs configs = Configs.of(settings);
        ProcessMeters meters = new ProcessMeters();
        PrometheusMeterRegistry registry = meters.registry();
        List<CompletableFuture<RunningService>> starting = new ArrayList<>();
        if (services.contains(Service.EMBEDDER)) {
            starting.add(
                    inThread("embedder", () -> EmbedderService.start(configs.embedder(), Clock.systemUTC(), registry)));
        }
        if (services.contains(Service.TRAINER)) {
            starting.add(inThread(
                    "trainer", () -> TrainerService.start(configs.trainer(), Clock.systemUTC(), registry, listener)));
        }
        if (services.contains(Service.CLASSIFIER)) {
            starting.add(inThread(
                    "classifier", () -> ClassifierService.start(configs.classifier(), Clock.systemUTC(), registry)));
        }
        List<RunningService> started = allOrNone(starting);
        try {
            return new LocalPlatform(started, configs.embedder(), meters);
        } catch (ConfigException e) {
            closeAll(started);
            throw e;
        }
    }

    /** Completes when the first service has ended: normally after a close, exceptionally with what stopped it. */
    @Override
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** That of the first service which is not ready, if there is one. */
    @Override
    public Health health() {
        return services.stream()
                .map(RunningService::health)
                .filter(health -> !health.ready())
                .findFirst()
                .orElseGet(Health::working);
    }

    /** Closes the services side by side; returns within 5 s, even if one of them hangs. */
    @Override
    public void close() {
        closeAll(services);
        endpoint.ifPresent(HttpEndpoint::close);
        meters.close();
    }

    /** What the environment sets for the services; it may hold what is meant for others too. */
    static Map<String, String> ofEnvironment(Map<String, String> environment) {
        Map<String, String> settings = Settings.of(new String[0], environment);
        Stream.of("GOOGLE_API_KEY", "GEMINI_API_KEY") // as the embedder's own process reads them
                .filter(environment::containsKey)
                .forEach(name -> settings.putIfAbsent("gemini.api.key", environment.get(name)));
        settings.keySet().retainAll(namesOfAll());
        return settings;
    }

    /** What an embedder's own process takes from its file and, over it, from the environment, which may hold more. */
    static Map<String, String> ofEmbedder(Map<String, String> file, Map<String, String> environment) {
        return ofService(EmbedderConfig::new, file, environment);
    }

    /** As {@link #ofEmbedder}, for a classifier. */
    static Map<String, String> ofClassifier(Map<String, String> file, Map<String, String> environment) {
        return ofService(ClassifierConfig::new, file, environment);
    }

    private static Map<String, String> ofService(
            Function<Map<String, String>, ? extends ServiceConfig> config,
            Map<String, String> file,
            Map<String, String> environment) {
        Map<String, String> settings = Settings.of(new String[0], environment);
        settings.keySet().retainAll(namesOf(config));
        file.forEach(settings::putIfAbsent);
        return settings;
    }

    /** @throws ConfigException if a setting has a wrong value, or is known to none of the services */
    static void check(Map<String, String> settings) {
        Configs unused = Configs.of(settings);
    }

    /** The settings, each service's part of them. */
    private record Configs(EmbedderConfig embedder, TrainerConfig trainer, ClassifierConfig classifier) {
        static Configs of(Map<String, String> settings) {
            Set<String> names = namesOfAll();
            Set<String> unknown = new TreeSet<>(settings.keySet());
            unknown.removeIf(name -> names.contains(name) || passesThrough(name));
            if (!unknown.isEmpty()) {
                throw new ConfigException("no service knows the setting " + String.join(", ", unknown) + "; known are "
                        + String.join(", ", names));
            }
            Map<String, String> all = new HashMap<>(settings);
            all.putIfAbsent(ServiceConfig.HTTP_PORT, "-1"); // a port that nobody chose nobody knows of
            return new Configs(
                    new EmbedderConfig(known(all, EmbedderConfig::new)),
                    new TrainerConfig(known(all, TrainerConfig::new)),
                    new ClassifierConfig(known(all, ClassifierConfig::new)));
        }
    }

    private static Set<String> namesOfAll() {
        Set<String> names = new TreeSet<>();
        names.addAll(namesOf(EmbedderConfig::new));
        names.addAll(namesOf(TrainerConfig::new));
        names.addAll(namesOf(ClassifierConfig::new));
        return names;
    }

    private static Set<String> namesOf(Function<Map<String, String>, ? extends ServiceConfig> config) {
        return config.apply(Map.of(ServiceConfig.BOOTSTRAP_SERVERS, "localhost:9092"))
                .values()
                .keySet();
    }

    private static Map<String, String> known(
            Map<String, String> settings, Function<Map<String, String>, ? extends ServiceConfig> config) {
        Set<String> names = namesOf(config);
        Map<String, String> known = new HashMap<>(settings);
        known.keySet().removeIf(name -> !names.contains(name) && !passesThrough(name));
        return known;
    }

    /** Kafka's own settings, which every service hands on to its clients. */
    static boolean passesThrough(String name) {
        return name.matches("(consumer|producer|streams|sasl|ssl)\\..+|security\\.protocol");
    }

    private static CompletableFuture<RunningService> inThread(String name, Callable<RunningService> start) {
        CompletableFuture<RunningService> started = new CompletableFuture<>();
        new Thread(
                        () -> {
                            try {
                                started.complete(start.call());
                            } catch (Throwable e) { // told to whoever waits for it
                                started.completeExceptionally(e);
                            }
                        },
                        name + "-start")
                .start();
        return started;
    }

    private static List<RunningService> allOrNone(List<CompletableFuture<RunningService>> starting) {
        List<RunningService> started = new ArrayList<>();
        RuntimeException failure = null;
        for (CompletableFuture<RunningService> each : starting) {
            try {
                started.add(each.join());
            } catch (CompletionException e) {
                failure = e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        }
        if (failure != null) {
            closeAll(started);
            throw failure;
        }
        return started;
    }

    private static void closeAll(Collection<RunningService> services) {
        CompletableFuture<?>[] closing = services.stream()
                .map(service -> inThread("close", () -> {
                    service.close();
                    return service;
                }))
                .toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(closing).get(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("a service did not close as it should", e);
        }
    }
}
