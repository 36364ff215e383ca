package dev.sluice.trainer;

import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.Input;
import dev.sluice.schemas.InputKind;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Training;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What else than fitting can be done with a network where there is no broker: {@link LocalFit}'s companion. */
public final class LocalHead {
    private LocalHead() {}

    /**
     * A version with the weights that a fit would begin with: its answers mean nothing, its shape does.
     *
     * @param task MULTICLASS, BINARY or REGRESSION
     * @param labels in the order of the answers; none for REGRESSION
     * @param settings hyper-parameters by the trainer's names
     * @return version 1 of the classifier {@code default}, sealed; without a history
     * @throws IllegalArgumentException if a setting is unknown or out of its range
     */
    public static ModelVersion untrained(
            EmbeddingSpace space, Task task, List<String> labels, Map<String, String> settings, Clock clock) {
        Hyperparameters parameters = parametersOf(settings);
        LearningTask learning = new LearningTask(task, labels, Optional.empty(), "not fitted");
        Instant now = clock.instant();
        ModelVersion version = ModelVersion.newBuilder()
                .setClassifier(Topics.DEFAULT_CLASSIFIER)
                .setVersion(1) // until it is published
                .setTask(task)
                .setLabels(labels)
                .setSpace(space)
                .setInputs(List.of(new Input(InputKind.EMBEDDING, space.getDimensions())))
                .setNetwork(new TrainableNetwork(parameters.plan(space.getDimensions(), learning)).asRecord())
                .setTraining(Training.newBuilder()
                        .setParameters(parameters.asMap())
                        .setSeed(parameters.seed())
                        .setHistory(List.of())
                        .setExamples(Map.of())
                        .setTaskReason(learning.reason())
                        .setValidationExamples(0)
                        .setTestExamples(0)
                        .setLineage(List.of())
                        .setCodeVersion(Drafting.codeVersion())
                        .setStartedAt(now)
                        .setFinishedAt(now)
                        .build())
                .setCreatedAt(now)
                .setSha256("")
                .build();
        return ModelVersions.seal(ModelVersion.newBuilder(version)
                .setSelfTest(Predictor.ofUnsealed(version).selfTestOfItsOwn())
                .build());
    }

    private static Hyperparameters parametersOf(Map<String, String> settings) {
        try {
            return HyperparameterSettings.parse(Map.of()).with(settings);
        } catch (RefusedTrainingException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * A version's answers against what is known.
     *
     * @param examples one or more, of the version's embedding space, with labels or targets as its task has it
     * @return said to be of the split TEST
     * @throws InterruptedException if this thread is interrupted
     */
    public static Evaluation evaluation(List<LocalFit.LabelledVector> examples, ModelVersion version)
            throws InterruptedException {
        String spaceId = EmbeddingSpaces.idOf(version.getSpace());
        Predictor predictor = Predictor.ofUnsealed(version);
        return Scores.of(
                        examples.stream()
                                .map(it -> it.asExample(spaceId, predictor.readsWords()))
                                .toList(),
                        predictor)
                .evaluation(Split.TEST);
    }
}
