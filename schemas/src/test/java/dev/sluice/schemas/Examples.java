package dev.sluice.schemas;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;

/** One filled record of every kind that travels on a topic. */
final class Examples {
    static final Instant TIME = Instant.parse("2026-11-22T09:00:00.123Z");

    static {
        TrustedRecords.install();
    }

    private Examples() {}

    static Post post() {
        return Post.newBuilder()
                .setId("sci.space/60123")
                .setText("Orbit\n\nHow long is a day on the station?")
                .setRaw(ByteBuffer.wrap("raw".getBytes(StandardCharsets.UTF_8)))
                .setLabel("sci.space")
                .setTarget(0.5)
                .setSplit(Split.TEST)
                .setCreatedAt(TIME)
                .setAttributes(Map.of("forum", "space"))
                .build();
    }

    static Source source() {
        return new Source("posts", 3, 42L);
    }

    static EmbeddingSpace space(int dimensions) {
        return EmbeddingSpace.newBuilder()
                .setProvider("local")
                .setModel("bge-small-en-v1.5-q")
                .setModelSha256("ab12")
                .setDimensions(dimensions)
                .setPooling("CLS")
                .setNormalisation("L2")
                .setMaxTokens(512)
                .setTextRecipe("subject-body-5000")
                .build();
    }

    static EmbeddedPost embeddedPost() {
        return EmbeddedPost.newBuilder()
                .setPost(post())
                .setSource(source())
                .setText("Orbit\n\nHow long is a day on the station?")
                .setEmbedding(Vectors.toBytes(new float[] {0.6f, -0.8f}))
                .setSpace(space(2))
                .setEmbeddedAt(TIME)
                .setAlternatives(List.of(new AlternativeEmbedding(Vectors.toBytes(new float[] {0, 1, 0}), space(3))))
                .build();
    }

    static CachedEmbedding cachedEmbedding() {
        return CachedEmbedding.newBuilder()
                .setSpace(EmbeddingSpaces.idOf(space(2)))
                .setEmbedding(Vectors.toBytes(new float[] {0.6f, -0.8f}))
                .setCreatedAt(TIME)
                .build();
    }

    static Prediction prediction() {
        return Prediction.newBuilder()
                .setPostId("sci.space/60123")
                .setSource(source())
                .setStatus(PredictionStatus.CLASSIFIED)
                .setLabel("sci.space")
                .setConfidence(0.75f)
                .setProbabilities(
                        List.of(new LabelProbability("sci.space", 0.75f), new LabelProbability("sci.med", 0.25f)))
                .setModelVersion(7)
                .setPostLabel("sci.space")
                .setSplit(Split.TEST)
                .setTextStart("Orbit")
                .setAttributes(Map.of("forum", "space"))
                .setCreatedAt(TIME)
                .setEmbeddedAt(TIME)
                .setClassifiedAt(TIME)
                .setReplay("r-1")
                .setPostTarget(0.5)
                .build();
    }

    /** Two inputs, two ReLU units, two labels: the hidden layer passes its input on, the last one doubles it. */
    static ModelVersion modelVersion() {
        return ModelVersions.seal(
                unsealedModelVersion().setSignature(signature()).build());
    }

    static ModelVersion.Builder unsealedModelVersion() {
        return ModelVersion.newBuilder()
                .setVersion(7)
                .setTask(Task.MULTICLASS)
                .setLabels(List.of("sci.med", "sci.space"))
                .setSpace(space(2))
                .setInputs(List.of(new Input(InputKind.EMBEDDING, 2)))
                .setNetwork(new DenseNetwork(
                        List.of(layer(2, 2, Activation.RELU, 1, 0, 0, 1), layer(2, 2, Activation.SOFTMAX, 2, 0, 0, 2))))
                .setTraining(training())
                .setEvaluations(List.of(Evaluation.newBuilder()
                        .setSplit(Split.TEST)
                        .setExamples(2)
                        .setAccuracy(0.5)
                        .setLoss(0.7)
                        .setMacroF1(0.5)
                        .setPerLabel(List.of(new LabelScore("sci.med", 0.5, 0.5, 0.5, 1L)))
                        .setConfusion(List.of(List.of(1L, 0L), List.of(1L, 0L)))
                        .setMeanConfidence(0.8)
                        .setCalibrationError(0.05)
                        .setUncalibratedError(0.1)
                        .setAuc(0.75)
                        .setMeanAbsoluteError(0.25)
                        .setRSquared(0.5)
                        .setRoc(List.of(new RocPoint(0.5, 0.25, 0.75)))
                        .setReliability(List.of(new CalibrationBin(2L, 0.75, 0.5)))
                        .setTargets(List.of(new TargetPoint(1.5, 1.25)))
                        .setMistakes(List.of(Mistake.newBuilder()
                                .setPostId("p")
                                .setTruth("sci.med")
                                .setAnswer("sci.space")
                                .setConfidence(0.9)
                                .build()))
                        .build()))
                .setCreatedAt(TIME)
                .setSha256("");
    }

    static DenseLayer layer(int inputs, int outputs, Activation activation, float... weights) {
        return new DenseLayer(
                inputs, outputs, activation, Vectors.toBytes(weights), Vectors.toBytes(new float[outputs]));
    }

    private static Training training() {
        return Training.newBuilder()
                .setParameters(Map.of("epochs", "20"))
                .setSeed(1L)
                .setHistory(List.of(Epoch.newBuilder()
                        .setEpoch(1)
                        .setLoss(0.7)
                        .setAccuracy(0.5)
                        .setValLoss(0.6)
                        .setAuc(0.75)
                        .setValAuc(0.625)
                        .setMeanAbsoluteError(0.25)
                        .setValMeanAbsoluteError(0.375)
                        .build()))
                .setExamples(Map.of("sci.med", 1L))
                .setValidationExamples(0)
                .setTestExamples(2)
                .setLineage(List.of(new TopicOffset("labeled-vectors", 0, 4L)))
                .setCodeVersion("1")
                .setStartedAt(TIME)
                .setFinishedAt(TIME)
                .setDatasetFingerprint("cd34")
                .setPromotion("deployed")
                .setTrainingExamples(1)
                .setTaskReason("2 labels")
                .build();
    }

    static Label label() {
        return Label.newBuilder()
                .setPostId("p")
                .setLabel("sci.med")
                .setBy("ann")
                .setCreatedAt(TIME)
                .build();
    }

    static TrainingRequest trainingRequest() {
        return TrainingRequest.newBuilder()
                .setId("r")
                .setBy("ann")
                .setOverrides(Map.of("epochs", "5"))
                .setCreatedAt(TIME)
                .build();
    }

    static Deployment deployment() {
        return Deployment.newBuilder()
                .setVersion(7)
                .setBy("ann")
                .setReason("better")
                .setCreatedAt(TIME)
                .setAutomatic(true)
                .setExpected(6)
                .setShare(0.1)
                .setSignature(signature())
                .build();
    }

    /** Of the right shape; no key made it. */
    static Signature signature() {
        return new Signature("0123456789abcdef", ByteBuffer.wrap(new byte[64]));
    }

    static DeploymentStatus deploymentStatus() {
        return DeploymentStatus.newBuilder()
                .setClassifier("default")
                .setInstance("i-1")
                .setState(DeploymentState.REFUSED)
                .setVersion(7)
                .setServingVersion(6)
                .setReason("layer 1 reads 3 numbers, but gets 2")
                .setAt(TIME)
                .setArm(Arm.CANARY)
                .build();
    }

    static Score score() {
        return Score.newBuilder()
                .setPostId("p")
                .setVersion(7)
                .setArm(Arm.SHADOW)
                .setTruth("sci.med")
                .setAnswer("sci.space")
                .setConfidence(0.75f)
                .setAbstained(true)
                .setSign(-1)
                .setScoredAt(TIME)
                .setBesideVersion(6)
                .setBesideRight(true)
                .setAnsweredAt(TIME)
                .setTarget(0.5)
                .setValue(0.25)
                .setBesideValue(0.75)
                .build();
    }

    static LiveEvaluation liveEvaluation() {
        Tally tally = Tally.newBuilder()
                .setExamples(3)
                .setAbstained(1)
                .setAccuracy(0.5)
                .setPerLabel(List.of(new LabelScore("sci.med", 0.5, 0.5, 0.5, 1L)))
                .setMeanAbsoluteError(0.25)
                .setRSquared(0.5)
                .build();
        return LiveEvaluation.newBuilder()
                .setVersion(7)
                .setArm(Arm.LIVE)
                .setWindowStart(TIME)
                .setWindow(tally)
                .setSinceDeployment(tally)
                .setDrift(new Drift(4L, 0.3, 0.8, 0.9, List.of(new LabelShare("sci.med", 0.25, 0.5))))
                .setWarning("the answers have drifted")
                .setCreatedAt(TIME)
                .build();
    }

    /** In the order of the route of a post. */
    static LiveCounts liveCounts() {
        return LiveCounts.newBuilder()
                .setVersion(7)
                .setArm(Arm.LIVE)
                .setStart(TIME)
                .setPredictions(5)
                .setConfidence(4.25)
                .setExamples(3)
                .setAbstained(1)
                .setPerLabel(Map.of("sci.med", new LabelCounts(4L, 2L, 1L, 1L)))
                .setAbsoluteErrors(0.75)
                .setSquaredErrors(0.5)
                .setTargets(1.5)
                .setSquaredTargets(2.5)
                .build();
    }

    static Trial trial() {
        return Trial.newBuilder()
                .setDeployment(12)
                .setVersion(7)
                .setArm(Arm.SHADOW)
                .setAgainst(6)
                .setSince(TIME)
                .setExamples(9)
                .setRight(8)
                .setLiveExamples(9)
                .setLiveRight(5)
                .setGained(4)
                .setLost(1)
                .setLooks(2)
                .setDecided(true)
                .setAbsoluteErrors(2.5)
                .setLiveAbsoluteErrors(4.5)
                .build();
    }

    static List<SpecificRecord> all() {
        return List.of(
                post(),
                embeddedPost(),
                cachedEmbedding(),
                prediction(),
                label(),
                score(),
                liveEvaluation(),
                liveCounts(),
                trial(),
                trainingRequest(),
                modelVersion(),
                deployment(),
                deploymentStatus());
    }
}
