package dev.sluice.runtime;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * What the brokers know of a consumer group now. Needs no rights that the group's own readers have not: to read implies to
 * describe.
 *
 * @param settled whether nothing is being shared out anew, and the member in question belongs to it
 * @param state for people
 * @param lags by topic: committed records that the group has not finished
 */
record GroupLook(boolean settled, String state, Map<String, Long> lags) {

    /** Asks; may take as long as the admin client's patience for each of five questions. */
    static GroupLook at(Admin admin, GroupWatch.Group group) throws ExecutionException, InterruptedException {
        Map<TopicPartition, Long> ends = offsets(admin, partitionsOf(admin, group.topics()), OffsetSpec.latest());
        Map<String, Long> lags = lags(admin, group, ends);
        if (group.member().isEmpty()) {
            return new GroupLook(true, "", lags);
        }
        try {
            ConsumerGroupDescription now = admin.describeConsumerGroups(List.of(group.id()))
                    .describedGroups()
                    .get(group.id())
                    .get();
            boolean member = now.members().stream()
                    .anyMatch(it -> it.clientId().equals(group.member().get()));
            boolean stable = now.groupState() == GroupState.STABLE;
            return new GroupLook(
                    stable && member,
                    stable ? "this instance is no member of it" : "its partitions are being shared out",
                    lags);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return new GroupLook(false, "it has no members", lags);
            }
            throw e;
        }
    }

    /** A topic that is not there, as that of a classifier to come, has none. */
    private static Set<TopicPartition> partitionsOf(Admin admin, List<String> topics)
            throws ExecutionException, InterruptedException {
        Set<TopicPartition> partitions = new HashSet<>();
        for (KafkaFuture<TopicDescription> topic :
                admin.describeTopics(topics).topicNameValues().values()) {
            try {
                TopicDescription found = topic.get();
                found.partitions().forEach(it -> partitions.add(new TopicPartition(found.name(), it.partition())));
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
            }
        }
        return partitions;
    }

    private static Map<TopicPartition, Long> offsets(Admin admin, Set<TopicPartition> partitions, OffsetSpec which)
            throws ExecutionException, InterruptedException {
        return admin
                .listOffsets(
                        partitions.stream().collect(Collectors.toMap(Function.identity(), it -> which)),
                        new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                .all()
                .get()
                .entrySet()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, it -> offset(it.getValue())));
    }

    private static long offset(ListOffsetsResultInfo info) {
        return info.offset();
    }

    /** A partition without a commit has not been read yet, so all of it lies ahead. */
    private static Map<String, Long> lags(Admin admin, GroupWatch.Group group, Map<TopicPartition, Long> ends)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, Long> done = new HashMap<>();
        admin.listConsumerGroupOffsets(group.id()).partitionsToOffsetAndMetadata().get().entrySet().stream()
                .filter(commit -> commit.getValue() != null) // Kafka's way to say that there is none
                .forEach(commit -> done.put(commit.getKey(), offset(commit.getValue())));
        Set<TopicPartition> unread = new HashSet<>(ends.keySet());
        unread.removeAll(done.keySet());
        if (!unread.isEmpty()) {
            done.putAll(offsets(admin, unread, OffsetSpec.earliest()));
        }
        return ends.keySet().stream()
                .collect(Collectors.groupingBy(
                        TopicPartition::topic, Collectors.summingLong(it -> Math.max(0, ends.get(it) - done.get(it)))));
    }

    private static long offset(OffsetAndMetadata commit) {
        return commit.offset();
    }
}
