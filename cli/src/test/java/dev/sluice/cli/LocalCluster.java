package dev.sluice.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A cluster of three nodes on this machine, each broker and controller and a process of its own, so that the plug can be pulled
 * on one of them. Internal topics are set up as Kafka has them by default: three replicas, two of them in sync.
 */
final class LocalCluster implements AutoCloseable {
    static final int NODES = 3;

    private static final String HOST = "127.0.0.1";

    private final Path folder;
    private final List<Integer> clientPorts;
    private final List<Integer> controllerPorts;
    private final Map<Integer, ServiceProcess> running = new HashMap<>();

    private LocalCluster(Path folder, List<Integer> ports) {
        this.folder = folder;
        this.clientPorts = ports.subList(0, NODES);
        this.controllerPorts = ports.subList(NODES, 2 * NODES);
    }

    /** Returns when all nodes run. */
    static LocalCluster start(Path folder) throws InterruptedException {
        LocalCluster cluster = new LocalCluster(folder, Ports.free(2 * NODES));
        try {
            for (int node = 1; node <= NODES; node++) { // all at once: one alone would wait for a second
                cluster.launch(node);
            }
            for (ServiceProcess process : cluster.running.values()) {
                process.awaitLine(ClusterNode.RUNS);
            }
            return cluster;
        } catch (InterruptedException | RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    String bootstrapServers() {
        return clientPorts.stream().map(port -> HOST + ":" + port).collect(Collectors.joining(","));
    }

    /** As kill -9. */
    void pullThePlug(int node) throws InterruptedException {
        running.remove(node).pullThePlug();
    }

    /** Starts a node that was killed on what it has left; returns when it runs. */
    void bringBack(int node) throws InterruptedException {
        launch(node);
        running.get(node).awaitLine(ClusterNode.RUNS);
    }

    private void launch(int node) {
        running.put(node, ServiceProcess.start(folder, ClusterNode.class, settings(node)));
    }

    private Map<String, String> settings(int node) {
        String client = "PLAINTEXT://" + HOST + ":" + clientPorts.get(node - 1);
        Map<String, String> settings = new HashMap<>(Map.of(
                "process.roles",
                "broker,controller",
                "node.id",
                Integer.toString(node),
                "controller.quorum.voters",
                IntStream.rangeClosed(1, NODES)
                        .mapToObj(each -> each + "@" + HOST + ":" + controllerPorts.get(each - 1))
                        .collect(Collectors.joining(",")),
                "controller.listener.names",
                "CONTROLLER",
                "listeners",
                client + ",CONTROLLER://" + HOST + ":" + controllerPorts.get(node - 1),
                "advertised.listeners",
                client,
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "log.dirs",
                folder.resolve("node-" + node).toString(),
                "auto.create.topics.enable",
                "false"));
        settings.putAll(Map.of(
                "group.initial.rebalance.delay.ms", "0",
                // 9 s by default, which a test need not wait for.
                "broker.session.timeout.ms", "4000",
                "broker.heartbeat.interval.ms", "1000",
                "offsets.topic.num.partitions", "6",
                "transaction.state.log.num.partitions", "6",
                // Else 128 MiB of heap, taken at start.
                "log.cleaner.dedupe.buffer.size", "4194304"));
        return settings;
    }

    /** Without ceremony: their folders go too, and an orderly stop would wait for a majority that is going away. */
    @Override
    public void close() {
        running.values().forEach(ServiceProcess::close);
    }
}
