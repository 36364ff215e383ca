package dev.sluice.cli;

import dev.sluice.schemas.Activation;
import dev.sluice.schemas.DenseLayer;
import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.Input;
import dev.sluice.schemas.InputKind;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Training;
import dev.sluice.schemas.Vectors;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Small sound versions by hand: a vector in, two labels out. */
public final class TestModels {
    public static final Instant TIME = Instant.parse("2026-11-22T09:00:00Z");

    public static final EmbeddingSpace SPACE = EmbeddingSpace.newBuilder()
            .setProvider("external")
            .setModel("by-hand")
            .setDimensions(2)
            .setNormalisation("NONE")
            .setMaxTokens(512)
            .setTextRecipe("none")
            .build();

    private TestModels() {}

    public static ModelVersion version(int version) {
        return of(version, SPACE);
    }

    /** For vectors of this space; it reads the first two numbers only. */
    public static ModelVersion of(int version, EmbeddingSpace space) {
        return make(version, space, Optional.empty());
    }

    /** The answer to a training request. */
    static ModelVersion answering(int version, Optional<String> request) {
        return make(version, SPACE, request);
    }

    private static ModelVersion make(int version, EmbeddingSpace space, Optional<String> request) {
        float[] weights = new float[2 * space.getDimensions()];
        weights[0] = 1;
        weights[space.getDimensions() + 1] = 1;
        return ModelVersions.seal(ModelVersion.newBuilder()
                .setVersion(version)
                .setTask(Task.MULTICLASS)
                .setLabels(List.of("a", "b"))
                .setSpace(space)
                .setInputs(List.of(new Input(InputKind.EMBEDDING, space.getDimensions())))
                .setNetwork(new DenseNetwork(List.of(new DenseLayer(
                        space.getDimensions(),
                        2,
                        Activation.SOFTMAX,
                        Vectors.toBytes(weights),
                        Vectors.toBytes(new float[2])))))
                .setTraining(Training.newBuilder()
                        .setParameters(Map.of("epochs", "1"))
                        .setSeed(1)
                        .setHistory(List.of(Epoch.newBuilder()
                                .setEpoch(1)
                                .setLoss(0.7)
                                .setAccuracy(0.5)
                                .build()))
                        .setExamples(Map.of("a", 3L, "b", 2L))
                        .setValidationExamples(0)
                        .setTestExamples(4)
                        .setLineage(List.of())
                        .setCodeVersion("test")
                        .setRequestId(request.orElse(null))
                        .setStartedAt(TIME)
                        .setFinishedAt(TIME)
                        .build())
                .setEvaluations(List.of(Evaluation.newBuilder()
                        .setSplit(Split.TEST)
                        .setExamples(4)
                        .setAccuracy(0.75)
                        .setLoss(0.5)
                        .setMacroF1(0.7)
                        .setPerLabel(List.of())
                        .setConfusion(List.of())
                        .build()))
                .setCreatedAt(TIME)
                .setSha256("")
                .build());
    }
}
