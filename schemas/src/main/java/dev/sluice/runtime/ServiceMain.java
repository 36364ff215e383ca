package dev.sluice.runtime;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
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

    private ServiceMain() {}

    /** @return the exit code; after a signal the process ends with the shutdown hook instead */
    public static int run(String name, Supplier<RunningService> start) throws InterruptedException {
        RunningService service;
        try {
            service = start.get();
        } catch (ConfigException e) {
            LOG.error("{} does not start: {}", name, e.getMessage());
            return 2;
        } catch (RuntimeException e) {
            LOG.error("{} does not start: {}", name, e.getMessage(), e);
            return 1;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(service::close, name + "-shutdown"));
        LOG.info("{} runs", name);
        try {
            service.ended().get();
            return 0;
        } catch (ExecutionException | CompletionException e) {
            LOG.error("{} stops: {}", name, e.getCause().getMessage(), e.getCause());
            return 1;
        }
    }
}
