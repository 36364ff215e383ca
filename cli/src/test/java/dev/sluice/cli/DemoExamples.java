package dev.sluice.cli;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.Input;
import dev.sluice.schemas.InputKind;
import dev.sluice.schemas.LabelProbability;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Training;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Records of a demo's round over the labels ham and spam. */
final class DemoExamples {
    static final List<String> LABELS = List.of("ham", "spam");
    static final int VERSION = 3;
    private static final Instant TIME = Instant.parse("2026-11-22T09:00:00Z");

    static {
        RecordCodec.of(Prediction.class); // lets Avro copy records of the contract
    }

    private DemoExamples() {}

    /** The answer to post number {@code offset}. */
    static Prediction answer(long offset, String truth, String answer, float confidence) {
        String other = answer.equals("ham") ? "spam" : "ham";
        return Prediction.newBuilder()
                .setPostId("post-" + offset)
                .setSource(new Source("posts", 0, offset))
                .setStatus(PredictionStatus.CLASSIFIED)
                .setArm(Arm.LIVE)
                .setLabel(answer)
                .setConfidence(confidence)
                .setProbabilities(
                        List.of(new LabelProbability(answer, confidence), new LabelProbability(other, 1 - confidence)))
                .setModelVersion(VERSION)
                .setPostLabel(truth)
                .setSplit(Split.TEST)
                .setTextStart("Text of post number " + offset + ",\nin two lines")
                .setEmbeddedAt(TIME)
                .setClassifiedAt(TIME)
                .build();
    }

    /** The answer to post number {@code offset}, which stands for a number. */
    static Prediction value(long offset, double truth, double answer) {
        return Prediction.newBuilder(answer(offset, "", "", 1))
                .setLabel(null)
                .setConfidence(null)
                .setProbabilities(List.of())
                .setPostLabel(null)
                .setPostTarget(truth)
                .setValue(answer)
                .build();
    }

    /** Of two labels; the second is looked for. */
    static ModelVersion binary(Evaluation evaluation, double auc) {
        return ModelVersion.newBuilder(
                        version(Evaluation.newBuilder(evaluation).setAuc(auc).build()))
                .setTask(Task.BINARY)
                .build();
    }

    static ModelVersion regression(long examples, double meanAbsoluteError, double rSquared) {
        Evaluation evaluation = Evaluation.newBuilder(evaluation(List.of(List.of(0L, 0L), List.of(0L, 0L))))
                .setExamples(examples)
                .setAccuracy(0)
                .setMacroF1(0)
                .setConfusion(List.of())
                .setMeanAbsoluteError(meanAbsoluteError)
                .setRSquared(rSquared)
                .build();
        return ModelVersion.newBuilder(version(evaluation))
                .setTask(Task.REGRESSION)
                .setLabels(List.of())
                .build();
    }

    static Evaluation evaluation(List<List<Long>> confusion) {
        long examples =
                confusion.stream().flatMap(List::stream).mapToLong(n -> n).sum();
        long right = confusion.get(0).get(0) + confusion.get(1).get(1);
        return Evaluation.newBuilder()
                .setSplit(Split.TEST)
                .setExamples(examples)
                .setAccuracy((double) right / examples)
                .setLoss(0.25)
                .setMacroF1(0.5)
                .setPerLabel(List.of())
                .setConfusion(confusion)
                .build();
    }

    static ModelVersion version(Evaluation... evaluations) {
        return ModelVersion.newBuilder()
                .setVersion(VERSION)
                .setTask(Task.MULTICLASS)
                .setLabels(LABELS)
                .setSpace(EmbeddingSpace.newBuilder()
                        .setProvider("external")
                        .setModel("none")
                        .setModelSha256("")
                        .setDimensions(2)
                        .setPooling("")
                        .setNormalisation("")
                        .setMaxTokens(0)
                        .setTextRecipe("")
                        .build())
                .setInputs(List.of(new Input(InputKind.EMBEDDING, 2)))
                .setNetwork(new DenseNetwork(List.of()))
                .setTraining(Training.newBuilder()
                        .setParameters(Map.of())
                        .setSeed(1L)
                        .setHistory(List.of(
                                Epoch.newBuilder()
                                        .setEpoch(1)
                                        .setLoss(0.7)
                                        .setAccuracy(0.5)
                                        .setValLoss(0.6)
                                        .setValAccuracy(0.5)
                                        .build(),
                                Epoch.newBuilder()
                                        .setEpoch(2)
                                        .setLoss(0.6)
                                        .setAccuracy(0.5)
                                        .setValLoss(0.5)
                                        .setValAccuracy(0.5)
                                        .build()))
                        .setExamples(Map.of("ham", 4L, "spam", 4L))
                        .setValidationExamples(0)
                        .setTestExamples(4)
                        .setLineage(List.of())
                        .setCodeVersion("1")
                        .setStartedAt(TIME)
                        .setFinishedAt(TIME)
                        .build())
                .setEvaluations(List.of(evaluations))
                .setCreatedAt(TIME)
                .setSha256("")
                .build();
    }
}
