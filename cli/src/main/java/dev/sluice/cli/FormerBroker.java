package dev.sluice.cli;

import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.utils.Time;

/**
 * Strikes the broker that a node was before off its own cluster's register, before it starts again.
 *
 * <p>Else it begins as the leader that the register says it still is, is given up when its former self has been silent for
 * long enough, and then leads again. In between no partition has a leader, and a Kafka from 4.3.0 on takes such a partition
 * for deleted when it ends a transaction there (KAFKA-20734): what was to be undone stays and is committed with the
 * writer's next transaction, or holds up all readers for ever. Struck off, it leads nothing until it leads everything, and
 * need not wait for the end of its former self's session either.
 */
final class FormerBroker {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(20);

    private FormerBroker() {}

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
        try {
            server.startup();
            strikeOff(controller, node);
        } finally {
            server.shutdown();
            server.awaitShutdown();
        }
    }

    private static void strikeOff(String controller, int node) throws InterruptedException, ExecutionException {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_CONTROLLERS_CONFIG, controller))) {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!isGone(admin, node, System.nanoTime() > deadline)) {
                LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
            }
        }
    }

    /** @param isLast whether the controller's reason to refuse is given as an error, and not taken for one that passes */
    private static boolean isGone(Admin admin, int node, boolean isLast)
            throws InterruptedException, ExecutionException {
        try {
            admin.unregisterBroker(node).all().get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof BrokerIdNotRegisteredException) { // it never came so far
                return true;
            }
            // a controller that has not read its own log yet knows no version of it
            boolean passing =
                    e.getCause() instanceof UnsupportedVersionException || e.getCause() instanceof RetriableException;
            if (isLast || !passing) {
                throw e;
            }
            return false;
        }
    }
}
