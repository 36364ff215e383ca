package dev.sluice.cli;

import dev.sluice.runtime.RunningService;
import dev.sluice.runtime.ServiceConfig;
import dev.sluice.schemas.Topics;
import dev.sluice.trainer.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.ConfigException;

/**
 * Where a demo runs: a broker of its own in a temporary folder, or one that is named, where its topics have a prefix that
 * nobody else has. Either way nothing is left behind, unless that is wanted.
 */
final class DemoSite {
    private final ConnectionOptions options;
    private final String servers;
    private final String ownPrefix;
    private final Map<String, String> given;
    private final Optional<Path> folder;
    private Optional<RunningService> services = Optional.empty();

    private DemoSite(
            ConnectionOptions options,
            Map<String, String> given,
            String servers,
            String ownPrefix,
            Optional<Path> folder) {
        this.options = options;
        this.servers = servers;
        this.ownPrefix = ownPrefix;
        this.given = Map.copyOf(given);
        this.folder = folder;
    }

    /**
     * @param given settings of the services, which go before all others
     * @param keep whether the topics outlive the demo
     * @param resources close what the site opens
     * @throws CommandException if there is no broker, or none can be started
     * @throws ConfigException if no service knows a setting, or its value is wrong
     */
    static DemoSite open(ConnectionOptions options, Map<String, String> given, boolean keep, Resources resources) {
        Map<String, String> checked = new HashMap<>(given);
        checked.putIfAbsent(ServiceConfig.BOOTSTRAP_SERVERS, "localhost:9092");
        LocalPlatform.check(checked); // before anything is started
        DemoSite site = options.givenServers().isPresent()
                ? onNamedBroker(options, given, keep, resources)
                : onBrokerOfItsOwn(options, given, keep, resources);
        resources.add(site::stopServices);
        return site;
    }

    private static DemoSite onBrokerOfItsOwn(
            ConnectionOptions options, Map<String, String> given, boolean keep, Resources resources) {
        try {
            Path folder = Files.createTempDirectory("sluice-demo-");
            if (!keep) {
                resources.add(() -> delete(folder));
            }
            String servers = resources.add(LocalBroker.start(folder, 0)).bootstrapServers();
            return new DemoSite(options, given, servers, "", Optional.of(folder));
        } catch (IOException e) {
            throw new CommandException(
                    "cannot make a temporary folder (" + e
                            + "): name another place with JAVA_OPTS=-Djava.io.tmpdir=DIR",
                    e);
        }
    }

    private static DemoSite onNamedBroker(
            ConnectionOptions options, Map<String, String> given, boolean keep, Resources resources) {
        String prefix = "demo-" + UUID.randomUUID().toString().substring(0, 8) + ".";
        DemoSite site = new DemoSite(options, given, options.servers(), prefix, Optional.empty());
        if (!keep) {
            resources.add(site::deleteTopics);
        }
        return site;
    }

    String servers() {
        return servers;
    }

    /** Of a broker of its own. */
    Optional<Path> folder() {
        return folder;
    }

    /**
     * Starts services in this process, and returns when they run; those that ran before must have been closed.
     *
     * @param prefix tells these topics from others of this demo
     */
    RunningService start(String prefix, Set<LocalPlatform.Service> wanted, TrainingListener listener) {
        Map<String, String> settings = new HashMap<>(LocalPlatform.ofEnvironment(System.getenv()));
        settings.putAll(options.commandConfig());
        Topics topics = topics(prefix);
        settings.putAll(Map.of(
                ServiceConfig.BOOTSTRAP_SERVERS,
                servers,
                ServiceConfig.TOPIC_PREFIX,
                topics.prefix(),
                ServiceConfig.CLASSIFIER,
                topics.classifier(),
                ServiceConfig.TOPIC_PARTITIONS,
                Integer.toString(LocalBroker.PARTITIONS),
                "training.trigger",
                "request",
                "training.min.examples",
                "2",
                "validation.data",
                "test",
                "promotion",
                "auto"));
        folder.ifPresent(path ->
                settings.put("state.dir", path.resolve("streams" + prefix).toString()));
        settings.putAll(given);
        if (choosesThreshold(settings) && !given.containsKey("validation.data")) {
            settings.put("validation.data", "holdout");
        }
        RunningService started = LocalPlatform.start(settings, wanted, listener);
        synchronized (this) {
            services = Optional.of(started);
        }
        return started;
    }

    /** Then the trainer needs examples held out of those it learns from: the test posts are not to choose anything. */
    static boolean choosesThreshold(Map<String, String> settings) {
        String threshold = settings.getOrDefault("threshold", "").strip();
        return !threshold.isEmpty() && Numbers.of(threshold).isEmpty();
    }

    Connection connect(String prefix) {
        return Connection.open(clientSettings(), topics(prefix));
    }

    private Map<String, Object> clientSettings() {
        Map<String, Object> settings = new HashMap<>(options.commandConfig());
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, servers);
        settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, "sluice-demo");
        return settings;
    }

    private Topics topics(String prefix) {
        Topics named = options.topics(LocalBroker.PARTITIONS);
        return new Topics(named.prefix() + ownPrefix + prefix, named.classifier(), LocalBroker.PARTITIONS);
    }

    /** For a demo that is cut short; one that ends has closed them itself. */
    private synchronized void stopServices() {
        services.ifPresent(RunningService::close);
    }

    private void deleteTopics() throws InterruptedException, ExecutionException {
        try (Connection connection = connect("")) {
            String prefix = connection.topics().prefix();
            List<String> ours = connection.topicNames().stream()
                    .filter(name -> name.startsWith(prefix))
                    .toList();
            connection.admin().deleteTopics(ours).all().get();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
