package dev.sluice.embedder;

import dev.sluice.runtime.GroupWatch;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * How one embedder's Kafka clients are set up.
 *
 * @param instance tells this embedder from the others of its group; never used again, so that no two fence each other
 */
record EmbedderClients(EmbedderConfig config, String instance) {
    /** Enough for one commit, little enough that a killed embedder holds up its successor only briefly. */
    private static final int TRANSACTION_TIMEOUT_MS = 10_000;

    private static final int SESSION_TIMEOUT_MS = 10_000;
    private static final int MAX_BLOCK_MS = 10_000;

    /** A record's headers and key come on top of its value. */
    private static final int REQUEST_ROOM = 256 * 1024;

    Map<String, Object> consumerSettings() {
        Map<String, Object> settings = config.consumerSettings(Map.of(
                ConsumerConfig.CLIENT_ID_CONFIG,
                config.groupId() + "-" + instance,
                // Keeps a member's other partitions at work while some move.
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                CooperativeStickyAssignor.class.getName(),
                ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                SESSION_TIMEOUT_MS,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                // Partitions that are added to the topic are found so soon; Kafka's default is 5 minutes.
                ConsumerConfig.METADATA_MAX_AGE_CONFIG,
                (int) PartitionKeeper.ASK_EVERY.toMillis()));
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, config.groupId());
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, config.batchMaxTexts());
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        return settings;
    }

    /**
     * For what brings labelled texts into this space. The group is the space's own, since a new one begins at the first text.
     */
    Map<String, Object> reembedConsumerSettings(EmbeddingSpace space) {
        Map<String, Object> settings = consumerSettings();
        settings.put(
                ConsumerConfig.CLIENT_ID_CONFIG,
                EmbeddingSpaces.reembedGroup(config.groupId(), space) + "-" + instance);
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, EmbeddingSpaces.reembedGroup(config.groupId(), space));
        settings.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
        settings.put(
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                config.next().orElse(config).batchMaxTexts());
        return settings;
    }

    Map<String, Object> reembedProducerSettings(EmbeddingSpace space) {
        Map<String, Object> settings = producerSettings();
        String name = EmbeddingSpaces.reembedGroup(config.groupId(), space) + "-" + instance;
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, name);
        settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, name);
        return settings;
    }

    /** The group that reads posts, and the one that reads labelled texts for the next space. */
    List<GroupWatch.Group> watchedGroups(Optional<? extends EmbeddingModel> next) {
        List<GroupWatch.Group> groups = new ArrayList<>();
        groups.add(new GroupWatch.Group(
                config.groupId(), List.of(config.topics().posts().name()), memberOf(consumerSettings())));
        next.ifPresent(model -> groups.add(new GroupWatch.Group(
                EmbeddingSpaces.reembedGroup(config.groupId(), model.space()),
                config.topicsOfNext().stream()
                        .map(topics -> topics.labeledVectors().name())
                        .toList(),
                memberOf(reembedConsumerSettings(model.space())))));
        return groups;
    }

    private static Optional<String> memberOf(Map<String, Object> settings) {
        return Optional.of((String) settings.get(ConsumerConfig.CLIENT_ID_CONFIG));
    }

    Map<String, Object> producerSettings() {
        Map<String, Object> settings = config.producerSettings(Map.of(
                ProducerConfig.CLIENT_ID_CONFIG,
                config.groupId() + "-" + instance,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                MAX_BLOCK_MS,
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                TRANSACTION_TIMEOUT_MS,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                Topics.MAX_NESTED_POST_BYTES + REQUEST_ROOM));
        settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, config.groupId() + "-" + instance);
        return settings;
    }
}
