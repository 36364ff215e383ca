package dev.sluice.trainer;

import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How fits go, in the log: one line an epoch, in Keras' words and order. */
final class ProgressLog implements TrainingListener {
    private static final Logger LOG = LoggerFactory.getLogger(ProgressLog.class);
    private static final String SEPARATOR = " - ";

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
        boolean regression = epoch.getMeanAbsoluteError().isPresent();
        append(line, "loss", epoch.getLoss());
        if (!regression) {
            append(line, "accuracy", epoch.getAccuracy());
        }
        append(line, "auc", epoch.getAuc());
        append(line, "mae", epoch.getMeanAbsoluteError());
        append(line, "val_loss", epoch.getValLoss());
        append(line, "val_accuracy", epoch.getValAccuracy().filter(accuracy -> !regression));
        append(line, "val_auc", epoch.getValAuc());
        append(line, "val_mae", epoch.getValMeanAbsoluteError());
        return line.toString();
    }

    private static void append(StringBuilder line, String name, Optional<Double> value) {
        value.ifPresent(known -> append(line, name, known));
    }

    private static void append(StringBuilder line, String name, double value) {
        line.append(SEPARATOR + String.format(Locale.ROOT, "%s: %.4f", name, value));
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
                        "Version {} on {} {} examples: {}",
                        version.getVersion(),
                        evaluation.getExamples(),
                        evaluation.getSplit(),
                        figures(evaluation)));
    }

    static String figures(Evaluation evaluation) {
        StringBuilder figures = new StringBuilder();
        if (evaluation.getMeanAbsoluteError().isPresent()) {
            append(figures, "mean absolute error", evaluation.getMeanAbsoluteError());
            append(figures, "R2", evaluation.getRSquared());
        } else {
            append(figures, "accuracy", evaluation.getAccuracy());
            append(figures, "loss", evaluation.getLoss());
            append(figures, "macro F1", evaluation.getMacroF1());
            append(figures, "AUC", evaluation.getAuc());
        }
        return figures.substring(SEPARATOR.length());
    }

    @Override
    public void refused(String reason) {
        LOG.warn("No fit: {}", reason);
    }
}
