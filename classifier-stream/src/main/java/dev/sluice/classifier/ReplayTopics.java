package dev.sluice.classifier;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.Deployments.Change;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Trust;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a replay has to know before it begins, read from the topics: the version, and which posts. */
record ReplayTopics(Consumer<byte[], byte[]> consumer, Topics topics, Trust trust) {
    private static final Logger LOG = LoggerFactory.getLogger(ReplayTopics.class);

    /** A prediction comes after its post by the clock of another machine, which may be wrong by this much. */
    private static final Duration CLOCKS = Duration.ofHours(1);

    /** Offsets to look back for the last prediction: markers of transactions lie there too. */
    private static final int LOOK_BACK = 20;

    private static final byte JSON = '{';

    /** @throws RefusedReplayException if there is no such version, or it is not sound */
    Serving version(Optional<Integer> wanted) {
        if (wanted.isPresent()) {
            return versions(Set.of(wanted.get())).named(wanted.get());
        }
        Deployments deployments = deployments();
        Set<Integer> wereLive = deployments.history().stream()
                .filter(Change::applied)
                .flatMap(change -> change.to().stream())
                .collect(Collectors.toSet());
        return versions(wereLive).live(deployments);
    }

    /** All are known by their keys, but only of those that may answer the bytes are kept: a version may have 32 MiB. */
    ReplayVersion versions(Set<Integer> candidates) {
        Set<String> keys = candidates.stream()
                .map(version -> ModelVersions.keyOf(topics.classifier(), version))
                .collect(Collectors.toSet());
        Map<String, Optional<byte[]>> models = new HashMap<>();
        readAll(topics.models().name(), record -> {
            if (record.key() == null) {
                return;
            }
            String key = new String(record.key(), StandardCharsets.UTF_8);
            if (record.value() == null) {
                models.remove(key);
            } else {
                models.put(key, Optional.of(record.value()).filter(bytes -> keys.contains(key)));
            }
        });
        return new ReplayVersion(topics.models().codec(), topics.classifier(), trust, models);
    }

    private Deployments deployments() {
        Deployments deployments = new Deployments(topics.classifier(), trust);
        readAll(topics.deployments().name(), record -> {
            try {
                Deployment event = topics.deployments().codec().decode(record.value());
                deployments.add(record.offset(), event);
            } catch (UnreadableRecordException e) {
                LOG.debug("passed over: {}", e.getMessage()); // the classifier has made a dead letter of it
            }
        });
        return deployments;
    }

    /** The posts whose newest prediction has the status; only of posts that came at or after the time. */
    ReplaySources sources(PredictionStatus wanted, Instant from) {
        ReplaySources sources = new ReplaySources(wanted);
        Map<TopicPartition, Long> starts =
                CommittedRecords.since(consumer, ends(topics.predictions().name()), from.minus(CLOCKS));
        CommittedRecords.read(consumer, starts, record -> {
            try {
                sources.add(topics.predictions().codec().decode(record.value()));
            } catch (UnreadableRecordException e) {
                LOG.debug("passed over: {}", e.getMessage());
            }
        });
        LOG.info(
                "{} posts were last answered with {}; to know which takes {} bytes",
                sources.size(),
                wanted,
                sources.bytes());
        return sources;
    }

    /** Whether the newest prediction on the topic is JSON: a replay writes as the service does, unless it is told. */
    boolean newestIsJson() {
        Map<TopicPartition, Long> starts = ends(topics.predictions().name());
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(starts.keySet());
        starts.replaceAll((partition, end) -> Math.max(begins.get(partition), end - LOOK_BACK));
        AtomicReference<Optional<ConsumerRecord<byte[], byte[]>>> newest = new AtomicReference<>(Optional.empty());
        CommittedRecords.read(consumer, starts, record -> {
            if (record.value() != null
                    && newest.get()
                            .filter(other -> other.timestamp() > record.timestamp())
                            .isEmpty()) {
                newest.set(Optional.of(record));
            }
        });
        return newest.get()
                .filter(record -> record.value().length > 0 && record.value()[0] == JSON)
                .isPresent();
    }

    /** The offset behind the last committed record of each partition. */
    Map<TopicPartition, Long> ends(String topic) {
        List<TopicPartition> partitions = CommittedRecords.partitions(consumer, topic);
        return new HashMap<>(consumer.endOffsets(partitions));
    }

    private void readAll(String topic, java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> to) {
        CommittedRecords.read(consumer, consumer.beginningOffsets(CommittedRecords.partitions(consumer, topic)), to);
    }
}
