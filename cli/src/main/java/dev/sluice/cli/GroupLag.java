package dev.sluice.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;

/**
 * How far a group of readers lies behind on a topic.
 *
 * @param running whether the group has members
 * @param lag offsets between the group's commits and the ends
 */
record GroupLag(String group, String topic, boolean running, long lag) {

    /** Every group that reads one of the topics, by group and topic. */
    static List<GroupLag> of(Connection connection, Collection<TopicExtent> topics) {
        try {
            return of(connection.admin(), topics);
        } catch (ExecutionException e) {
            throw new CommandException(Failures.lineOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    /** Whether a group has committed that it is done with the record at this offset of the topic's first partition. */
    static boolean anyBeyond(Connection connection, TopicExtent topic, long offset) {
        long behind = topic.ends().get(0) - offset; // the lag of who is just about to read it
        return of(connection, List.of(topic)).stream().anyMatch(group -> group.lag() < behind);
    }

    private static List<GroupLag> of(Admin admin, Collection<TopicExtent> topics)
            throws ExecutionException, InterruptedException {
        Map<String, TopicExtent> byName =
                topics.stream().collect(Collectors.toMap(TopicExtent::topic, Function.identity()));
        Map<String, GroupListing> groups = new TreeMap<>();
        admin.listGroups(ListGroupsOptions.forConsumerGroups())
                .all()
                .get()
                .forEach(group -> groups.put(group.groupId(), group));
        List<GroupLag> lags = new ArrayList<>();
        for (GroupListing group : groups.values()) {
            var commits = admin.listConsumerGroupOffsets(Map.of(group.groupId(), new ListConsumerGroupOffsetsSpec()))
                    .partitionsToOffsetAndMetadata(group.groupId())
                    .get();
            lagsOf(commits, byName)
                    .forEach((topic, lag) -> lags.add(new GroupLag(
                            group.groupId(),
                            topic,
                            group.groupState()
                                    .filter(state -> state != GroupState.EMPTY && state != GroupState.DEAD)
                                    .isPresent(),
                            lag)));
        }
        return lags;
    }

    /** By topic; a partition without a commit has not been read yet, so all of it lies ahead. */
    private static Map<String, Long> lagsOf(
            Map<TopicPartition, OffsetAndMetadata> commits, Map<String, TopicExtent> topics) {
        Map<String, Long> lags = new TreeMap<>();
        commits.keySet().stream()
                .map(TopicPartition::topic)
                .distinct()
                .filter(topics::containsKey)
                .forEach(topic -> {
                    TopicExtent extent = topics.get(topic);
                    Map<Integer, Long> committed = new HashMap<>();
                    commits.forEach((partition, commit) -> {
                        if (partition.topic().equals(topic) && commit != null) {
                            committed.put(partition.partition(), commit.offset());
                        }
                    });
                    long lag = extent.ends().entrySet().stream()
                            .mapToLong(end -> end.getValue()
                                    - committed.getOrDefault(
                                            end.getKey(),
                                            end.getValue() - extent.partitions().get(end.getKey())))
                            .sum();
                    lags.put(topic, Math.max(0, lag));
                });
        return lags;
    }
}
