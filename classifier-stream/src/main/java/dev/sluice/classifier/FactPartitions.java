package dev.sluice.classifier;

import dev.sluice.schemas.Topics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * How many partitions learning has: as many as its topic of facts, once that is there, for its stores are laid out by
 * them and Kafka Streams starts with no other number; else as many as {@code embedded-posts}. So neither a changed setting
 * nor partitions added to a topic of posts stops a running Sluice.
 */
final class FactPartitions {
    private FactPartitions() {}

    static int of(Admin admin, Topics topics, String applicationId) {
        String facts = applicationId + "-" + LearnTopology.FACTS + "-repartition";
        String posts = topics.embeddedPosts().name();
        Map<String, KafkaFuture<TopicDescription>> found =
                admin.describeTopics(List.of(facts, posts)).topicNameValues();
        return partitions(found.get(facts))
                .or(() -> partitions(found.get(posts)))
                .orElse(topics.embeddedPosts().partitions());
    }

    private static Optional<Integer> partitions(KafkaFuture<TopicDescription> description) {
        try {
            return Optional.of(description.get().partitions().size());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return Optional.empty();
            }
            throw new KafkaException("the brokers do not say how many partitions there are", e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
