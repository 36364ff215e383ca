package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Task;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What people and scripts want to know of a version, without its weights.
 *
 * @param role what it does, if it does anything
 * @param pinned whether a pin holds it; such a version may be waited for, or refused
 */
record ModelSummary(ModelVersion version, Optional<Role> role, boolean pinned) {
    private static final String[] HEADER = {
        "version", "role", "made", "learns", "examples", "judged by", "accuracy", "also", "live", "promotion"
    };

    /** Columns that a terminal is sure to have. */
    static final int WIDTH = 120;

    /** Less of a reason tells nothing. */
    private static final int SHORTEST_REASON = 8;

    /** A line each, of {@link #WIDTH} columns at most; what is left of them is the reason's of the last column. */
    static List<String> lines(List<ModelSummary> models, LiveAccuracies accuracies) {
        int needed = table(models, accuracies, 0).stream()
                .mapToInt(String::length)
                .max()
                .orElse(0);
        int heading = HEADER[HEADER.length - 1].length(); // it stands in that room
        int room = Math.max(SHORTEST_REASON, WIDTH - needed + heading);
        return table(models, accuracies, room).stream()
                .map(line -> line.length() <= WIDTH ? line : line.substring(0, WIDTH - 1) + "…")
                .toList();
    }

    private static List<String> table(List<ModelSummary> models, LiveAccuracies accuracies, int room) {
        TextTable table = new TextTable(HEADER);
        models.forEach(model -> table.row(model.row(accuracies, room)));
        return table.lines();
    }

    private Object[] row(LiveAccuracies accuracies, int room) {
        Optional<Evaluation> evaluation = Versions.evaluationOf(version);
        List<Measure> measures = Measure.shortOf(version);
        String promotion = version.getTraining().getPromotion();
        return new Object[] {
            version.getVersion(),
            role.map(Role::text).orElse("") + (role.isPresent() && pinned ? ", " : "") + (pinned ? "pinned" : ""),
            version.getCreatedAt().toString().substring(0, 16).replace('T', ' '),
            version.getTask() == Task.REGRESSION
                    ? "a number"
                    : Figures.count(version.getLabels().size(), "label"),
            examples(),
            evaluation.map(each -> each.getExamples() + " " + each.getSplit()).orElse("-"),
            evaluation.flatMap(each -> figure(measures.get(0), each)).orElse("-"),
            evaluation.flatMap(each -> figure(measures.get(1), each)).orElse("-"),
            accuracies
                    .bestOf(version.getVersion())
                    .map(told -> LiveAccuracies.text(told.getSinceDeployment()))
                    .orElse("-"),
            promotion.isEmpty() ? "-" : room == 0 ? "" : PredictionText.oneLine(promotion, room)
        };
    }

    /** With its name, unless it is the accuracy, which heads the column. */
    private Optional<String> figure(Measure measure, Evaluation evaluation) {
        return measure.in(version, evaluation).map(value -> switch (measure) {
            case ACCURACY -> number(value);
            case MACRO_F1 -> "F1 " + number(value);
            default -> measure.heading(version) + " " + number(value);
        });
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
        if (!version.getTraining().getTaskReason().isEmpty()) {
            json.put("taskReason", version.getTraining().getTaskReason());
        }
        Measure.positiveLabel(version).ifPresent(label -> json.put("positiveLabel", label));
        if (!version.getTraining().getPromotion().isEmpty()) {
            json.put("promotion", version.getTraining().getPromotion());
        }
        version.getCalibration().ifPresent(calibration -> json.put("temperature", calibration.getTemperature()));
        version.getTraining().getRequestId().ifPresent(id -> json.put("requestId", id));
        var evaluations = json.putArray("evaluations");
        version.getEvaluations().forEach(each -> evaluations.add(json(each)));
        return json;
    }

    private ObjectNode json(Evaluation evaluation) {
        ObjectNode json = OutputOptions.object()
                .put("split", evaluation.getSplit().toString())
                .put("examples", evaluation.getExamples());
        Measure.of(version).forEach(measure -> measure.in(version, evaluation)
                .ifPresent(value -> json.put(measure.field(), value)));
        evaluation.getMeanConfidence().ifPresent(mean -> json.put("meanConfidence", mean));
        evaluation.getCalibrationError().ifPresent(error -> json.put("calibrationError", error));
        evaluation.getUncalibratedError().ifPresent(error -> json.put("uncalibratedError", error));
        return json;
    }

    /** Training examples. */
    long examples() {
        if (version.getTraining().getTrainingExamples() > 0) {
            return version.getTraining().getTrainingExamples();
        }
        return version.getTraining().getExamples().values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
