package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.ModelVersion;
import java.util.Locale;
import java.util.Optional;

/**
 * What people and scripts want to know of a version, without its weights.
 *
 * @param role what it does, if it does anything
 * @param pinned whether a pin holds it; such a version may be waited for, or refused
 */
record ModelSummary(ModelVersion version, Optional<Role> role, boolean pinned) {
    static final String[] HEADER = {
        "version",
        "role",
        "made",
        "labels",
        "examples",
        "epochs",
        "judged by",
        "accuracy",
        "loss",
        "macro F1",
        "calibration error",
        "live accuracy",
        "vectors",
        "promotion"
    };

    Object[] row(LiveAccuracies accuracies) {
        Optional<Evaluation> evaluation = Versions.evaluationOf(version);
        return new Object[] {
            version.getVersion(),
            role.map(Role::text).orElse("") + (role.isPresent() && pinned ? ", " : "") + (pinned ? "pinned" : ""),
            version.getCreatedAt().toString().substring(0, 19).replace('T', ' '),
            version.getLabels().size(),
            examples(),
            version.getTraining().getHistory().size(),
            evaluation.map(each -> each.getExamples() + " " + each.getSplit()).orElse("-"),
            evaluation.map(each -> number(each.getAccuracy())).orElse("-"),
            evaluation.map(each -> number(each.getLoss())).orElse("-"),
            evaluation.map(each -> number(each.getMacroF1())).orElse("-"),
            evaluation.flatMap(ModelSummary::calibrationError).orElse("-"),
            accuracies
                    .bestOf(version.getVersion())
                    .map(told -> LiveAccuracies.text(told.getSinceDeployment()))
                    .orElse("-"),
            version.getSpace().getModel() + ", " + version.getSpace().getDimensions(),
            version.getTraining().getPromotion().isEmpty()
                    ? "-"
                    : version.getTraining().getPromotion()
        };
    }

    ObjectNode json() {
        ObjectNode json = OutputOptions.object()
                .put("classifier", version.getClassifier())
                .put("version", version.getVersion())
                .put("live", role.filter(it -> it.part() == Role.Part.LIVE).isPresent())
                .put("pinned", pinned)
                .put("createdAt", version.getCreatedAt().toString())
                .put("task", version.getTask().toString())
                .put("examples", examples())
                .put("epochs", version.getTraining().getHistory().size())
                .put("embeddingProvider", version.getSpace().getProvider())
                .put("embeddingModel", version.getSpace().getModel())
                .put("dimensions", version.getSpace().getDimensions())
                .put("sha256", version.getSha256());
        role.ifPresent(it -> {
            json.put("role", it.part().toString());
            it.share().ifPresent(share -> json.put("share", share));
        });
        var labels = json.putArray("labels");
        version.getLabels().forEach(labels::add);
        if (!version.getTraining().getDatasetFingerprint().isEmpty()) {
            json.put("datasetFingerprint", version.getTraining().getDatasetFingerprint());
        }
        if (!version.getTraining().getPromotion().isEmpty()) {
            json.put("promotion", version.getTraining().getPromotion());
        }
        version.getCalibration().ifPresent(calibration -> json.put("temperature", calibration.getTemperature()));
        version.getTraining().getRequestId().ifPresent(id -> json.put("requestId", id));
        var evaluations = json.putArray("evaluations");
        version.getEvaluations().forEach(each -> evaluations.add(json(each)));
        return json;
    }

    private static ObjectNode json(Evaluation evaluation) {
        ObjectNode json = OutputOptions.object()
                .put("split", evaluation.getSplit().toString())
                .put("examples", evaluation.getExamples())
                .put("accuracy", evaluation.getAccuracy())
                .put("loss", evaluation.getLoss())
                .put("macroF1", evaluation.getMacroF1());
        evaluation.getMeanConfidence().ifPresent(mean -> json.put("meanConfidence", mean));
        evaluation.getCalibrationError().ifPresent(error -> json.put("calibrationError", error));
        evaluation.getUncalibratedError().ifPresent(error -> json.put("uncalibratedError", error));
        return json;
    }

    /** As it is, and as it would be without the version's temperature. */
    private static Optional<String> calibrationError(Evaluation evaluation) {
        return evaluation
                .getCalibrationError()
                .map(error -> number(error)
                        + evaluation
                                .getUncalibratedError()
                                .map(raw -> " (raw " + number(raw) + ")")
                                .orElse(""));
    }

    /** Training examples. */
    long examples() {
        return version.getTraining().getExamples().values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
