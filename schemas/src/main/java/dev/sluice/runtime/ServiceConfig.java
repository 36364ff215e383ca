package dev.sluice.runtime;

import dev.sluice.schemas.Replication;
import dev.sluice.schemas.Topics;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/**
 * What every service is configured with: where Kafka is, and how the topics are called. Each service adds its own settings
 * to {@link #commonSettings()}. A key that nobody knows is an error; Kafka's own settings pass through: those of security
 * for all clients ({@code security.protocol}, {@code sasl.*}, {@code ssl.*}), the others behind {@code consumer.},
 * {@code producer.} or {@code streams.}.
 */
public class ServiceConfig extends AbstractConfig {
    public static final String BOOTSTRAP_SERVERS = CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG;
    public static final String TOPIC_PREFIX = "topic.prefix";
    public static final String TOPIC_PARTITIONS = "topic.partitions";
    public static final String TOPIC_REPLICATION_FACTOR = "topic.replication.factor";
    public static final String TOPIC_MIN_INSYNC_REPLICAS = "topic.min.insync.replicas";
    public static final String CLASSIFIER = "classifier";
    public static final String MODEL_MAX_BYTES = "model.max.bytes";
    public static final String HTTP_HOST = "http.host";
    public static final String HTTP_PORT = "http.port";

    private static final int NO_PORT = -1;
    private static final int ANY_PORT = 0;

    /** Brokers take no segments of less than 1 MiB, and no request of more than 100 MiB unless they are told to. */
    private static final int LEAST_MODEL_LIMIT = 1024 * 1024;

    private static final int GREATEST_MODEL_LIMIT = 256 * 1024 * 1024;

    private static final List<String> PASS_THROUGH = List.of("consumer.", "producer.", "streams.", "sasl.", "ssl.");
    private static final List<String> SECURITY = List.of("sasl.", "ssl.", CommonClientConfigs.SECURITY_PROTOCOL_CONFIG);

    /**
     * @param settings by name; see {@link Settings} for where they come from
     * @throws ConfigException naming the setting and what it may be
     */
    protected ServiceConfig(ConfigDef definition, Map<String, String> settings) {
        super(definition, settings, false);
        refuseUnknown(definition, settings);
        KeptPromises.check(settings);
        try {
            replication();
        } catch (IllegalArgumentException e) {
            throw new ConfigException(TOPIC_MIN_INSYNC_REPLICAS + ": " + e.getMessage());
        }
    }

    /** The settings that all services share. */
    protected static ConfigDef commonSettings() {
        return new ConfigDef()
                .define(
                        BOOTSTRAP_SERVERS,
                        ConfigDef.Type.LIST,
                        ConfigDef.NO_DEFAULT_VALUE,
                        ConfigDef.ValidList.anyNonDuplicateValues(false, false),
                        ConfigDef.Importance.HIGH,
                        "Kafka brokers to begin with, as host:port, separated by commas.")
                .define(
                        TOPIC_PREFIX,
                        ConfigDef.Type.STRING,
                        "",
                        ConfigDef.Importance.MEDIUM,
                        "Put before the name of every topic and consumer group.")
                .define(
                        CLASSIFIER,
                        ConfigDef.Type.STRING,
                        Topics.DEFAULT_CLASSIFIER,
                        ConfigDef.Importance.MEDIUM,
                        "Which classifier this is; its own topics carry the name as a suffix, unless it is default.")
                .define(
                        TOPIC_PARTITIONS,
                        ConfigDef.Type.INT,
                        Topics.DEFAULT_PARTITIONS,
                        ConfigDef.Range.between(1, 10_000),
                        ConfigDef.Importance.LOW,
                        "Partitions of the topics that posts flow through, when they are created.")
                .define(
                        TOPIC_REPLICATION_FACTOR,
                        ConfigDef.Type.SHORT,
                        (short) 0,
                        ConfigDef.Range.between(0, 100),
                        ConfigDef.Importance.LOW,
                        "Replicas of the topics, when they are created; 0 leaves it to the broker. Production wants 3.")
                .define(
                        TOPIC_MIN_INSYNC_REPLICAS,
                        ConfigDef.Type.SHORT,
                        (short) 0,
                        ConfigDef.Range.between(0, 100),
                        ConfigDef.Importance.LOW,
                        "How many replicas must have a record before it counts as written, for topics that are created;"
                                + " 0 leaves it to the broker. With 3 replicas, 2: one broker may be lost.")
                .define(
                        MODEL_MAX_BYTES,
                        ConfigDef.Type.INT,
                        Topics.DEFAULT_MAX_MODEL_BYTES,
                        ConfigDef.Range.between(LEAST_MODEL_LIMIT, GREATEST_MODEL_LIMIT),
                        ConfigDef.Importance.LOW,
                        "Largest model version, in bytes: `models` is created with it as its `max.message.bytes`, and the"
                                + " trainer refuses a fit that would be larger. The same for all services; a topic that"
                                + " exists is changed with `kafka-configs.sh`. Above 100 MB the brokers need a larger"
                                + " `socket.request.max.bytes` too.")
                .define(
                        HTTP_HOST,
                        ConfigDef.Type.STRING,
                        "127.0.0.1",
                        new ConfigDef.NonEmptyString(),
                        ConfigDef.Importance.LOW,
                        "Address that health and metrics are served on; `0.0.0.0` for all of this machine's.")
                .define(
                        HTTP_PORT,
                        ConfigDef.Type.INT,
                        ANY_PORT,
                        ConfigDef.Range.between(NO_PORT, 65_535),
                        ConfigDef.Importance.MEDIUM,
                        "Port of `/health/live`, `/health/ready` and `/metrics`; 0 takes any free port and logs it, -1"
                                + " serves none.");
    }

    public final String bootstrapServers() {
        return String.join(",", getList(BOOTSTRAP_SERVERS));
    }

    public final Topics topics() {
        return new Topics(
                getString(TOPIC_PREFIX), getString(CLASSIFIER), getInt(TOPIC_PARTITIONS), getInt(MODEL_MAX_BYTES));
    }

    /** Of the topics that are created. */
    public final Replication replication() {
        return new Replication(getShort(TOPIC_REPLICATION_FACTOR), getShort(TOPIC_MIN_INSYNC_REPLICAS));
    }

    /** Where health and metrics are served, if anywhere; port 0 is any free one. */
    final Optional<InetSocketAddress> httpAddress() {
        int port = getInt(HTTP_PORT);
        return port == NO_PORT ? Optional.empty() : Optional.of(new InetSocketAddress(getString(HTTP_HOST), port));
    }

    /** Settings for an admin client: the brokers and security. */
    public final Map<String, Object> adminSettings() {
        Map<String, Object> settings = new HashMap<>();
        originals().forEach((name, value) -> {
            if (SECURITY.stream().anyMatch(name::startsWith)) {
                settings.put(name, value);
            }
        });
        settings.put(BOOTSTRAP_SERVERS, bootstrapServers());
        return settings;
    }

    /**
     * As {@link #adminSettings()}, with the service's defaults and then what stands behind {@code consumer.}. Reads what is
     * committed, and commits only when told to.
     */
    public final Map<String, Object> consumerSettings(Map<String, ?> defaults) {
        Map<String, Object> settings = passedOn("consumer.", defaults);
        settings.putAll(KeptPromises.OF_CONSUMERS);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return settings;
    }

    /**
     * As {@link #adminSettings()}, with the service's defaults and then what stands behind {@code producer.}. Nothing is lost
     * or doubled on the way to the brokers.
     */
    public final Map<String, Object> producerSettings(Map<String, ?> defaults) {
        Map<String, Object> settings = passedOn("producer.", defaults);
        settings.putAll(KeptPromises.OF_PRODUCERS);
        return settings;
    }

    /** As {@link #adminSettings()}, with the service's defaults and then what stands behind {@code streams.}. */
    public final Map<String, Object> streamsSettings(Map<String, ?> defaults) {
        return passedOn("streams.", defaults);
    }

    private Map<String, Object> passedOn(String prefix, Map<String, ?> defaults) {
        Map<String, Object> settings = new HashMap<>(defaults);
        settings.putAll(adminSettings());
        settings.putAll(originalsWithPrefix(prefix));
        return settings;
    }

    private static void refuseUnknown(ConfigDef definition, Map<String, String> settings) {
        TreeSet<String> unknown = new TreeSet<>(settings.keySet());
        unknown.removeAll(definition.names());
        unknown.removeIf(name -> PASS_THROUGH.stream().anyMatch(name::startsWith)
                || name.equals(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG));
        if (!unknown.isEmpty()) {
            throw new ConfigException("unknown setting " + String.join(", ", unknown) + "; known are "
                    + String.join(", ", new TreeSet<>(definition.names()))
                    + ", and Kafka's own behind consumer., producer. and streams.");
        }
    }
}
