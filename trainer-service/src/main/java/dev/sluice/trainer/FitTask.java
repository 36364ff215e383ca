package dev.sluice.trainer;

import dev.sluice.schemas.Calibration;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.Input;
import dev.sluice.schemas.InputKind;
import dev.sluice.schemas.InvalidModelException;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Training;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One fit from a snapshot of the examples to a published version. An interrupt ends it. */
final class FitTask implements Callable<ModelVersion> {
    private static final Logger LOG = LoggerFactory.getLogger(FitTask.class);
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
        Instant startedAt = clock.instant();
        ModelTrainer.Fit fit = fit(splits);
        ModelVersion.Builder draft = draft(splits, fit, startedAt);
        try {
            draft.setEvaluations(evaluations(splits, draft.build()));
            return publisher.publish(draft, splits.validation(), BY, assignment.reason(), assignment.wanted());
        } catch (InvalidModelException e) {
            throw new RefusedTrainingException("the fit gave no usable model (" + e.getMessage() + "); a smaller "
                    + HyperparameterSettings.LEARNING_RATE + " may help");
        }
    }

    private void refuseWhatCannotWork(Splits splits) {
        long training = assignment.examples().learnable().stream()
                .filter(example -> example.split() == Split.TRAIN)
                .count();
        policy.refusal(training, splits.trainingCounts()).ifPresent(reason -> {
            throw new RefusedTrainingException(reason);
        });
        Hyperparameters parameters = assignment.parameters();
        if (parameters.monitor().needsValidation() && splits.validation().isEmpty()) {
            throw new RefusedTrainingException(HyperparameterSettings.MONITOR + "="
                    + parameters.monitor().setting() + " needs validation examples, and there are none");
        }
        List<Integer> widths = parameters.widths(
                assignment.examples().space().getDimensions(), splits.labels().size());
        long numbers = 0;
        for (int i = 1; i < widths.size(); i++) {
            numbers += (widths.get(i - 1) + 1L) * widths.get(i);
        }
        if (numbers * Float.BYTES > topics.maxModelBytes() - ModelPublisher.RECORD_ROOM) {
            throw new RefusedTrainingException(publisher.sizeRefusal(numbers * Float.BYTES));
        }
    }

    private ModelTrainer.Fit fit(Splits splits) throws InterruptedException {
        try {
            return new ModelTrainer(splits, assignment.parameters(), listener).fit();
        } catch (RuntimeException e) { // a request that DL4J chokes on must not stop the service each time it starts
            LOG.error("The fit failed", e);
            throw new RefusedTrainingException("the fit failed: " + e);
        }
    }

    private ModelVersion.Builder draft(Splits splits, ModelTrainer.Fit fit, Instant startedAt) {
        Instant now = clock.instant();
        return ModelVersion.newBuilder()
                .setClassifier(topics.classifier())
                .setVersion(1) // until it is published
                .setTask(Task.MULTICLASS)
                .setLabels(splits.labels())
                .setSpace(assignment.examples().space())
                .setInputs(List.of(new Input(
                        InputKind.EMBEDDING, assignment.examples().space().getDimensions())))
                .setNetwork(fit.network())
                .setCalibration(fit.temperature().map(Calibration::new).orElse(null))
                .setSelfTest(fit.selfTest())
                .setTraining(Training.newBuilder()
                        .setParameters(assignment.parameters().asMap())
                        .setSeed(assignment.parameters().seed())
                        .setHistory(fit.history())
                        .setBestEpoch(fit.bestEpoch().orElse(null))
                        .setExamples(splits.trainingCounts())
                        .setValidationExamples(splits.watchedExamples().size())
                        .setValidationSplit(splits.watched() == Split.TEST ? Split.TEST : Split.VALIDATION)
                        .setTestExamples(splits.test().size())
                        .setLineage(assignment.lineage().topicOffsets())
                        .setCodeVersion(codeVersion())
                        .setRequestId(assignment.requestId().orElse(null))
                        .setStartedAt(startedAt)
                        .setFinishedAt(now)
                        .setDatasetFingerprint(
                                DatasetFingerprint.of(assignment.examples().learnable()))
                        .build())
                .setCreatedAt(now)
                .setSha256("");
    }

    private static List<Evaluation> evaluations(Splits splits, ModelVersion draft) throws InterruptedException {
        List<Evaluation> evaluations = new ArrayList<>();
        if (!splits.validation().isEmpty()) {
            evaluations.add(evaluation(Split.VALIDATION, splits.validation(), draft));
        }
        if (!splits.test().isEmpty()) {
            evaluations.add(evaluation(Split.TEST, splits.test(), draft));
        }
        return evaluations;
    }

    private static Evaluation evaluation(Split split, List<Example> examples, ModelVersion draft)
            throws InterruptedException {
        Evaluation evaluation = Scores.of(examples, Predictor.ofUnsealed(draft)).evaluation(split);
        if (draft.getCalibration().isEmpty()) {
            return evaluation;
        }
        ModelVersion raw = ModelVersion.newBuilder(draft)
                .setCalibration(null)
                .setSelfTest(List.of()) // its answers are those at the temperature
                .build();
        return Evaluation.newBuilder(evaluation)
                .setUncalibratedError(
                        Scores.of(examples, Predictor.ofUnsealed(raw)).calibrationError())
                .build();
    }

    private static String codeVersion() {
        return Optional.ofNullable(FitTask.class.getPackage().getImplementationVersion())
                .orElse("dev");
    }
}
