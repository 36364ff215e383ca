package dev.sluice.cli;

import dev.sluice.runtime.Settings;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/** One node of a {@link LocalCluster}, broker and controller, in a process of its own. The argument is a file of its settings. */
final class ClusterNode {
    static final String RUNS = "the node runs";

    /** The same for all nodes, or they are no cluster. */
    private static final String CLUSTER = "sluiceTestClusterAAAAA";

    private ClusterNode() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> given = Settings.ofFile(Path.of(arguments[0]));
        String logs = given.get("log.dirs");
        new Formatter()
                .setNodeId(Integer.parseInt(given.get("node.id")))
                .setClusterId(CLUSTER)
                .setIgnoreFormatted(true)
                .setControllerListenerName("CONTROLLER")
                .setMetadataLogDirectory(logs)
                .setDirectories(List.of(logs))
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .run();
        Properties settings = new Properties();
        settings.putAll(given);
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(settings, false), Time.SYSTEM);
        server.startup();
        System.out.println(RUNS);
        server.awaitShutdown();
    }
}
