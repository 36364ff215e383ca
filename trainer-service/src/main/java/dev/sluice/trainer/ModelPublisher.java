package dev.sluice.trainer;

import dev.sluice.runtime.ServiceConfig;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.InvalidModelException;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Training;
import dev.sluice.schemas.Trust;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a version and, if it is to serve, its deployment on their topics and takes the oldest versions away, all or nothing, in one
 * transaction. All who publish for a classifier, trainers and imports, share a transactional id: the one that begins last
 * fences the others off, reads to the end, and takes the next number, so that no two versions ever share one. Who was
 * fenced off begins again, so that nothing is lost when two publish at once; and a broker that does not answer is waited for.
 */
final class ModelPublisher {
    private static final Logger LOG = LoggerFactory.getLogger(ModelPublisher.class);
    private static final Duration CLOSING = Duration.ofSeconds(1);

    /** What a record's key and framing take beside its value, in bytes; generous. */
    static final int RECORD_ROOM = 4 * 1024;

    private final Supplier<Producer<byte[], byte[]>> producers;
    private final PublishedModels models;
    private final DeploymentLog deployments;
    private final Gate gate;
    private final Retention retention;
    private final Topics topics;
    private final Trust trust;
    private final Duration betweenTries;

    /**
     * @param producers makes a transactional producer, always with the same transactional id
     * @param betweenTries to wait while the broker does not answer
     */
    ModelPublisher(
            Supplier<Producer<byte[], byte[]>> producers,
            PublishedModels models,
            DeploymentLog deployments,
            Gate gate,
            Retention retention,
            Topics topics,
            Trust trust,
            Duration betweenTries) {
        this.producers = producers;
        this.models = models;
        this.deployments = deployments;
        this.gate = gate;
        this.retention = retention;
        this.topics = topics;
        this.trust = trust;
        this.betweenTries = betweenTries;
    }

    /** Whether a version is deployed with its publication, and why, or why not. */
    private interface Judge {
        Gate.Verdict judge(ModelVersion version) throws InterruptedException;
    }

    /**
     * @param draft all of a version but its number, what the gate says of it, and its seal
     * @param holdout the examples that it was evaluated on as VALIDATION; may be empty
     * @param reason why it was fitted, for the deployment
     * @param wanted asked before each try but the first: a trainer that lost its place meanwhile must not publish what is
     *     stale behind the one that took it
     * @return the version as published
     * @throws InvalidModelException if the version would not answer; nothing is published then
     * @throws RefusedTrainingException if it is too large, another trainer has taken over and published the same fit, or
     *     the newest version that was fitted answers the same request
     * @throws KafkaException what stopped the last try, if the version is not wanted any more
     */
    ModelVersion publish(
            ModelVersion.Builder draft, List<Example> holdout, String by, String reason, BooleanSupplier wanted)
            throws InterruptedException {
        return publish(draft, version -> gate.judge(version, holdout), by, reason, wanted);
    }

    /**
     * As {@link #publish}, but without a deployment.
     *
     * @param reason why not, for those who look at the version
     */
    ModelVersion publishOnly(ModelVersion.Builder draft, String reason) throws InterruptedException {
        return publish(draft, version -> new Gate.Verdict(false, reason), "", "", () -> true);
    }

    private ModelVersion publish(
            ModelVersion.Builder draft, Judge judge, String by, String reason, BooleanSupplier wanted)
            throws InterruptedException {
        Optional<ModelVersion> tried = Optional.empty();
        boolean fenced = false;
        while (true) {
            try (Closer closer = new Closer(producers.get())) {
                Producer<byte[], byte[]> producer = closer.producer();
                producer.initTransactions();
                models.follow();
                deployments.follow();
                if (tried.isPresent() && models.holds(tried.get())) {
                    return tried.get(); // the last try's commit had come through, only its answer had not
                }
                draft.getTraining().getRequestId().ifPresent(this::refuseIfAnswered);
                if (fenced) {
                    refuseIfDone(draft);
                }
                draft.setVersion(models.nextVersion());
                Gate.Verdict verdict = judge.judge(draft.build());
                ModelVersion version =
                        trust.signed(ModelVersions.seal(with(verdict, draft).build()));
                Predictor.of(version);
                tried = Optional.of(version);
                Optional<Deployment> deployment = Optional.of(version)
                        .filter(promoted -> verdict.deploy())
                        .map(promoted -> deploymentOf(promoted, by, reason + "; " + verdict.reason()));
                send(producer, version, deployment);
                models.add(version);
                return version;
            } catch (KafkaException e) {
                PublishingFailure failure = new PublishingFailure(e);
                failure.refusal(topics).ifPresent(why -> {
                    throw new RefusedTrainingException(why);
                });
                fenced |= failure.isFenced();
                if (!failure.isFenced() && !failure.isPassing()) {
                    throw e;
                }
                LOG.warn(
                        failure.isFenced()
                                ? "Another one publishes at this moment, going behind it: {}"
                                : "Cannot publish yet, trying again: {}",
                        e.getMessage());
                LockSupport.parkNanos(betweenTries.toNanos());
                if (Thread.interrupted()) {
                    throw new InterruptedException("publishing was stopped");
                }
                if (!wanted.getAsBoolean()) {
                    throw e;
                }
            }
        }
    }

    /**
     * A trainer that fell between publishing and committing leaves its request behind.
     *
     * @throws RefusedTrainingException if the newest version that was fitted was made for this request, as far as can be
     *     seen now; {@link #publish} sees all
     */
    void refuseAnswered(String requestId) {
        models.follow();
        refuseIfAnswered(requestId);
    }

    /** The embedding space that is served now, as its canonical id. */
    Optional<String> liveSpace() {
        return gate.liveSpace();
    }

    private void refuseIfAnswered(String requestId) {
        models.newestFitted()
                .filter(fitted -> fitted.training().getRequestId().equals(Optional.of(requestId)))
                .ifPresent(fitted -> {
                    throw new AnsweredAlreadyException(requestId, fitted.version());
                });
    }

    /** Who is fenced off by a trainer that took over need not publish the same once more. */
    private void refuseIfDone(ModelVersion.Builder draft) {
        PublishedModels.Fitted.of(draft.build())
                .flatMap(ours -> models.newestFitted().filter(ours::isTheSameFitAs))
                .ifPresent(theirs -> {
                    throw new RefusedTrainingException(
                            "another trainer of this classifier has taken over, and published the same fit as version "
                                    + theirs.version());
                });
    }

    private static ModelVersion.Builder with(Gate.Verdict verdict, ModelVersion.Builder draft) {
        return draft.setTraining(Training.newBuilder(draft.getTraining())
                .setPromotion(verdict.deploy() ? ModelVersions.DEPLOYED : verdict.reason())
                .build());
    }

    /** Loses if an operator is quicker: the verdict was about the version that is live now. */
    private Deployment deploymentOf(ModelVersion version, String by, String reason) {
        return trust.signed(Deployment.newBuilder()
                .setVersion(version.getVersion())
                .setClassifier(version.getClassifier())
                .setBy(by)
                .setReason(reason)
                .setCreatedAt(version.getCreatedAt())
                .setAction(DeploymentAction.DEPLOY)
                .setAutomatic(true)
                .setExpected(deployments.live().orElse(0))
                .build());
    }

    private void send(Producer<byte[], byte[]> producer, ModelVersion version, Optional<Deployment> deployment) {
        byte[] model = topics.models().codec().encode(version);
        if (model.length > topics.maxModelBytes() - RECORD_ROOM) {
            throw new RefusedTrainingException(sizeRefusal(model.length));
        }
        List<Integer> surplus = retention.surplusBeside(version.getVersion());
        producer.beginTransaction();
        // What a send meets, the commit throws.
        Future<?> unusedModel = producer.send(new ProducerRecord<>(
                topics.models().name(),
                bytes(ModelVersions.keyOf(version.getClassifier(), version.getVersion())),
                model));
        deployment.ifPresent(event -> {
            Future<?> unusedDeployment = producer.send(new ProducerRecord<>(
                    topics.deployments().name(),
                    bytes(version.getClassifier()),
                    topics.deployments().codec().encode(event)));
        });
        for (int old : surplus) {
            Future<?> unusedTombstone = producer.send(new ProducerRecord<>(
                    topics.models().name(), bytes(ModelVersions.keyOf(version.getClassifier(), old)), null));
        }
        try {
            producer.commitTransaction();
        } catch (KafkaException e) {
            if (new PublishingFailure(e).isTooLarge()) {
                producer.abortTransaction(); // else the topics' readers wait for it to expire
            }
            throw e;
        }
    }

    String sizeRefusal(long bytes) {
        return "the model would take " + bytes + " bytes, a record holds " + topics.maxModelBytes() + ": make "
                + HyperparameterSettings.HIDDEN_LAYERS + " narrower, or raise " + ServiceConfig.MODEL_MAX_BYTES
                + " and the topic's max.message.bytes";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A producer's own close waits for ever. */
    private record Closer(Producer<byte[], byte[]> producer) implements AutoCloseable {
        @Override
        public void close() {
            producer.close(CLOSING);
        }
    }
}
