package dev.sluice.trainer;

import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.ModelVersion;
import java.util.ArrayList;
import java.util.List;

/** Keeps what it is told, as lines. */
final class RecordedProgress implements TrainingListener {
    final List<String> lines = new ArrayList<>();
    Runnable onBatch = () -> {};

    @Override
    public void fitStarted(int trainingExamples, int validationExamples, int epochs) {
        lines.add("started " + trainingExamples + " " + validationExamples + " " + epochs);
    }

    @Override
    public void batchEnded(int epoch, int batch, int batches) {
        lines.add("batch " + epoch + " " + batch + "/" + batches);
        onBatch.run();
    }

    @Override
    public void epochEnded(Epoch epoch, int epochs) {
        lines.add("epoch " + epoch.getEpoch() + "/" + epochs);
    }

    @Override
    public void published(ModelVersion version) {
        lines.add("published " + version.getVersion());
    }

    @Override
    public void refused(String reason) {
        lines.add("refused " + reason);
    }
}
