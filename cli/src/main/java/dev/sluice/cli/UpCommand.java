package dev.sluice.cli;

import dev.sluice.runtime.ServiceConfig;
import dev.sluice.runtime.TrustSettings;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.Replication;
import dev.sluice.schemas.TopicCreation;
import dev.sluice.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Everything in one process until Ctrl-C: a broker, unless one is named, and the three services. */
@Command(
        name = "up",
        description = "Run a broker (unless --bootstrap-server names one) and the three services, until Ctrl-C.")
final class UpCommand implements Callable<Integer> {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "9092",
            description = "Where the broker listens, on this machine only; 0 for any free port (9092).")
    private int port;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Where topics, state and logs are kept (~/.sluice).")
    private Path dataDir = SluiceCommand.home();

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description = "A setting of the services, as training.min.examples=50. May be repeated.")
    private Map<String, String> settings = new TreeMap<>();

    @Override
    public Integer call() throws Exception {
        UpReport report = new UpReport(output);
        try (Resources resources = Resources.closedOnExit(report::stopped)) {
            try {
                run(resources, report);
            } catch (Exception e) {
                if (!resources.closed()) {
                    throw e;
                }
            }
        }
        return ExitCode.OK;
    }

    private void run(Resources resources, UpReport report) throws Exception {
        long start = System.nanoTime();
        report.starting();
        boolean ours = connectionOptions.givenServers().isEmpty();
        LocalPlatform.check(serviceSettings(ConnectionOptions.DEFAULT_SERVERS, ours)); // before a broker is started
        Optional<LocalBroker> broker =
                ours ? Optional.of(resources.add(LocalBroker.start(dataDir, port))) : Optional.empty();
        String servers = broker.map(LocalBroker::bootstrapServers).orElseGet(connectionOptions::servers);
        Map<String, String> all = serviceSettings(servers, ours);
        Topics topics = connectionOptions.topics(Integer.parseInt(all.get(ServiceConfig.TOPIC_PARTITIONS)));
        Connection connection = resources.add(Connection.open(clientSettings(servers), topics));
        TopicCreation.createMissing(
                connection.admin(),
                topics,
                new Replication(
                        Short.parseShort(all.getOrDefault(ServiceConfig.TOPIC_REPLICATION_FACTOR, "0")),
                        Short.parseShort(all.getOrDefault(ServiceConfig.TOPIC_MIN_INSYNC_REPLICAS, "0"))));
        try (var statuses = connection.readFromEnd(topics.deploymentStatus())) {
            LocalPlatform platform =
                    resources.add(LocalPlatform.start(all, EnumSet.allOf(LocalPlatform.Service.class), report));
            report.ready(servers, servers + (ours ? ", data in " + dataDir : ""), (System.nanoTime() - start) / 1e9);
            if (isEmpty(connection, topics)) {
                report.noModel(servers.endsWith(":9092") && ours ? "" : " --bootstrap-server " + servers);
            }
            CompletableFuture<Object> anyEnd = CompletableFuture.anyOf(
                    platform.ended(), broker.map(LocalBroker::ended).orElseGet(CompletableFuture::new));
            watch(resources, anyEnd, statuses, report);
        }
    }

    private static void watch(
            Resources resources,
            CompletableFuture<Object> anyEnd,
            TopicReader<DeploymentStatus> statuses,
            UpReport report) {
        while (!resources.closed() && !anyEnd.isDone()) {
            statuses.poll(BETWEEN_LOOKS).forEach(read -> read.value().ifPresent(report::status));
        }
        if (!resources.closed()) {
            try {
                anyEnd.join();
            } catch (CompletionException e) {
                throw new CommandException("a service stopped: " + Failures.lineOf(e.getCause()), e);
            }
        }
    }

    private static boolean isEmpty(Connection connection, Topics topics) {
        try (var deployments = connection.readFromBeginning(topics.deployments())) {
            return deployments.readToEnd().isEmpty();
        }
    }

    /** What is set later goes before what is set earlier: defaults, environment, options. */
    private Map<String, String> serviceSettings(String servers, boolean ours) {
        Map<String, String> all = new HashMap<>(Map.of(
                "predictions.format",
                "json",
                "state.dir",
                dataDir.resolve("streams").toString(),
                ServiceConfig.TOPIC_PARTITIONS,
                Integer.toString(ours ? LocalBroker.PARTITIONS : Topics.DEFAULT_PARTITIONS)));
        all.putAll(LocalPlatform.ofEnvironment(System.getenv()));
        all.putAll(settings);
        connectionOptions.commandConfig().forEach((name, value) -> {
            if (LocalPlatform.passesThrough(name)
                    || TrustSettings.NAMES.contains(name)) { // the rest of the file is for other clients
                all.putIfAbsent(name, value);
            }
        });
        Topics topics = connectionOptions.topics(1);
        all.put(ServiceConfig.BOOTSTRAP_SERVERS, servers);
        all.put(ServiceConfig.TOPIC_PREFIX, topics.prefix());
        all.put(ServiceConfig.CLASSIFIER, topics.classifier());
        return all;
    }

    private Map<String, Object> clientSettings(String servers) {
        Map<String, Object> client = new HashMap<>(connectionOptions.commandConfig());
        client.put(ServiceConfig.BOOTSTRAP_SERVERS, servers);
        client.put("client.id", "sluice-up");
        return client;
    }
}
