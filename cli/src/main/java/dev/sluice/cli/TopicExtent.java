package dev.sluice.cli;

import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/**
 * How far a topic reaches, seen by a reader of committed records.
 *
 * @param ends next offset of each partition
 * @param partitions offsets in use of each partition; markers of transactions and holes left by compaction count too, so
 *     there may be fewer records
 * @param cleanup Kafka's cleanup.policy
 */
record TopicExtent(String topic, Map<Integer, Long> ends, Map<Integer, Long> partitions, String cleanup) {
    TopicExtent {
        ends = Map.copyOf(ends);
        partitions = Map.copyOf(partitions);
    }

    long offsets() {
        return partitions.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The topic's own name, and that of its dead letters. */
    static List<String> namesOf(Topic<?> topic) {
        return List.of(topic.name(), Topics.deadLetterOf(topic.name()));
    }

    /** Those of the topics that exist, in the order given. */
    static List<TopicExtent> of(Connection connection, Collection<String> names) {
        Set<String> existing = new TreeSet<>(connection.topicNames());
        List<String> topics = names.stream().filter(existing::contains).toList();
        try {
            return of(connection.admin(), topics);
        } catch (ExecutionException e) {
            throw new CommandException(Failures.lineOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    private static List<TopicExtent> of(Admin admin, List<String> topics)
            throws ExecutionException, InterruptedException {
        Map<String, TopicDescription> descriptions =
                admin.describeTopics(topics).allTopicNames().get();
        Map<TopicPartition, Long> begins = offsets(admin, descriptions, OffsetSpec.earliest());
        Map<TopicPartition, Long> ends = offsets(admin, descriptions, OffsetSpec.latest());
        Map<ConfigResource, Config> configs = admin.describeConfigs(topics.stream()
                        .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
                        .toList())
                .all()
                .get();
        return topics.stream()
                .map(topic ->
                        extent(topic, begins, ends, configs.get(new ConfigResource(ConfigResource.Type.TOPIC, topic))))
                .toList();
    }

    private static TopicExtent extent(
            String topic, Map<TopicPartition, Long> begins, Map<TopicPartition, Long> ends, Config config) {
        Map<Integer, Long> used = new TreeMap<>();
        Map<Integer, Long> next = new TreeMap<>();
        ends.forEach((partition, end) -> {
            if (partition.topic().equals(topic)) {
                next.put(partition.partition(), end);
                used.put(partition.partition(), end - begins.get(partition));
            }
        });
        return new TopicExtent(
                topic, next, used, config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value());
    }

    private static Map<TopicPartition, Long> offsets(
            Admin admin, Map<String, TopicDescription> descriptions, OffsetSpec which)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        descriptions.forEach((topic, description) -> {
            for (TopicPartitionInfo partition : description.partitions()) {
                asked.put(new TopicPartition(topic, partition.partition()), which);
            }
        });
        Map<TopicPartition, ListOffsetsResultInfo> answers = admin.listOffsets(
                        asked, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                .all()
                .get();
        Map<TopicPartition, Long> offsets = new HashMap<>();
        answers.forEach((partition, answer) -> offsets.put(partition, answer.offset()));
        return offsets;
    }
}
