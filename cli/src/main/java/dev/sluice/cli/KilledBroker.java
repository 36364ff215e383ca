package dev.sluice.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.utils.Time;

/**
 * Strikes a broker that was killed off its own cluster's register, before it starts again.
 *
 * <p>Else it begins as the leader that the register says it still is, is given up when its former self has been silent for
 * long enough, and then leads again. In between no partition has a leader, and a Kafka from 4.3.0 on takes such a partition
 * for deleted when it ends a transaction there (KAFKA-20734): what was to be undone stays, and is committed with the
 * writer's next transaction. Struck off, it leads nothing until it leads everything, and needs not wait for the end of its
 * former self's session either.
 */
final class KilledBroker {
    private static final String ENDED_IN_ORDER = ".kafka_cleanshutdown";

    private KilledBroker() {}

    /** Whether the last broker on this folder ended otherwise than in order. */
    static boolean isLeftBehindIn(Path logs) {
        return Files.exists(logs.resolve("meta.properties")) && Files.notExists(logs.resolve(ENDED_IN_ORDER));
    }

    /**
     * Returns when the node's controller, which runs alone meanwhile, has done so.
     *
     * @param settings of the node that is both broker and controller
     * @param controller host and port of its controller
     */
    static void strikeOff(Properties settings, String controller, int node)
            throws InterruptedException, ExecutionException {
        Properties alone = new Properties();
        alone.putAll(settings);
        alone.put("process.roles", "controller");
        alone.put("listeners", "CONTROLLER://" + controller);
        alone.remove("advertised.listeners");
        alone.remove("inter.broker.listener.name");
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(alone, false), Time.SYSTEM);
        server.startup();
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_CONTROLLERS_CONFIG, controller))) {
            admin.unregisterBroker(node).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof BrokerIdNotRegisteredException)) { // killed before it was on it
                throw e;
            }
        } finally {
            server.shutdown();
            server.awaitShutdown();
        }
    }
}
