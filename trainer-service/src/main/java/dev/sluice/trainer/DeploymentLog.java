package dev.sluice.trainer;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Trust;
import dev.sluice.schemas.UnreadableRecordException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The topic of deployments, folded as everyone folds it. To be used by one thread at a time. */
final class DeploymentLog {
    private static final Logger LOG = LoggerFactory.getLogger(DeploymentLog.class);

    private final TopicFollower follower;
    private final Topic<Deployment> topic;
    private final Deployments deployments;

    /** @param consumer of committed records; nobody else's */
    DeploymentLog(Consumer<byte[], byte[]> consumer, Topic<Deployment> topic, String classifier, Trust trust) {
        this.follower = new TopicFollower(consumer, topic.name());
        this.topic = topic;
        deployments = new Deployments(classifier, trust);
    }

    /** Reads to the end of what is committed now. */
    void follow() {
        follower.follow(this::take);
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        try {
            deployments.add(record.offset(), topic.codec().decode(record.value()));
        } catch (UnreadableRecordException e) { // the classifier buries it
            LOG.debug("{} at offset {} is no deployment: {}", topic.name(), record.offset(), e.getMessage());
        }
    }

    /** The version that is to serve. */
    Optional<Integer> live() {
        return deployments.live();
    }

    /** Where a rollback leads to. */
    Optional<Integer> previous() {
        return deployments.previous();
    }

    /** Versions that answer beside the live one: the shadow and the canary. */
    List<Integer> beside() {
        return Stream.of(deployments.shadow(), deployments.canary().map(Deployments.Canary::version))
                .flatMap(Optional::stream)
                .toList();
    }

    /** Whether automatic events lose. */
    boolean pinned() {
        return deployments.pinned();
    }

    /** The versions that events made live, each once, the last first. */
    List<Integer> wentLive() {
        List<Deployments.Change> newestFirst = new ArrayList<>(deployments.history());
        Collections.reverse(newestFirst);
        return newestFirst.stream()
                .filter(Deployments.Change::applied)
                .flatMap(change -> change.to().stream())
                .distinct()
                .toList();
    }

    void close(Duration patience) {
        follower.close(patience);
    }
}
