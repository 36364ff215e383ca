package dev.sluice.classifier;

import dev.sluice.runtime.ServiceConfig;
import dev.sluice.runtime.TrustSettings;
import dev.sluice.schemas.Trust;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;

/** The settings of the classifier. */
public final class ClassifierConfig extends ServiceConfig {
    public static final String STATE_DIR = StreamsConfig.STATE_DIR_CONFIG;
    public static final String INSTANCE = "instance";
    public static final String NUM_STREAM_THREADS = StreamsConfig.NUM_STREAM_THREADS_CONFIG;
    public static final String PROCESSING_GUARANTEE = StreamsConfig.PROCESSING_GUARANTEE_CONFIG;
    public static final String COMMIT_INTERVAL_MS = StreamsConfig.COMMIT_INTERVAL_MS_CONFIG;
    public static final String MIN_CONFIDENCE = "min.confidence";
    public static final String PREDICTIONS_FORMAT = "predictions.format";
    public static final String PREDICTIONS_TEXT_CHARACTERS = "predictions.text.characters";
    public static final String LABELS_RETENTION_MS = "labels.retention.ms";

    private static final String JSON = "json";

    /**
     * @param settings by name; see {@link dev.sluice.runtime.Settings} for where they come from
     * @throws ConfigException naming the setting and what it may be
     */
    public ClassifierConfig(Map<String, String> settings) {
        super(definition(), settings);
        if (getInt(EvaluationSettings.AFTER_LABELS) > 0 && !trust().canSign()) {
            throw new ConfigException(TrustSettings.SIGNING_KEY + " must be set: " + TrustSettings.TRUSTED_KEYS
                    + " asks for signatures, and what " + EvaluationSettings.AFTER_LABELS
                    + " decides would be refused without one");
        }
    }

    /** Whose versions and deployments count, and what our own are signed with. */
    Trust trust() {
        return TrustSettings.of(this);
    }

    static ConfigDef definition() {
        return TrustSettings.addTo(
                EvaluationSettings.addTo(commonSettings()
                        .define(
                                STATE_DIR,
                                ConfigDef.Type.STRING,
                                "",
                                ConfigDef.Importance.MEDIUM,
                                "Folder that keeps copies of the model versions, and of the posts that wait for labels, between"
                                        + " starts, one for each instance; without one they are read from their topics at each"
                                        + " start, into a temporary folder.")
                        .define(
                                INSTANCE,
                                ConfigDef.Type.STRING,
                                "",
                                ConfigDef.Importance.LOW,
                                "Name of this instance on deployment-status; without one, the host's. Instances on one host need"
                                        + " different names.")
                        .define(
                                NUM_STREAM_THREADS,
                                ConfigDef.Type.INT,
                                1,
                                ConfigDef.Range.between(1, 1000),
                                ConfigDef.Importance.MEDIUM,
                                "Threads that classify.")
                        .define(
                                PROCESSING_GUARANTEE,
                                ConfigDef.Type.STRING,
                                StreamsConfig.EXACTLY_ONCE_V2,
                                ConfigDef.ValidString.in(StreamsConfig.EXACTLY_ONCE_V2, StreamsConfig.AT_LEAST_ONCE),
                                ConfigDef.Importance.MEDIUM,
                                "exactly_once_v2, or at_least_once: quicker by the commit interval, but a crash may repeat"
                                        + " predictions.")
                        .define(
                                COMMIT_INTERVAL_MS,
                                ConfigDef.Type.LONG,
                                20L,
                                ConfigDef.Range.between(1, 60_000),
                                ConfigDef.Importance.MEDIUM,
                                "How often predictions are committed; with exactly_once_v2 one is read that much later. What is"
                                        + " learned is committed every 100 ms, or every so often if that is longer.")
                        .define(
                                MIN_CONFIDENCE,
                                ConfigDef.Type.DOUBLE,
                                0.0,
                                ConfigDef.Range.between(0, 1),
                                ConfigDef.Importance.MEDIUM,
                                "A version that would answer with a label less likely than this abstains: the prediction has the"
                                        + " probabilities, but no label. 0: it always answers. A regression has no labels: it"
                                        + " abstains only where no finite number comes out.")
                        .define(
                                PREDICTIONS_FORMAT,
                                ConfigDef.Type.STRING,
                                "avro",
                                ConfigDef.ValidString.in("avro", JSON),
                                ConfigDef.Importance.MEDIUM,
                                "How predictions are written: avro, or json for kcat and people.")
                        .define(
                                PREDICTIONS_TEXT_CHARACTERS,
                                ConfigDef.Type.INT,
                                200,
                                ConfigDef.Range.between(0, 100_000),
                                ConfigDef.Importance.LOW,
                                "How much of the text's start goes along with a prediction.")
                        .define(
                                LABELS_RETENTION_MS,
                                ConfigDef.Type.LONG,
                                Duration.ofDays(7).toMillis(),
                                ConfigDef.Range.between(
                                        60_000, Duration.ofDays(3650).toMillis()),
                                ConfigDef.Importance.MEDIUM,
                                "How long a post waits for its label, and a label for its post or a correction, counted from the"
                                        + " last post or label of that id.")),
                "what is decided by `promotion.after.labels`");
    }

    boolean predictionsAsJson() {
        return getString(PREDICTIONS_FORMAT).equals(JSON);
    }

    double minConfidence() {
        return getDouble(MIN_CONFIDENCE);
    }

    int textCharacters() {
        return getInt(PREDICTIONS_TEXT_CHARACTERS);
    }

    Duration labelsRetention() {
        return Duration.ofMillis(getLong(LABELS_RETENTION_MS));
    }

    /** Nothing, if the state is to be kept only as long as the service runs. */
    Optional<Path> stateDir() {
        return Optional.of(getString(STATE_DIR)).filter(text -> !text.isBlank()).map(Path::of);
    }

    String instance() {
        String name = getString(INSTANCE);
        return name.isBlank() ? hostName() : name;
    }

    /** What a person set for Kafka Streams or for the clients inside; it goes before any of our defaults. */
    Map<String, Object> streamsSettingsOver(Map<String, Object> defaults) {
        Map<String, Object> settings = new HashMap<>(streamsSettings(defaults));
        originals().forEach((name, value) -> {
            if (name.startsWith(StreamsConfig.CONSUMER_PREFIX) || name.startsWith(StreamsConfig.PRODUCER_PREFIX)) {
                settings.put(name, value);
            }
        });
        return settings;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
