package dev.sluice.cli;

import dev.sluice.runtime.RunningService;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.Reader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A real Kafka in this JVM: one node that is broker and controller. It listens on the loopback only, so foreign clients on
 * this machine (kcat, Python) reach it, and nobody else. Its folder survives restarts and kills.
 *
 * <p>Trade-off: Kafka does not promise the classes that start a node, so its version is pinned; in return there is no
 * second process, no container and nothing to install.
 */
final class LocalBroker implements RunningService {
    /** Partitions of the topics that posts flow through: enough to work in parallel, few enough to start quickly. */
    static final int PARTITIONS = 4;

    private static final String HOST = "127.0.0.1";
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int NODE = 1;

    /** Kafka's own file of which cluster and node a folder belongs to. */
    private static final String IDENTITY = "meta.properties";

    private final DataFolder folder;
    private final int port;
    private final KafkaRaftServer server;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private LocalBroker(DataFolder folder, int port, KafkaRaftServer server) {
        this.folder = folder;
        this.port = port;
        this.server = server;
    }

    /**
     * Starts on the folder's topics, or on none where the folder is new. Returns when clients can connect.
     *
     * @param dataDir made where it is missing; one process at a time
     * @param port of the listener; 0 for any that is free
     * @throws CommandException if the port is taken, or the folder is in use or cannot be written
     */
    static LocalBroker start(Path dataDir, int port) {
        return start(dataDir, port, UnaryOperator.identity());
    }

    /** @param change of the node's settings, such as further listeners; for tests */
    static LocalBroker start(Path dataDir, int port, UnaryOperator<Properties> change) {
        DataFolder folder = DataFolder.lock(dataDir);
        try {
            int clientPort = freePort(port);
            String controller = HOST + ":" + freePort(0);
            Path logs = folder.path().resolve("kafka");
            Properties settings = change.apply(settings(logs, clientPort, controller));
            boolean isNew = Files.notExists(logs.resolve(IDENTITY));
            if (isNew) {
                format(logs);
            }
            KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(settings, false), Time.SYSTEM);
            LocalBroker broker = new LocalBroker(folder, clientPort, server);
            broker.catchExits();
            if (!isNew) {
                new FormerBroker(NODE, clusterOf(logs), controller, broker.ended).strikeOff(settings);
            }
            server.startup();
            return broker;
        } catch (CommandException e) {
            folder.close();
            throw e;
        } catch (Exception e) { // Scala code throws checked exceptions undeclared
            folder.close();
            throw new CommandException(
                    "the Kafka broker did not start on " + folder.path() + " (" + e.getMessage() + ")", e);
        }
    }

    /** As {@code host:port}, for Kafka's clients on this machine. */
    String bootstrapServers() {
        return HOST + ":" + port;
    }

    /** Completes when the broker was closed; exceptionally when it gave up, for instance on a full disk. */
    @Override
    public CompletableFuture<Void> ended() {
        return ended;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
        folder.close();
        ended.complete(null);
    }

    /** A fault that Kafka cannot mend ends its process; here it may only end the broker. */
    private void catchExits() {
        Exit.Procedure end = (status, message) -> {
            IllegalStateException fault = new IllegalStateException(
                    "the Kafka broker gave up" + (message == null ? "" : ": " + message) + "; see the log");
            ended.completeExceptionally(fault);
            throw fault; // the caller counts on not coming back
        };
        Exit.setExitProcedure(end);
        Exit.setHaltProcedure(end);
    }

    private static String clusterOf(Path logs) throws IOException {
        Properties identity = new Properties();
        try (Reader file = Files.newBufferedReader(logs.resolve(IDENTITY))) {
            identity.load(file);
        }
        return identity.getProperty("cluster.id");
    }

    /** Writes the identity of a new cluster into a new folder. */
    private static void format(Path logs) throws Exception {
        Files.createDirectories(logs);
        new Formatter()
                .setNodeId(NODE)
                .setClusterId(Uuid.randomUuid().toString())
                .setControllerListenerName("CONTROLLER")
                .setMetadataLogDirectory(logs.toString())
                .setDirectories(List.of(logs.toString()))
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .run();
    }

    private static Properties settings(Path logs, int clientPort, String controller) {
        String client = "PLAINTEXT://" + HOST + ":" + clientPort;
        Properties settings = new Properties();
        settings.putAll(Map.of(
                "process.roles",
                "broker,controller",
                "node.id",
                Integer.toString(NODE),
                "controller.quorum.voters",
                NODE + "@" + controller,
                "controller.listener.names",
                "CONTROLLER",
                "listeners",
                client + ",CONTROLLER://" + controller,
                "advertised.listeners",
                client,
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "log.dirs",
                logs.toString(),
                "auto.create.topics.enable",
                "false",
                "num.partitions",
                Integer.toString(PARTITIONS)));
        settings.putAll(Map.of(
                // Nobody else will join: a group need not wait for more members.
                "group.initial.rebalance.delay.ms", "0",
                "group.streams.initial.rebalance.delay.ms", "0",
                // Nobody could take over: the node is not given up though it be paused for a day, and does not lay
                // its leadership down before it stops; without a leader, transactions end wrongly: FormerBroker.
                "broker.session.timeout.ms", Integer.toString((int) TimeUnit.DAYS.toMillis(1)),
                "controlled.shutdown.enable", "false",
                // Readers wait for what a killed writer left open: so long over its timeout, not 10 s.
                "transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000",
                // Else 128 MiB of heap, taken at start.
                "log.cleaner.dedupe.buffer.size", Integer.toString(4 * 1024 * 1024)));
        for (String topic : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
            settings.put(topic + ".replication.factor", "1");
            settings.put(topic + ".num.partitions", Integer.toString(PARTITIONS));
        }
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        return settings;
    }

    /** The port itself if nothing listens there; for 0, one that the operating system chose. */
    private static int freePort(int wanted) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), wanted));
            return socket.getLocalPort();
        } catch (IOException | IllegalArgumentException e) {
            throw new CommandException(
                    "port " + wanted + " is taken or not allowed (" + e.getMessage()
                            + "): stop what listens there, or choose another with --port",
                    e);
        }
    }
}
