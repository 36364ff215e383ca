package dev.sluice.embedder;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What only Kafka's admin client tells about the cache's topic: its partitions, how far they reach, how long they are kept.
 * It has connections of its own, so that no question waits behind a fetch that waits for records. Safe for use by several
 * threads.
 */
final class CacheTopic implements EmbeddingCache.Ends {
    private static final Logger LOG = LoggerFactory.getLogger(CacheTopic.class);

    /** As long as a service's start waits for its topics: a broker may be restarted just then. */
    private static final int AT_START_MS = (int) Duration.ofMinutes(1).toMillis();

    private final Admin admin;
    private final String name;
    private final List<TopicPartition> partitions;

    CacheTopic(Admin admin, String name, List<TopicPartition> partitions) {
        this.admin = admin;
        this.name = name;
        this.partitions = partitions;
    }

    /** @throws KafkaException if there is no such topic, or no broker answers within a minute */
    static CacheTopic open(Map<String, Object> settings, String name) throws InterruptedException {
        Admin admin = Admin.create(settings);
        try {
            DescribeTopicsOptions patient = new DescribeTopicsOptions().timeoutMs(AT_START_MS);
            TopicDescription found = get(admin.describeTopics(List.of(name), patient)
                    .topicNameValues()
                    .get(name));
            return new CacheTopic(
                    admin,
                    name,
                    found.partitions().stream()
                            .map(partition -> new TopicPartition(name, partition.partition()))
                            .toList());
        } catch (InterruptedException | RuntimeException e) {
            admin.close(Duration.ZERO);
            throw e;
        }
    }

    /**
     * The offset behind the last record that is safe on all replicas in sync, for each partition: nothing acknowledged lies
     * beyond, also just after a new leader was chosen (KIP-207).
     */
    @Override
    public Map<TopicPartition, Long> now() throws InterruptedException {
        return ends(new ListOffsetsOptions(IsolationLevel.READ_COMMITTED));
    }

    /** As {@link #now}, with the patience of a start. */
    Map<TopicPartition, Long> atStart() throws InterruptedException {
        return ends(new ListOffsetsOptions(IsolationLevel.READ_COMMITTED).timeoutMs(AT_START_MS));
    }

    private Map<TopicPartition, Long> ends(ListOffsetsOptions options) throws InterruptedException {
        Map<TopicPartition, OffsetSpec> latest =
                partitions.stream().collect(Collectors.toMap(Function.identity(), partition -> OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        get(admin.listOffsets(latest, options).all()).forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    /**
     * Has the topic keep its records so long, with the patience of a start; without the right to say so, it stays as it is.
     *
     * @throws KafkaException if no broker answers within a minute, or the topic cannot be changed for another reason
     */
    void keepFor(Duration retention) throws InterruptedException {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name);
        String wanted = Long.toString(retention.toMillis());
        try {
            ConfigEntry kept = get(admin.describeConfigs(
                                    List.of(topic), new DescribeConfigsOptions().timeoutMs(AT_START_MS))
                            .values()
                            .get(topic))
                    .get(TopicConfig.RETENTION_MS_CONFIG);
            if (!kept.value().equals(wanted)) {
                AlterConfigOp change = new AlterConfigOp(
                        new ConfigEntry(TopicConfig.RETENTION_MS_CONFIG, wanted), AlterConfigOp.OpType.SET);
                get(admin.incrementalAlterConfigs(
                                Map.of(topic, List.of(change)), new AlterConfigsOptions().timeoutMs(AT_START_MS))
                        .all());
                LOG.info("{} keeps its records for {} ms now, not {}", name, wanted, kept.value());
            }
        } catch (AuthorizationException e) {
            LOG.warn("{} cannot be told to keep its records for {} ms: {}", name, wanted, e.getMessage());
        }
    }

    private static <T> T get(KafkaFuture<T> answer) throws InterruptedException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException failure ? failure : new KafkaException(e.getCause());
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
