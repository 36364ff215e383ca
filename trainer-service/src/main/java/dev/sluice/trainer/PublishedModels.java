package dev.sluice.trainer;

import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.InvalidModelException;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Training;
import dev.sluice.schemas.Trust;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions on the topic of models. None is held in memory, only where they lie, and how the newest that was fitted was
 * made. What cannot be read there is not the trainer's to mend: nobody can serve it either, so its number is free. To be used by one thread at
 * a time.
 */
final class PublishedModels {
    private static final Logger LOG = LoggerFactory.getLogger(PublishedModels.class);

    private final TopicFollower follower;
    private final Topic<ModelVersion> topic;
    private final String classifier;
    private final Trust trust;
    private final TreeMap<Integer, TopicFollower.Place> places = new TreeMap<>();
    private int highest;
    private final Map<String, Fitted> newestFitted = new HashMap<>();

    /**
     * A version that a trainer of this classifier made; one that was imported tells nothing of what was learned here.
     *
     * @param space that it was fitted in, as its canonical id
     */
    record Fitted(int version, String space, Training training) {
        static Optional<Fitted> of(ModelVersion version) {
            return Optional.of(new Fitted(
                            version.getVersion(), EmbeddingSpaces.idOf(version.getSpace()), version.getTraining()))
                    .filter(fitted -> !fitted.training.getLineage().isEmpty()
                            || fitted.training.getRequestId().isPresent());
        }

        /** Of the same examples, settings and request: the weights are the same then. */
        boolean isTheSameFitAs(Fitted other) {
            return !training.getDatasetFingerprint().isEmpty()
                    && training.getDatasetFingerprint().equals(other.training.getDatasetFingerprint())
                    && training.getParameters().equals(other.training.getParameters())
                    && training.getRequestId().equals(other.training.getRequestId());
        }
    }

    /** @param consumer of committed records, one at a time; nobody else's */
    PublishedModels(Consumer<byte[], byte[]> consumer, Topic<ModelVersion> topic, String classifier, Trust trust) {
        this.follower = new TopicFollower(consumer, topic.name());
        this.topic = topic;
        this.classifier = classifier;
        this.trust = trust;
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
        highest = Math.max(highest, version.getVersion());
        Optional<String> objection = trust.objectionTo(version);
        if (objection.isPresent()) { // its number is taken, but what it says of itself tells nothing
            LOG.warn("version {} does not count: {}", version.getVersion(), objection.get());
            return;
        }
        Fitted.of(version)
                .ifPresent(fitted -> newestFitted.merge(
                        fitted.space(), fitted, (known, now) -> now.version() >= known.version() ? now : known));
    }

    /** The one with the highest number of those that were fitted, as far as was read. */
    Optional<Fitted> newestFitted() {
        return newestFitted.values().stream().max(Comparator.comparingInt(Fitted::version));
    }

    /** The one with the highest number of each embedding space, by the space's canonical id; a copy. */
    Map<String, Fitted> newestFittedBySpace() {
        return Map.copyOf(newestFitted);
    }

    /** Whether this very version is there, as far as was read. Reads it from the topic once more. */
    boolean holds(ModelVersion version) {
        return at(version.getVersion())
                .filter(there -> there.getSha256().equals(version.getSha256()))
                .isPresent();
    }

    /** The numbers of all versions there, as far as was read; a copy. */
    NavigableSet<Integer> numbers() {
        return new TreeSet<>(places.keySet());
    }

    /** The version ready to answer; empty if it is not there, or not sound. Reads it from the topic once more. */
    Optional<Predictor> predictorOf(int version) {
        return at(version).flatMap(this::soundOnly);
    }

    private Optional<ModelVersion> at(int version) {
        return Optional.ofNullable(places.get(version))
                .flatMap(follower::at)
                .flatMap(record -> read(ModelVersions.keyOf(classifier, version), record));
    }

    private Optional<Predictor> soundOnly(ModelVersion version) {
        try {
            trust.check(version);
            return Optional.of(Predictor.of(version));
        } catch (InvalidModelException e) {
            LOG.warn("version {} is not sound: {}", version.getVersion(), e.getMessage());
            return Optional.empty();
        }
    }

    /** @throws RefusedTrainingException if there is no number left */
    int nextVersion() {
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
