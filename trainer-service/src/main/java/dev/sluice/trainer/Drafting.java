package dev.sluice.trainer;

import dev.sluice.schemas.Calibration;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.Input;
import dev.sluice.schemas.InputKind;
import dev.sluice.schemas.InvalidModelException;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Training;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From examples to a version: the fit, what was chosen on the examples held out of it, and the figures, all by the forward
 * pass that serves. Where the examples come from and where the version goes are others' concern.
 */
final class Drafting {
    private static final Logger LOG = LoggerFactory.getLogger(Drafting.class);

    private final EmbeddingSpace space;
    private final Hyperparameters parameters;
    private final int mostWords;
    private final TrainingListener listener;
    private final Clock clock;

    /**
     * @param space of all examples
     * @param mostWords that the version may know, if it reads any
     */
    Drafting(EmbeddingSpace space, Hyperparameters parameters, int mostWords, TrainingListener listener, Clock clock) {
        this.space = space;
        this.parameters = parameters;
        this.mostWords = mostWords;
        this.listener = listener;
        this.clock = clock;
    }

    /**
     * @param splits that no policy refuses
     * @param known the examples that the splits were made of
     * @param classifier whose version it is to be
     * @return all of a version but its number (it says 1), where its examples came from, and its seal
     * @throws InterruptedException if this thread is interrupted
     * @throws RefusedTrainingException if the fit comes to nothing
     */
    ModelVersion.Builder draft(Splits splits, List<Example> known, String classifier) throws InterruptedException {
        LOG.info("Learning {} ({})", splits.task().task(), splits.task().reason());
        Instant startedAt = clock.instant();
        ModelTrainer.Fit fit = fit(splits);
        ModelVersion.Builder draft = draft(splits, known, classifier, fit, startedAt);
        try {
            Predictor usable = Predictor.ofUnsealed(draft.build()); // also where nothing is held out to be answered
            if (splits.task().task() == Task.BINARY) {
                draft.setThreshold(threshold(splits.validation(), usable));
            }
            return draft.setEvaluations(evaluations(splits, draft.build()));
        } catch (InvalidModelException e) {
            throw new RefusedTrainingException("the fit gave no usable model (" + e.getMessage() + "); a smaller "
                    + HyperparameterSettings.LEARNING_RATE + " may help");
        }
    }

    private ModelTrainer.Fit fit(Splits splits) throws InterruptedException {
        try {
            return new ModelTrainer(splits, parameters, mostWords, listener).fit();
        } catch (RuntimeException e) { // a request that DL4J chokes on must not stop the service each time it starts
            LOG.error("The fit failed", e);
            throw new RefusedTrainingException("the fit failed: " + e);
        }
    }

    private ModelVersion.Builder draft(
            Splits splits, List<Example> known, String classifier, ModelTrainer.Fit fit, Instant startedAt) {
        Instant now = clock.instant();
        return ModelVersion.newBuilder()
                .setClassifier(classifier)
                .setVersion(1) // until it is published
                .setTask(splits.task().task())
                .setLabels(splits.task().labels())
                .setSpace(space)
                .setInputs(inputs(fit))
                .setNetwork(fit.network())
                .setWide(fit.wide().orElse(null))
                .setCalibration(fit.temperature().map(Calibration::new).orElse(null))
                .setTargetScale(splits.task().scale().orElse(null))
                .setSelfTest(fit.selfTest())
                .setTraining(Training.newBuilder()
                        .setParameters(parameters.asMap())
                        .setSeed(parameters.seed())
                        .setHistory(fit.history())
                        .setBestEpoch(fit.bestEpoch().orElse(null))
                        .setExamples(splits.trainingCounts())
                        .setTrainingExamples(splits.training().size())
                        .setTaskReason(splits.task().reason())
                        .setValidationExamples(splits.watchedExamples().size())
                        .setValidationSplit(splits.watched() == Split.TEST ? Split.TEST : Split.VALIDATION)
                        .setTestExamples(splits.test().size())
                        .setLineage(List.of())
                        .setCodeVersion(codeVersion())
                        .setDatasetFingerprint(DatasetFingerprint.of(known))
                        .setStartedAt(startedAt)
                        .setFinishedAt(now)
                        .build())
                .setCreatedAt(now)
                .setSha256("");
    }

    private List<Input> inputs(ModelTrainer.Fit fit) {
        List<Input> inputs = new ArrayList<>(List.of(new Input(InputKind.EMBEDDING, space.getDimensions())));
        fit.wide()
                .map(wide -> wide.getHashes().remaining() / Long.BYTES)
                .ifPresent(words -> inputs.add(new Input(InputKind.WORDS, words)));
        return inputs;
    }

    private double threshold(List<Example> heldOut, Predictor predictor) {
        RocCurve curve = new RocCurve();
        if (parameters.threshold().isChosen()) {
            heldOut.stream()
                    .filter(example ->
                            predictor.labels().contains(example.label().orElseThrow()))
                    .forEach(example -> curve.add(
                            example.answerOf(predictor)[1],
                            predictor.labels().get(1).equals(example.label().orElseThrow())));
        }
        return parameters.threshold().choose(curve);
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
        Scores raw = Scores.of(examples, Predictor.ofUnsealed(uncalibrated(draft)));
        return Evaluation.newBuilder(evaluation)
                .setUncalibratedError(
                        raw.evaluation(split).getCalibrationError().orElse(null))
                .build();
    }

    /** The same answers, as sure as the network itself is of them: so the threshold moves with the probabilities. */
    private static ModelVersion uncalibrated(ModelVersion draft) {
        double temperature = draft.getCalibration().orElseThrow().getTemperature();
        Optional<Double> threshold =
                draft.getThreshold().map(served -> 1 / (1 + Math.exp(-temperature * Math.log(served / (1 - served)))));
        return ModelVersion.newBuilder(draft)
                .setCalibration(null)
                .setThreshold(threshold.orElse(null))
                .setSelfTest(List.of()) // its answers are those at the temperature
                .build();
    }

    static String codeVersion() {
        return Optional.ofNullable(Drafting.class.getPackage().getImplementationVersion())
                .orElse("dev");
    }
}
