package dev.sluice.trainer;

import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How fits go, in the log: one line an epoch, in Keras' words and order. */
final class ProgressLog implements TrainingListener {
    private static final Logger LOG = LoggerFactory.getLogger(ProgressLog.class);

    @Override
    public void fitStarted(int trainingExamples, int validationExamples, int epochs) {
        LOG.info(
                "Fitting {} examples, validating on {}, at most {} epochs",
                trainingExamples,
                validationExamples,
                epochs);
    }

    @Override
    public void batchEnded(int epoch, int batch, int batches) {
        LOG.trace("Epoch {}: batch {}/{}", epoch, batch, batches);
    }

    @Override
    public void epochEnded(Epoch epoch, int epochs) {
        LOG.info("{}", line(epoch, epochs));
    }

    static String line(Epoch epoch, int epochs) {
        StringBuilder line = new StringBuilder("Epoch " + epoch.getEpoch() + "/" + epochs);
        append(line, "loss", epoch.getLoss());
        append(line, "accuracy", epoch.getAccuracy());
        epoch.getValLoss().ifPresent(loss -> append(line, "val_loss", loss));
        epoch.getValAccuracy().ifPresent(accuracy -> append(line, "val_accuracy", accuracy));
        return line.toString();
    }

    private static void append(StringBuilder line, String name, double value) {
        line.append(String.format(Locale.ROOT, " - %s: %.4f", name, value));
    }

    @Override
    public void published(ModelVersion version) {
        ModelVersions.heldBack(version)
                .ifPresentOrElse(
                        reason -> LOG.warn(
                                "Version {} of {} is published, but not deployed: {}",
                                version.getVersion(),
                                version.getClassifier(),
                                reason),
                        () -> LOG.info(
                                "Version {} of {} is published and deployed",
                                version.getVersion(),
                                version.getClassifier()));
        version.getEvaluations()
                .forEach(evaluation -> LOG.info(
                        "Version {} on {} {} examples: accuracy {}, loss {}, macro F1 {}",
                        version.getVersion(),
                        evaluation.getExamples(),
                        evaluation.getSplit(),
                        String.format(Locale.ROOT, "%.4f", evaluation.getAccuracy()),
                        String.format(Locale.ROOT, "%.4f", evaluation.getLoss()),
                        String.format(Locale.ROOT, "%.4f", evaluation.getMacroF1())));
    }

    @Override
    public void refused(String reason) {
        LOG.warn("No fit: {}", reason);
    }
}
