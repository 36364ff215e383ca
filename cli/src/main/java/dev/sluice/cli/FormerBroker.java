package dev.sluice.cli;

import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.UnregisterBrokerOptions;
import org.apache.kafka.common.Node;
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
 *
 * @param cluster the id of its cluster
 * @param controller host and port of its controller, in the life that begins
 * @param failure completed exceptionally if the node gives up
 */
record FormerBroker(int node, String cluster, String controller, CompletableFuture<Void> failure) {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration A_TRY = Duration.ofSeconds(3);
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(20);

    /**
     * Returns when the node's controller, which runs alone meanwhile, has done so.
     *
     * @param settings of the node that is both broker and controller
     */
    void strikeOff(Properties settings) throws InterruptedException, ExecutionException {
        Properties alone = new Properties();
        alone.putAll(settings);
        alone.put("process.roles", "controller");
        alone.put("listeners", "CONTROLLER://" + controller);
        alone.remove("advertised.listeners");
        alone.remove("inter.broker.listener.name");
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(alone, false), Time.SYSTEM);
        try {
            server.startup();
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            // Until it has written down where it listens now, a controller sends its clients where it listened in
            // its last life, and somebody else may listen there by now.
            await(deadline, this::isKnownByItself);
            await(deadline, this::isStruckOff);
        } finally {
            server.shutdown();
            server.awaitShutdown();
        }
    }

    /** What is asked of the controller, in so many milliseconds. */
    private interface Question {
        boolean isTrueFor(Admin admin, int millis) throws ExecutionException, InterruptedException;
    }

    private void await(long deadline, Question question) throws ExecutionException, InterruptedException {
        while (!ask(deadline, question)) {
            LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
        }
    }

    /** By a client that is new, so that it has not heard anything from the past. */
    private boolean ask(long deadline, Question question) throws ExecutionException, InterruptedException {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_CONTROLLERS_CONFIG, controller))) {
            return question.isTrueFor(admin, (int) Math.max(1, Math.min(left, A_TRY.toMillis())));
        } catch (ExecutionException e) {
            if (failure.isCompletedExceptionally()) {
                failure.get();
            }
            // a controller that has not read its own log yet knows no version of it
            boolean passing =
                    e.getCause() instanceof UnsupportedVersionException || e.getCause() instanceof RetriableException;
            if (!passing || left <= 0) {
                throw e;
            }
            return false;
        }
    }

    private boolean isKnownByItself(Admin admin, int millis) throws ExecutionException, InterruptedException {
        DescribeClusterResult found = admin.describeCluster(new DescribeClusterOptions().timeoutMs(millis));
        Node known = found.controller().get();
        return found.clusterId().get().equals(cluster) && (known.host() + ":" + known.port()).equals(controller);
    }

    private boolean isStruckOff(Admin admin, int millis) throws ExecutionException, InterruptedException {
        try {
            admin.unregisterBroker(node, new UnregisterBrokerOptions().timeoutMs(millis))
                    .all()
                    .get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof BrokerIdNotRegisteredException) { // it never came so far
                return true;
            }
            throw e;
        }
    }
}
