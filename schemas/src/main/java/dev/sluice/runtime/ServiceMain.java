package dev.sluice.runtime;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.apache.kafka.common.config.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one service as a process: until a signal ends it (exit code 0) or it fails (1); a wrong setting is 2.
 *
 * <p>A service that has lost a thread ends, since whoever runs it can start it again and nobody can start the thread. So does
 * the process if a thread dies of an {@link Error} that the service does not look after, as one of a library; and it ends
 * within seconds even if what is left of the service cannot be closed any more.
 */
public final class ServiceMain {
    static {
        // Before the first logger is made. Who wants another configuration names it, as always with Logback.
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "dev/sluice/runtime/logback.xml");
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(ServiceMain.class);

    private static final Duration CLOSING = Duration.ofMillis(4500);
    /** A service closes within 4 s. */
    private static final Duration ENDING = Duration.ofSeconds(10);

    private ServiceMain() {}

    /**
     * Does not return: the process ends with the exit code.
     *
     * @param start returns when the service runs; the registry takes its metrics
     */
    public static <C extends ServiceConfig> void main(
            String name, Supplier<C> config, BiFunction<C, MeterRegistry, RunningService> start)
            throws InterruptedException {
        CountDownLatch failed = new CountDownLatch(1);
        Thread guard = new Thread(() -> haltAfter(failed), "sluice-end"); // now: a process out of memory gets no thread
        guard.setDaemon(true);
        guard.start();
        int code = 1;
        try {
            code = run(name, config, start);
        } finally { // also where there is no memory left to say why
            if (code != 0) {
                failed.countDown();
            }
        }
        System.exit(code);
    }

    private static void haltAfter(CountDownLatch failed) {
        try {
            failed.await();
            TimeUnit.MILLISECONDS.sleep(ENDING.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(1);
    }

    /**
     * Health and metrics are served from before the start on, which may wait a minute for a broker.
     *
     * @param start returns when the service runs; the registry takes its metrics
     * @return the exit code; after a signal the process ends with the shutdown hook instead
     */
    static <C extends ServiceConfig> int run(
            String name, Supplier<C> config, BiFunction<C, MeterRegistry, RunningService> start)
            throws InterruptedException {
        Optional<HttpEndpoint> endpoint = Optional.empty();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        try (ProcessMeters meters = new ProcessMeters()) {
            C settings = config.get();
            AtomicReference<Supplier<Health>> health = new AtomicReference<>(() -> Health.waiting(
                    "the " + name + " is starting, for which it needs a broker at " + settings.bootstrapServers()));
            endpoint = HttpEndpoint.start(settings, () -> health.get().get(), meters.registry());
            CompletableFuture<Void> died = new CompletableFuture<>();
            Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> noteDeath(thread, failure, died));
            RunningService service = start.apply(settings, meters.registry());
            health.set(() -> died.isDone() ? Health.after(died) : service.health());
            Runtime.getRuntime().addShutdownHook(new Thread(() -> closeInTime(name, service), name + "-shutdown"));
            LOG.info("{} runs", name);
            CompletableFuture.anyOf(service.ended(), died).get();
            return 0;
        } catch (ConfigException e) {
            LOG.error("{} does not start: {}", name, e.getMessage());
            return 2;
        } catch (ExecutionException e) {
            LOG.error("{} stops: {}", name, e.getCause().getMessage(), e.getCause());
            return 1;
        } catch (RuntimeException | Error e) {
            LOG.error("{} does not start: {}", name, e.getMessage(), e);
            return 1;
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
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

    /** An exception may be a task's own affair; after an error nothing that the thread did can be relied on. */
    private static void noteDeath(Thread thread, Throwable failure, CompletableFuture<Void> died) {
        LOG.error("the thread {} died", thread.getName(), failure);
        if (failure instanceof Error) {
            died.completeExceptionally(failure);
        }
    }
}
