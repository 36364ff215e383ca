package dev.sluice.runtime;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.apache.kafka.common.config.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs one service as a process: until a signal ends it (exit code 0) or it fails (1); a wrong setting is 2. */
public final class ServiceMain {
    static {
        // Before the first logger is made. Who wants another configuration names it, as always with Logback.
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "dev/sluice/runtime/logback.xml");
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(ServiceMain.class);

    private static final Duration CLOSING = Duration.ofMillis(4500);

    private ServiceMain() {}

    /**
     * Health and metrics are served from before the start on, which may wait a minute for a broker.
     *
     * @param start returns when the service runs; the registry takes its metrics
     * @return the exit code; after a signal the process ends with the shutdown hook instead
     */
    public static <C extends ServiceConfig> int run(
            String name, Supplier<C> config, BiFunction<C, MeterRegistry, RunningService> start)
            throws InterruptedException {
        AtomicReference<Supplier<Health>> health =
                new AtomicReference<>(() -> Health.waiting("the " + name + " is starting"));
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Optional<HttpEndpoint> endpoint = Optional.empty();
        try {
            C settings = config.get();
            endpoint = HttpEndpoint.start(settings, () -> health.get().get(), registry);
            RunningService service = start.apply(settings, registry);
            health.set(service::health);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> closeInTime(name, service), name + "-shutdown"));
            LOG.info("{} runs", name);
            return await(name, service);
        } catch (ConfigException e) {
            LOG.error("{} does not start: {}", name, e.getMessage());
            return 2;
        } catch (RuntimeException e) {
            LOG.error("{} does not start: {}", name, e.getMessage(), e);
            return 1;
        } finally {
            endpoint.ifPresent(HttpEndpoint::close);
        }
    }

    /** Each service promises to close within 4 s; one that breaks its word must not keep the process. */
    private static void closeInTime(String name, RunningService service) {
        Thread closing = new Thread(service::close, name + "-close");
        closing.setDaemon(true);
        closing.start();
        try {
            closing.join(CLOSING.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (closing.isAlive()) {
            LOG.warn("{} has not closed within {}; what is not committed is done again by the next", name, CLOSING);
        }
    }

    private static int await(String name, RunningService service) throws InterruptedException {
        try {
            service.ended().get();
            return 0;
        } catch (ExecutionException | CompletionException e) {
            LOG.error("{} stops: {}", name, e.getCause().getMessage(), e.getCause());
            return 1;
        }
    }
}
