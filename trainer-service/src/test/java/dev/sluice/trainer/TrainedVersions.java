package dev.sluice.trainer;

import dev.sluice.schemas.Activation;
import dev.sluice.schemas.Calibration;
import dev.sluice.schemas.DenseLayer;
import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.Input;
import dev.sluice.schemas.InputKind;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.TargetScale;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Training;
import dev.sluice.schemas.Vectors;
import java.util.List;
import java.util.Map;

/** What fits give, as versions, for the tests. */
final class TrainedVersions {
    private TrainedVersions() {}

    /** A small fit of clouds, all but its number and seal. */
    static ModelVersion.Builder draft() throws InterruptedException {
        Hyperparameters parameters = Given.parameters("epochs", "1", "hidden.layers", "3");
        Splits splits = Splits.of(Given.clouds(5, Split.TRAIN, 1), parameters);
        return of(splits.task(), new ModelTrainer(splits, parameters, new RecordedProgress()).fit());
    }

    /** A regression by hand that answers the sum of two numbers times a slope each. */
    static ModelVersion line(int version, float slope, float second) throws InterruptedException {
        DenseLayer layer = new DenseLayer(
                2, 1, Activation.IDENTITY, Vectors.toBytes(new float[] {slope, second}), Vectors.toBytes(new float[] {0
                }));
        return draft().setVersion(version)
                .setTask(Task.REGRESSION)
                .setLabels(List.of())
                .setNetwork(new DenseNetwork(List.of(layer)))
                .setCalibration(null)
                .setTargetScale(new TargetScale(0.0, 1.0))
                .setSelfTest(List.of())
                .build();
    }

    static ModelVersion.Builder of(LearningTask task, ModelTrainer.Fit fit) {
        int dimensions = fit.network().getLayers().get(0).getInputs();
        return ModelVersion.newBuilder()
                .setVersion(1)
                .setTask(task.task())
                .setLabels(task.labels())
                .setTargetScale(task.scale().orElse(null))
                .setSpace(Given.space("m", dimensions))
                .setInputs(inputs(dimensions, fit))
                .setNetwork(fit.network())
                .setWide(fit.wide().orElse(null))
                .setCalibration(fit.temperature().map(Calibration::new).orElse(null))
                .setSelfTest(fit.selfTest())
                .setTraining(Training.newBuilder()
                        .setParameters(Map.of())
                        .setSeed(1)
                        .setHistory(fit.history())
                        .setExamples(Map.of())
                        .setValidationExamples(0)
                        .setTestExamples(0)
                        .setLineage(List.of())
                        .setCodeVersion("test")
                        .setStartedAt(Given.TIME)
                        .setFinishedAt(Given.TIME)
                        .build())
                .setCreatedAt(Given.TIME)
                .setSha256("");
    }

    private static List<Input> inputs(int dimensions, ModelTrainer.Fit fit) {
        Input vector = new Input(InputKind.EMBEDDING, dimensions);
        return fit.wide()
                .map(wide -> List.of(
                        vector, new Input(InputKind.WORDS, wide.getHashes().remaining() / Long.BYTES)))
                .orElse(List.of(vector));
    }
}
