package dev.sluice.runtime;

import dev.sluice.schemas.TopicCreation;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first thing a service does: waits for a broker, saying so, and creates the topics that are missing. A service is
 * often started together with its broker, so a minute's patience; after that a wrong address is the likelier cause.
 */
public final class TopicSetup {
    private static final Logger LOG = LoggerFactory.getLogger(TopicSetup.class);
    private static final int TRIES = 12;
    private static final Duration PATIENCE_OF_A_TRY = Duration.ofSeconds(5);

    /** Begins what Kafka's clients say of it; they have no exception of its own. */
    private static final String UNRESOLVED = "No resolvable bootstrap urls";

    private TopicSetup() {}

    /**
     * @param service named in the log
     * @throws KafkaException if no broker answers within a minute, or the broker refuses
     */
    public static void createMissing(ServiceConfig config, String service) {
        createMissing(config, service, TRIES, PATIENCE_OF_A_TRY);
    }

    static void createMissing(ServiceConfig config, String service, int tries, Duration patienceOfATry) {
        Map<String, Object> settings = config.adminSettings();
        settings.put(AdminClientConfig.CLIENT_ID_CONFIG, service + "-setup");
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) patienceOfATry.toMillis());
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) patienceOfATry.toMillis());
        try {
            for (int attempt = 1; ; attempt++) {
                try (Admin admin = Admin.create(settings)) {
                    Set<String> created = TopicCreation.createMissing(admin, config.topics(), config.replication());
                    if (!created.isEmpty()) {
                        LOG.info("{} created {} topics", service, created.size());
                    }
                    return;
                } catch (KafkaException e) {
                    boolean unresolved = isUnresolved(e);
                    if (!unresolved && !(e instanceof RetriableException)) {
                        throw e;
                    }
                    if (attempt == tries) {
                        throw new KafkaException(
                                "no broker answers at " + config.bootstrapServers() + "; is it running, and is "
                                        + ServiceConfig.BOOTSTRAP_SERVERS + " right?",
                                e);
                    }
                    LOG.info("{} waits for a broker at {}", service, config.bootstrapServers());
                    if (!(e instanceof TimeoutException)) { // which took no time
                        TimeUnit.MILLISECONDS.sleep(patienceOfATry.toMillis());
                    }
                }
            }
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** Whether the brokers' names have no addresses now, which Kafka reports as if the setting were wrong. */
    private static boolean isUnresolved(KafkaException e) {
        return e.getCause() instanceof ConfigException cause
                && String.valueOf(cause.getMessage()).startsWith(UNRESOLVED);
    }
}
