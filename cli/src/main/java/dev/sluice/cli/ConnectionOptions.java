package dev.sluice.cli;

import dev.sluice.runtime.ServiceConfig;
import dev.sluice.runtime.Settings;
import dev.sluice.runtime.TrustSettings;
import dev.sluice.schemas.Topics;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where Kafka is, and how Sluice's topics are called there: the same options on every command. */
final class ConnectionOptions {
    static final String DEFAULT_SERVERS = "localhost:9092";
    private static final String SERVERS_VARIABLE = "SLUICE_BOOTSTRAP_SERVERS";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--bootstrap-server",
            paramLabel = "HOST:PORT",
            description = "Where Kafka is, as HOST:PORT[,HOST:PORT...].")
    private Optional<String> bootstrapServer = Optional.empty();

    @Option(
            names = "--command-config",
            paramLabel = "FILE",
            description = "Properties for Kafka's clients: TLS, SASL; and models.signing.key, models.trusted.keys.")
    private Optional<Path> commandConfig = Optional.empty();

    @Option(
            names = "--prefix",
            paramLabel = "TEXT",
            defaultValue = "${env:SLUICE_TOPIC_PREFIX:-}",
            description = "Stands before the name of every topic.")
    private String prefix = "";

    @Option(
            names = "--classifier",
            paramLabel = "NAME",
            defaultValue = "${env:SLUICE_CLASSIFIER:-default}",
            description = "Which classifier, if there are several (default).")
    private String classifier = Topics.DEFAULT_CLASSIFIER;

    /** What was asked for by option; commands that can bring their own broker start one if this is empty. */
    Optional<String> givenServers() {
        return bootstrapServer;
    }

    /** For commands that need a broker to be there: the option, else the environment, else this machine's. */
    String servers() {
        return bootstrapServer
                .or(() -> Optional.ofNullable(System.getenv(SERVERS_VARIABLE)))
                .orElse(DEFAULT_SERVERS);
    }

    /** @param partitions of topics that this command may create */
    Topics topics(int partitions) {
        try {
            return new Topics(prefix, classifier, partitions);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    /** What the file of {@code --command-config} says; security, mostly. */
    Map<String, String> commandConfig() {
        return commandConfig.map(Settings::ofFile).orElseGet(HashMap::new);
    }

    /** A service's settings, with what these options say over them. The map is changed. */
    Map<String, String> over(Map<String, String> settings) {
        commandConfig().forEach((name, value) -> {
            if (LocalPlatform.passesThrough(name)
                    || TrustSettings.NAMES.contains(name)) { // the rest of the file is for other clients
                settings.putIfAbsent(name, value);
            }
        });
        givenServers().ifPresent(given -> settings.put(ServiceConfig.BOOTSTRAP_SERVERS, given));
        settings.putIfAbsent(ServiceConfig.BOOTSTRAP_SERVERS, DEFAULT_SERVERS);
        Topics asked = topics(1);
        if (!asked.prefix().isEmpty()) {
            settings.put(ServiceConfig.TOPIC_PREFIX, asked.prefix());
        }
        if (!asked.classifier().equals(Topics.DEFAULT_CLASSIFIER)) {
            settings.put(ServiceConfig.CLASSIFIER, asked.classifier());
        }
        return settings;
    }

    /** For a client of a command that has a service's settings: its brokers and its security. */
    Map<String, Object> clientSettings(Map<String, String> settings) {
        Map<String, Object> client = new HashMap<>(commandConfig());
        settings.forEach((name, value) -> {
            if (name.matches("(sasl|ssl)\\..+|security\\.protocol|bootstrap\\.servers")) {
                client.put(name, value);
            }
        });
        client.put("client.id", "sluice-cli");
        return client;
    }
}
