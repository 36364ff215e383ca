package dev.sluice.trainer;

import dev.sluice.schemas.InvalidModelException;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Training;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.KafkaException;

/**
 * The way onto the topic for a version that was made elsewhere. It takes the publisher of the trainers, so that numbers stay
 * without gaps and collisions whoever publishes beside it; it tidies nothing away, since how much is kept is a setting
 * of the trainer.
 */
public final class ModelImport {
    private static final String PROMOTION = "imported: deployed by people only";
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);
    private static final Duration CLOSING = Duration.ofSeconds(1);

    private ModelImport() {}

    /**
     * Publishes a version, and deploys it not.
     *
     * @param settings of {@link TrainerConfig}: the brokers, whose classifier, how large a model may be
     * @param model whose classifier, number, seal and signature do not count: they are given here, the signature by the key of
     *     {@link dev.sluice.runtime.TrustSettings}, if there is one. Nor does what another cluster's
     *     topics and requests had to do with it. Without a self-test it gets one, of what it answers here
     * @return as it lies on the topic
     * @throws InvalidModelException if it contradicts itself or is too large; nothing is published then
     * @throws KafkaException if the broker refuses
     * @throws InterruptedException if this thread is interrupted while it waits for the broker
     */
    public static ModelVersion publish(Map<String, String> settings, ModelVersion model) throws InterruptedException {
        TrainerConfig config = new TrainerConfig(settings);
        ModelVersion.Builder draft = ModelVersion.newBuilder(model)
                .setClassifier(config.topics().classifier())
                .setVersion(1) // until it is published
                .setTraining(Training.newBuilder(model.getTraining())
                        .setLineage(List.of())
                        .setRequestId(null)
                        .build())
                .setSha256("");
        Predictor predictor = Predictor.ofUnsealed(draft.build()); // before anybody is fenced off for it
        if (model.getSelfTest().isEmpty()) {
            draft.setSelfTest(predictor.selfTestOfItsOwn());
        }
        TrainerClients clients = new TrainerClients(config);
        PublishedModels models = new PublishedModels(
                clients.models(), config.topics().models(), config.topics().classifier(), config.trust());
        DeploymentLog deployments = new DeploymentLog(
                clients.deployments(),
                config.topics().deployments(),
                config.topics().classifier(),
                config.trust());
        try {
            models.follow(); // all that is there takes a while to read: rather before a trainer is fenced off than
            // after
            return new ModelPublisher(
                            clients::publishing,
                            models,
                            deployments,
                            new Gate(config.promotion(), models, deployments),
                            new Retention(0, models, deployments),
                            config.topics(),
                            config.trust(),
                            BETWEEN_TRIES)
                    .publishOnly(draft, PROMOTION);
        } catch (RefusedTrainingException e) {
            throw new InvalidModelException(e.getMessage());
        } finally {
            models.close(CLOSING);
            deployments.close(CLOSING);
        }
    }
}
