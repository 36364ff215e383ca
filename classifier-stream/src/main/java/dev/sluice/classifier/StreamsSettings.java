package dev.sluice.classifier;

import static org.apache.kafka.streams.StreamsConfig.consumerPrefix;
import static org.apache.kafka.streams.StreamsConfig.globalConsumerPrefix;
import static org.apache.kafka.streams.StreamsConfig.producerPrefix;
import static org.apache.kafka.streams.StreamsConfig.topicPrefix;

import dev.sluice.runtime.KeptPromises;
import dev.sluice.schemas.Replication;
import dev.sluice.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.StreamsConfig;

/** How Kafka Streams is set up for the two applications, where it departs from Kafka's defaults and why. */
final class StreamsSettings {
    static final String CLASSIFY = "sluice-classify";
    static final String LEARN = "sluice-learn";

    /** Reasons in a dead letter's headers, and the framing of a batch. */
    private static final int ROOM = 128 * 1024;

    /** So that counts are written to their changelog once a commit; other stores have no part in it. */
    private static final long COUNTS_CACHE_BYTES = 4L * 1024 * 1024;

    /** Nobody waits for an example as for a prediction, and each commit writes to many more topics. */
    private static final long LEARN_COMMIT_INTERVAL_MS = 100;

    /** Kafka 5 will have it so, and Kafka 4 warns at each start while it is not; its name in StreamsConfig is deprecated. */
    private static final String GLOBAL_HANDLER = "processing.exception.handler.global.enabled";

    private StreamsSettings() {}

    static Map<String, Object> classify(ClassifierConfig config, Path stateDir) {
        Map<String, Object> settings = common(config, CLASSIFY, stateDir);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.getInt(ClassifierConfig.NUM_STREAM_THREADS));
        settings.put(globalConsumerPrefix(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG), KeylessRecords.class.getName());
        return config.streamsSettingsOver(settings);
    }

    static Map<String, Object> learn(ClassifierConfig config, Path stateDir, StoreMemory memory) {
        Map<String, Object> settings = common(config, LEARN, stateDir);
        settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StoreMemory.Setter.class.getName());
        settings.put(StoreMemory.SETTING, memory);
        settings.put(globalConsumerPrefix(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG), KeylessRecords.class.getName());
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, COUNTS_CACHE_BYTES);
        settings.put(
                StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
                Math.max(LEARN_COMMIT_INTERVAL_MS, config.getLong(ClassifierConfig.COMMIT_INTERVAL_MS)));
        // The order of facts does not matter, so none is held back until the other topics have been asked for theirs.
        settings.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, -1L);
        // Internal topics carry whole posts. What is deleted there, as a post that is to be forgotten, is to go in a
        // day
        // or two, not when a segment of a gigabyte is full.
        String day = Long.toString(Duration.ofDays(1).toMillis());
        settings.put(topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG), Topics.MAX_NESTED_POST_BYTES + ROOM);
        settings.put(topicPrefix(TopicConfig.SEGMENT_MS_CONFIG), day);
        settings.put(topicPrefix(TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG), day);
        return config.streamsSettingsOver(settings);
    }

    /** How long Kafka Streams lets the topics behind the stores of learning keep their records. */
    static Duration changelogRetention(ClassifierConfig config) {
        String more = StreamsConfig.WINDOW_STORE_CHANGE_LOG_ADDITIONAL_RETENTION_MS_CONFIG;
        Object set = config.streamsSettingsOver(Map.of())
                .getOrDefault(more, StreamsConfig.configDef().defaultValues().get(more));
        long millis = (Long) ConfigDef.parseType(more, set, ConfigDef.Type.LONG);
        return config.labelsRetention().plusMillis(millis);
    }

    /** The consumer group: prefix, application, and the classifier unless it is the default one. */
    static String applicationId(Topics topics, String application) {
        String suffix = topics.classifier().equals(Topics.DEFAULT_CLASSIFIER) ? "" : "." + topics.classifier();
        return topics.prefix() + application + suffix;
    }

    private static Map<String, Object> common(ClassifierConfig config, String application, Path stateDir) {
        String applicationId = applicationId(config.topics(), application);
        Map<String, Object> settings = new HashMap<>();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
        settings.put(StreamsConfig.CLIENT_ID_CONFIG, applicationId + "-" + config.instance());
        settings.put(
                StreamsConfig.PROCESSING_GUARANTEE_CONFIG, config.getString(ClassifierConfig.PROCESSING_GUARANTEE));
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.getLong(ClassifierConfig.COMMIT_INTERVAL_MS));
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0L);
        settings.put(GLOBAL_HANDLER, true);
        Replication replication = config.replication();
        if (replication.factor() > 0) {
            settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, (int) replication.factor());
        }
        if (replication.minInsyncReplicas() > 0) {
            settings.put(topicPrefix(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG), (int) replication.minInsyncReplicas());
        }
        // Not all that consumers are promised: Kafka Streams sees to its commits itself and warns of who tells it to.
        settings.put(consumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG), "read_committed");
        // A killed instance keeps its partitions for so long; Kafka's default is 45 s. As long as Kafka Streams lets a
        // transaction take, which holds up readers just so.
        settings.put(consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
        settings.put(consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 3_000);
        // Kafka Streams waits 100 ms to fill a batch, so a single post would take that long. With 5 ms batches are as
        // good as full under load, and a single post does not notice.
        settings.put(producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 5);
        KeptPromises.OF_PRODUCERS.forEach((name, value) -> settings.put(producerPrefix(name), value));
        settings.put(producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), Topics.MAX_NESTED_POST_BYTES + ROOM);
        return settings;
    }
}
