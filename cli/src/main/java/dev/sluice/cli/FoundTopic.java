package dev.sluice.cli;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;

/**
 * A topic as it is.
 *
 * @param led whether every partition has a leader
 * @param configs all settings in force, by Kafka's names
 */
record FoundTopic(int partitions, boolean led, Map<String, String> configs) {
    FoundTopic {
        configs = Map.copyOf(configs);
    }

    /** @throws CommandException if the broker does not say, or may not */
    static Map<String, FoundTopic> of(Connection connection, Set<String> names) {
        try {
            return of(connection.admin(), List.copyOf(names));
        } catch (ExecutionException e) {
            throw new CommandException(Failures.lineOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    private static Map<String, FoundTopic> of(Admin admin, List<String> names)
            throws ExecutionException, InterruptedException {
        Map<String, TopicDescription> descriptions =
                admin.describeTopics(names).allTopicNames().get();
        Map<ConfigResource, Config> configs = admin.describeConfigs(
                        names.stream().map(FoundTopic::resource).toList())
                .all()
                .get();
        Map<String, FoundTopic> found = new HashMap<>();
        descriptions.forEach((name, description) -> found.put(
                name,
                new FoundTopic(
                        description.partitions().size(),
                        description.partitions().stream()
                                .allMatch(partition -> partition.leader() != null
                                        && !partition.leader().isEmpty()),
                        valuesOf(configs.get(resource(name))))));
        return found;
    }

    private static ConfigResource resource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }

    private static Map<String, String> valuesOf(Config config) {
        Map<String, String> values = new HashMap<>();
        config.entries().stream()
                .filter(entry -> entry.value() != null) // secrets
                .forEach(entry -> values.put(entry.name(), entry.value()));
        return values;
    }
}
