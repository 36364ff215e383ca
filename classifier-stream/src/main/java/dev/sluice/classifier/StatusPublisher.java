package dev.sluice.classifier;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.Deployments.Change;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the world what became of deployments and models: by log, counters, {@code deployment-status} and dead letters.
 * Sends without waiting: news that cannot be sent is logged, and nothing serves worse for it.
 */
final class StatusPublisher implements Reports {
    private static final Logger LOG = LoggerFactory.getLogger(StatusPublisher.class);

    private final Topic<DeploymentStatus> topic;
    private final String classifier;
    private final String instance;
    private final Producer<byte[], byte[]> producer;
    private final ClassifierMetrics metrics;
    private final DeadLetters letters;
    private final Clock clock;

    StatusPublisher(
            Topics topics, String instance, Producer<byte[], byte[]> producer, ClassifierMetrics metrics, Clock clock) {
        this.topic = topics.deploymentStatus();
        this.classifier = topics.classifier();
        this.instance = instance;
        this.producer = producer;
        this.metrics = metrics;
        this.letters = DeadLetters.of("classify", topics, clock);
        this.clock = clock;
    }

    @Override
    public void deployment(Outcome outcome) {
        metrics.deployment(outcome.state());
        switch (outcome.state()) {
            case REFUSED ->
                LOG.warn(
                        "version {} is deployed ({}), but refused: {}",
                        outcome.version(),
                        outcome.arm(),
                        outcome.reason());
            case WAITING -> // models and deployments come in any order
                LOG.info(
                        "version {} is deployed ({}), but waited for: {}",
                        outcome.version(),
                        outcome.arm(),
                        outcome.reason());
            default -> LOG.info("version {} serves ({}) {}", outcome.version(), outcome.arm(), outcome.reason());
        }
        DeploymentStatus status = DeploymentStatus.newBuilder()
                .setClassifier(classifier)
                .setInstance(instance)
                .setState(outcome.state())
                .setVersion(outcome.version())
                .setServingVersion(outcome.serving().orElse(null))
                .setReason(outcome.reason())
                .setAt(clock.instant())
                .setArm(outcome.arm())
                .build();
        send(new ProducerRecord<>(
                topic.name(), key(outcome.arm()), topic.codec().encode(status)));
    }

    @Override
    public void ended(Arm arm) {
        send(new ProducerRecord<>(topic.name(), key(arm), null));
    }

    @Override
    public void lost(Change change) {
        metrics.lost();
        LOG.warn(
                "the event at offset {} of deployments ({}{}, by {}) changes nothing: {}",
                change.offset(),
                change.event().getAction(),
                change.to().map(version -> " " + version).orElse(""),
                change.event().getBy(),
                change.lost().orElse(""));
    }

    /** Only news becomes a dead letter: what is met again at a start has been one already, or lies on its topic still. */
    @Override
    public void refused(ConsumerRecord<byte[], byte[]> record, Exception reason, boolean fresh) {
        metrics.refused(record.topic());
        LOG.warn("{} at offset {} is refused: {}", record.topic(), record.offset(), reason.getMessage());
        if (fresh) {
            send(letters.of(record, reason));
        }
    }

    /** This instance serves no more. */
    void withdraw() {
        for (Arm arm : List.of(Arm.LIVE, Arm.CANARY, Arm.SHADOW)) {
            send(new ProducerRecord<>(topic.name(), key(arm), null));
        }
    }

    private void send(ProducerRecord<byte[], byte[]> record) {
        try {
            Future<RecordMetadata> unused = producer.send(record, (sent, failure) -> {
                if (failure instanceof RecordTooLargeException && record.value() != null) {
                    LOG.warn("only the reason goes to {}, which takes no more", record.topic());
                    Future<RecordMetadata> unusedToo = producer.send(letters.smaller(record));
                } else if (failure != null) {
                    LOG.warn("could not write to {}: {}", record.topic(), failure.getMessage());
                }
            });
        } catch (RuntimeException e) { // the serving must go on, whatever becomes of its news
            LOG.warn("could not write to {}: {}", record.topic(), e.getMessage());
        }
    }

    private byte[] key(Arm arm) {
        return (classifier + "/" + instance + (arm == Arm.LIVE ? "" : "/" + arm)).getBytes(StandardCharsets.UTF_8);
    }
}
