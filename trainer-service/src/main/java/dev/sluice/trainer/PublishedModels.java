package dev.sluice.trainer;

import dev.sluice.schemas.InvalidModelException;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions on the topic of models: the newest is held in memory, of the others only where they lie. What cannot be
 * read there is not the trainer's to mend: nobody can serve it either, so its number is free. To be used by one thread at
 * a time.
 */
final class PublishedModels {
    private static final Logger LOG = LoggerFactory.getLogger(PublishedModels.class);

    private final TopicFollower follower;
    private final Topic<ModelVersion> topic;
    private final String classifier;
    private final TreeMap<Integer, TopicFollower.Place> places = new TreeMap<>();
    private Optional<ModelVersion> newest = Optional.empty();

    /** @param consumer of committed records, one at a time; nobody else's */
    PublishedModels(Consumer<byte[], byte[]> consumer, Topic<ModelVersion> topic, String classifier) {
        this.follower = new TopicFollower(consumer, topic.name());
        this.topic = topic;
        this.classifier = classifier;
    }

    /** Reads to the end of what is committed now. */
    void follow() {
        follower.follow(this::take);
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null) {
            return;
        }
        String key = new String(record.key(), StandardCharsets.UTF_8);
        places.keySet()
                .removeIf(version -> ModelVersions.keyOf(classifier, version).equals(key));
        if (record.value() == null) {
            return; // withdrawn; never the newest, as far as it is the trainer's doing
        }
        read(key, record).ifPresent(version -> {
            places.put(version.getVersion(), TopicFollower.Place.of(record));
            add(version);
        });
    }

    /** Empty if the record is none of this classifier's versions. */
    private Optional<ModelVersion> read(String key, ConsumerRecord<byte[], byte[]> record) {
        try {
            return Optional.of(topic.codec().decode(record.value()))
                    .filter(version -> key.equals(ModelVersions.keyOf(classifier, version.getVersion())));
        } catch (UnreadableRecordException e) {
            LOG.warn("{} at offset {} is no model version: {}", topic.name(), record.offset(), e.getMessage());
            return Optional.empty();
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

    /** The numbers of all versions there, as far as was read; a copy. */
    NavigableSet<Integer> numbers() {
        return new TreeSet<>(places.keySet());
    }

    /** The version ready to answer; empty if it is not there, or not sound. Reads it from the topic once more. */
    Optional<Predictor> predictorOf(int version) {
        return Optional.ofNullable(places.get(version))
                .flatMap(follower::at)
                .flatMap(record -> read(ModelVersions.keyOf(classifier, version), record))
                .flatMap(PublishedModels::soundOnly);
    }

    private static Optional<Predictor> soundOnly(ModelVersion version) {
        try {
            return Optional.of(Predictor.of(version));
        } catch (InvalidModelException e) {
            LOG.warn("version {} is not sound: {}", version.getVersion(), e.getMessage());
            return Optional.empty();
        }
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

    void close(Duration patience) {
        follower.close(patience);
    }
}
