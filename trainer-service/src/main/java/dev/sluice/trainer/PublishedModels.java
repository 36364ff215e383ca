package dev.sluice.trainer;

import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions on the topic of models, as far as the trainer needs them: the newest. What cannot be read there is not
 * the trainer's to mend: nobody can serve it either, so its number is free. To be used by one thread at a time.
 */
final class PublishedModels {
    private static final Logger LOG = LoggerFactory.getLogger(PublishedModels.class);
    private static final Duration POLL = Duration.ofMillis(100);

    private final Consumer<byte[], byte[]> consumer;
    private final Topic<ModelVersion> topic;
    private final String classifier;
    private Optional<ModelVersion> newest = Optional.empty();

    PublishedModels(Consumer<byte[], byte[]> consumer, Topic<ModelVersion> topic, String classifier) {
        this.consumer = consumer;
        this.topic = topic;
        this.classifier = classifier;
    }

    /** Reads to the end of what is committed now. */
    void follow() {
        if (consumer.assignment().isEmpty()) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.name()).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
        }
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        while (!ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
            consumer.poll(POLL).forEach(this::take);
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null || record.value() == null) {
            return;
        }
        String key = new String(record.key(), StandardCharsets.UTF_8);
        try {
            ModelVersion version = topic.codec().decode(record.value());
            if (key.equals(ModelVersions.keyOf(classifier, version.getVersion()))
                    && version.getVersion()
                            >= newest.map(ModelVersion::getVersion).orElse(0)) {
                newest = Optional.of(version);
            }
        } catch (UnreadableRecordException e) {
            LOG.warn("{} at offset {} is no model version: {}", topic.name(), record.offset(), e.getMessage());
        }
    }

    /** Also for one that was just committed: readers may see it a moment later only. */
    void add(ModelVersion version) {
        if (version.getVersion() >= newest.map(ModelVersion::getVersion).orElse(0)) {
            newest = Optional.of(version);
        }
    }

    /** The version with the highest number, as far as was read. */
    Optional<ModelVersion> newest() {
        return newest;
    }

    /** @throws RefusedTrainingException if there is no number left */
    int nextVersion() {
        int highest = newest.map(ModelVersion::getVersion).orElse(0);
        if (highest == Integer.MAX_VALUE) {
            throw new RefusedTrainingException("version " + highest + " stands on " + topic.name()
                    + ": there is no number after it; delete that record");
        }
        return highest + 1;
    }

    void wakeUp() {
        consumer.wakeup();
    }

    void close(Duration patience) {
        consumer.close(CloseOptions.timeout(patience));
    }
}
