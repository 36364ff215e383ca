package dev.sluice.cli;

import dev.sluice.schemas.Activation;
import dev.sluice.schemas.Calibration;
import dev.sluice.schemas.CalibrationBin;
import dev.sluice.schemas.DenseLayer;
import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.Input;
import dev.sluice.schemas.InputKind;
import dev.sluice.schemas.LabelScore;
import dev.sluice.schemas.Mistake;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.RocPoint;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.TargetPoint;
import dev.sluice.schemas.TargetScale;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.TopicOffset;
import dev.sluice.schemas.Training;
import dev.sluice.schemas.Vectors;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Versions with a whole evaluation, made up by chance from a seed: what a report has to show, without a trainer. */
final class SampleVersions {
    private static final Instant TIME = Instant.parse("2026-11-22T09:00:00Z");
    static final int DIMENSIONS = 768;

    private final Random random = new Random(7);

    private SampleVersions() {}

    /** One of these labels, judged on 25 examples of each, or so. */
    static ModelVersion multiclass(List<String> labels, int epochs) {
        return new SampleVersions().classifier(Task.MULTICLASS, labels, epochs);
    }

    /** {@code ham} or {@code spam}, by a threshold of 0.37. */
    static ModelVersion binary(int epochs) {
        return new SampleVersions().classifier(Task.BINARY, List.of("ham", "spam"), epochs);
    }

    static ModelVersion regression(int epochs) {
        return new SampleVersions().numbers(epochs);
    }

    /** As they were before reports, or as they are imported: no epochs, no evaluation. */
    static ModelVersion bare() {
        return new HandMadeModels(4, 3, 2).version(3);
    }

    private ModelVersion classifier(Task task, List<String> labels, int epochs) {
        int size = labels.size();
        List<List<Long>> confusion = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            List<Long> row = new ArrayList<>();
            for (int j = 0; j < size; j++) {
                row.add(i == j ? 18L + random.nextInt(80) : random.nextInt(size) < 3 ? (long) random.nextInt(7) : 0L);
            }
            confusion.add(row);
        }
        long all = confusion.stream()
                .flatMap(List::stream)
                .mapToLong(Long::longValue)
                .sum();
        long right =
                IntStream.range(0, size).mapToLong(i -> confusion.get(i).get(i)).sum();
        List<LabelScore> scores = IntStream.range(0, size)
                .mapToObj(i -> score(labels, confusion, i))
                .toList();
        Evaluation.Builder evaluation = Evaluation.newBuilder()
                .setSplit(Split.TEST)
                .setExamples(all)
                .setAccuracy((double) right / all)
                .setLoss(0.2137)
                .setMacroF1(
                        scores.stream().mapToDouble(LabelScore::getF1).average().orElse(0))
                .setPerLabel(scores)
                .setConfusion(confusion)
                .setMeanConfidence(0.91)
                .setCalibrationError(0.0312)
                .setReliability(bins(task == Task.BINARY ? 7 : 0))
                .setMistakes(IntStream.range(0, 6)
                        .mapToObj(i -> Mistake.newBuilder()
                                .setPostId("post-" + i)
                                .setTruth(labels.get(i % size))
                                .setAnswer(labels.get((i + 1) % size))
                                .setConfidence(0.99 - i * 0.01)
                                .build())
                        .toList());
        if (task == Task.BINARY) {
            evaluation.setAuc(0.9876).setRoc(roc());
        }
        ModelVersion.Builder version = version(task, labels, epochs, size == 2 && task == Task.BINARY ? 1 : size);
        if (task == Task.BINARY) {
            version.setThreshold(0.37);
        }
        return ModelVersions.seal(version.setEvaluations(List.of(
                        Evaluation.newBuilder(evaluation.build())
                                .setSplit(Split.VALIDATION)
                                .setAccuracy(0.875)
                                .build(),
                        evaluation.build()))
                .setCalibration(new Calibration(1.31))
                .build());
    }

    private static LabelScore score(List<String> labels, List<List<Long>> confusion, int i) {
        long right = confusion.get(i).get(i);
        long support = confusion.get(i).stream().mapToLong(Long::longValue).sum();
        long answered = confusion.stream().mapToLong(row -> row.get(i)).sum();
        return new LabelScore(
                labels.get(i),
                (double) right / answered,
                (double) right / support,
                2.0 * right / (answered + support),
                support);
    }

    private List<CalibrationBin> bins(int first) {
        return IntStream.range(first, 15)
                .mapToObj(i -> new CalibrationBin(
                        1L + i * i * i / 4,
                        (i + 0.5) / 15,
                        Math.min(1, Math.max(0, (i + 0.5) / 15 + random.nextGaussian() * 0.06))))
                .toList();
    }

    private static List<RocPoint> roc() {
        return IntStream.rangeClosed(0, 100)
                .mapToObj(i -> new RocPoint(
                        i == 0 ? 1.01 : 1 - i / 100.0, Math.pow(i / 100.0, 3), 1 - Math.pow(1 - i / 100.0, 8)))
                .toList();
    }

    private ModelVersion numbers(int epochs) {
        List<TargetPoint> points = IntStream.range(0, 300)
                .mapToObj(i -> {
                    double target = random.nextInt(11) / 10.0;
                    return new TargetPoint(target, 0.2 + 0.6 * target + random.nextGaussian() * 0.12);
                })
                .toList();
        Evaluation evaluation = Evaluation.newBuilder()
                .setSplit(Split.TEST)
                .setExamples(1001)
                .setAccuracy(0)
                .setLoss(0.0225)
                .setMacroF1(0)
                .setPerLabel(List.of())
                .setConfusion(List.of())
                .setMeanAbsoluteError(0.1184)
                .setRSquared(0.6123)
                .setTargets(points)
                .setMistakes(List.of(Mistake.newBuilder()
                        .setPostId("post-0")
                        .setTarget(0.1)
                        .setValue(0.8714)
                        .build()))
                .build();
        return ModelVersions.seal(version(Task.REGRESSION, List.of(), epochs, 1)
                .setEvaluations(List.of(evaluation))
                .setTargetScale(new TargetScale(0.58, 0.18))
                .build());
    }

    private ModelVersion.Builder version(Task task, List<String> labels, int epochs, int outputs) {
        Map<String, Long> examples = new TreeMap<>();
        labels.forEach(label -> examples.put(label, 100L));
        return ModelVersion.newBuilder()
                .setVersion(7)
                .setTask(task)
                .setLabels(labels)
                .setSpace(EmbeddingSpace.newBuilder()
                        .setProvider("local")
                        .setModel("bge-small-en-v1.5-q")
                        .setModelSha256("0".repeat(64))
                        .setDimensions(DIMENSIONS)
                        .setPooling("CLS")
                        .setNormalisation("L2")
                        .setMaxTokens(512)
                        .setTextRecipe("subject-and-body")
                        .build())
                .setInputs(List.of(new Input(InputKind.EMBEDDING, DIMENSIONS)))
                .setNetwork(new DenseNetwork(List.of(
                        layer(DIMENSIONS, DIMENSIONS, Activation.RELU),
                        layer(
                                DIMENSIONS,
                                outputs,
                                task == Task.MULTICLASS
                                        ? Activation.SOFTMAX
                                        : task == Task.BINARY ? Activation.SIGMOID : Activation.IDENTITY))))
                .setTraining(Training.newBuilder()
                        .setParameters(Map.of("epochs", "20", "hidden.layers", "768", "learning.rate", "0.001"))
                        .setSeed(1)
                        .setHistory(IntStream.rangeClosed(1, epochs)
                                .mapToObj(i -> epoch(task, i, epochs))
                                .toList())
                        .setBestEpoch(Math.max(1, epochs * 3 / 4))
                        .setExamples(examples)
                        .setTrainingExamples(100L * Math.max(1, labels.size()))
                        .setValidationExamples(50)
                        .setTestExamples(100)
                        .setLineage(List.of(
                                new TopicOffset("labeled-vectors", 0, 1234L),
                                new TopicOffset("labeled-vectors", 1, 1301L)))
                        .setCodeVersion("0.1.0-SNAPSHOT")
                        .setDatasetFingerprint("f".repeat(64))
                        .setPromotion("deployed")
                        .setTaskReason("every example has a label, of " + labels.size())
                        .setStartedAt(TIME)
                        .setFinishedAt(TIME.plusMillis(5_432))
                        .build())
                .setCreatedAt(TIME)
                .setSha256("");
    }

    private Epoch epoch(Task task, int number, int epochs) {
        double gone = Math.exp(-4.0 * number / Math.max(epochs, 20));
        Epoch.Builder epoch = Epoch.newBuilder()
                .setEpoch(number)
                .setLoss(1.3 * gone + 0.02)
                .setAccuracy(task == Task.REGRESSION ? 0 : 0.995 - 0.55 * gone)
                .setValLoss(1.25 * gone + 0.21 + 0.1 * number / epochs + random.nextGaussian() * 0.015);
        if (task == Task.REGRESSION) {
            epoch.setMeanAbsoluteError(0.1 + 0.3 * gone).setValMeanAbsoluteError(0.12 + 0.28 * gone);
        } else {
            epoch.setValAccuracy(0.93 - 0.45 * gone + random.nextGaussian() * 0.008);
        }
        if (task == Task.BINARY) {
            epoch.setAuc(0.999 - 0.3 * gone).setValAuc(0.985 - 0.28 * gone);
        }
        return epoch.build();
    }

    private static DenseLayer layer(int inputs, int outputs, Activation activation) {
        return new DenseLayer(
                inputs,
                outputs,
                activation,
                Vectors.toBytes(new float[inputs * outputs]),
                Vectors.toBytes(new float[outputs]));
    }
}
