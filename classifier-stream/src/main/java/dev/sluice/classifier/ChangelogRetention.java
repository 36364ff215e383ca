package dev.sluice.classifier;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the topics behind the stores of posts and of what is known of them the retention that is set now. Kafka Streams
 * does so only when it creates them; with another setting later, stores would be restored from topics that forget too early
 * or too late. Without the right to do so learning goes on: what is gone early is as if it had never been there.
 */
final class ChangelogRetention {
    private static final Logger LOG = LoggerFactory.getLogger(ChangelogRetention.class);

    private ChangelogRetention() {}

    /** @param retention of the topics; those that are not there yet are left to Kafka Streams */
    static void align(Admin admin, String applicationId, Duration retention) {
        for (String store : List.of(LearnTopology.POSTS, LearnTopology.KNOWLEDGE)) {
            align(admin, topic(applicationId, store), Long.toString(retention.toMillis()));
        }
    }

    private static void align(Admin admin, ConfigResource topic, String millis) {
        try {
            Map<ConfigResource, KafkaFuture<Config>> described =
                    admin.describeConfigs(List.of(topic)).values();
            ConfigEntry now = described.get(topic).get().get(TopicConfig.RETENTION_MS_CONFIG);
            if (!millis.equals(now.value())) {
                ConfigEntry wanted = new ConfigEntry(TopicConfig.RETENTION_MS_CONFIG, millis);
                admin.incrementalAlterConfigs(
                                Map.of(topic, List.of(new AlterConfigOp(wanted, AlterConfigOp.OpType.SET))))
                        .all()
                        .get();
                LOG.info("{} keeps its records {} ms from now on, no longer {}", topic.name(), millis, now.value());
            }
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                LOG.warn(
                        "{} cannot be given the {} of {} ms, which labels.retention.ms asks for: {}",
                        topic.name(),
                        TopicConfig.RETENTION_MS_CONFIG,
                        millis,
                        e.getCause().getMessage());
            }
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private static ConfigResource topic(String applicationId, String store) {
        return new ConfigResource(ConfigResource.Type.TOPIC, applicationId + "-" + store + "-changelog");
    }
}
