package dev.sluice.trainer;

import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Training;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;

/** One fit from a snapshot of the examples to a published version. An interrupt ends it. */
final class FitTask implements Callable<ModelVersion> {
    private static final String BY = "trainer";

    private final Assignment assignment;
    private final TrainingPolicy policy;
    private final Topics topics;
    private final ModelPublisher publisher;
    private final TrainingListener listener;
    private final Clock clock;

    /**
     * What is to be fitted.
     *
     * @param requestId of the request that asked for it, if one did
     * @param reason why, for the deployment
     * @param wanted whether its trainer is active still, and has been all the while; asked on another thread
     */
    record Assignment(
            Examples.Snapshot examples,
            Lineage lineage,
            Hyperparameters parameters,
            Optional<String> requestId,
            String reason,
            BooleanSupplier wanted) {}

    FitTask(
            Assignment assignment,
            TrainingPolicy policy,
            Topics topics,
            ModelPublisher publisher,
            TrainingListener listener,
            Clock clock) {
        this.assignment = assignment;
        this.policy = policy;
        this.topics = topics;
        this.publisher = publisher;
        this.listener = listener;
        this.clock = clock;
    }

    /** @throws RefusedTrainingException with the reason, if these examples cannot be fitted so */
    @Override
    public ModelVersion call() throws InterruptedException {
        assignment.requestId().ifPresent(publisher::refuseAnswered);
        Splits splits = Splits.of(assignment.examples().learnable(), assignment.parameters());
        refuseWhatCannotWork(splits);
        ModelVersion.Builder draft = new Drafting(
                        assignment.examples().space(), assignment.parameters(), mostWords(splits), listener, clock)
                .draft(splits, assignment.examples().learnable(), topics.classifier());
        draft.setTraining(Training.newBuilder(draft.getTraining())
                .setLineage(assignment.lineage().topicOffsets())
                .setRequestId(assignment.requestId().orElse(null))
                .build());
        return publisher.publish(draft, splits.validation(), BY, assignment.reason(), assignment.wanted());
    }

    private void refuseWhatCannotWork(Splits splits) {
        policy.refusal(splits, assignment.parameters()).ifPresent(reason -> {
            throw new RefusedTrainingException(reason);
        });
        long bytes = denseBytes(splits);
        if (bytes > topics.maxModelBytes() - ModelPublisher.RECORD_ROOM) {
            throw new RefusedTrainingException(publisher.sizeRefusal(bytes));
        }
    }

    private long denseBytes(Splits splits) {
        return assignment
                        .parameters()
                        .plan(assignment.examples().space().getDimensions(), splits.task())
                        .parameters()
                * Float.BYTES;
    }

    /** As many as the record has room for beside the dense network, and half of that at most: the rest is for figures. */
    private int mostWords(Splits splits) {
        long room = (topics.maxModelBytes() - denseBytes(splits)) / 2;
        long fitting = Math.max(0, room) / WordWeights.bytesEach(splits.task().outputs());
        return (int) Math.min(WordChoice.MOST, fitting);
    }
}
