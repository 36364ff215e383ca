package dev.sluice.cli;

import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.TopicOffset;
import dev.sluice.schemas.Training;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Where a version comes from: enough to find what it was made of, and to make it again. What is not known is left out. */
final class ReportLineage {
    private ReportLineage() {}

    static Markup of(ModelVersion version) {
        Training training = version.getTraining();
        Markup lineage = Markup.of("div")
                .is("columns")
                .add(
                        part("Version", made(version)),
                        part("Examples", examples(training)),
                        part("Settings", new TreeMap<>(training.getParameters())),
                        part("Vectors", space(version.getSpace())));
        if (!training.getLineage().isEmpty()) {
            lineage.add(Markup.of("section")
                    .add(
                            Markup.of("h3", "Topics read"),
                            ReportTables.table(
                                    List.of("topic", "partition", "up to offset"),
                                    1,
                                    training.getLineage().stream()
                                            .sorted(Comparator.comparing(TopicOffset::getTopic)
                                                    .thenComparing(TopicOffset::getPartition))
                                            .map(each -> List.of(
                                                    each.getTopic(),
                                                    Integer.toString(each.getPartition()),
                                                    Figures.count(each.getOffset())))
                                            .toList(),
                                    List.of())));
        }
        return lineage;
    }

    private static Map<String, String> made(ModelVersion version) {
        Training training = version.getTraining();
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("classifier", version.getClassifier());
        facts.put("version", Integer.toString(version.getVersion()));
        facts.put("made", time(version.getCreatedAt()));
        facts.put("fitted in", Figures.time(Duration.between(training.getStartedAt(), training.getFinishedAt())));
        facts.put("by code of version", training.getCodeVersion());
        facts.put("promotion", training.getPromotion());
        facts.put("why this task", training.getTaskReason());
        training.getRequestId().ifPresent(id -> facts.put("answers request", id));
        version.getCalibration().ifPresent(it -> facts.put("temperature", Figures.value(it.getTemperature())));
        version.getThreshold().ifPresent(it -> facts.put("threshold", Figures.value(it)));
        version.getTargetScale()
                .ifPresent(it -> facts.put(
                        "targets",
                        "mean " + Figures.value(it.getMean()) + ", deviation " + Figures.value(it.getDeviation())));
        facts.put("seal (SHA-256)", version.getSha256());
        return facts;
    }

    private static Map<String, String> examples(Training training) {
        Map<String, String> facts = new LinkedHashMap<>();
        new TreeMap<>(training.getExamples())
                .forEach(
                        (label, count) -> facts.put("of " + label, Figures.count(count))); // a label may be called test
        if (training.getTrainingExamples() > 0) {
            facts.put("fitted, in all", Figures.count(training.getTrainingExamples()));
        }
        facts.put("validation", Figures.count(training.getValidationExamples()));
        facts.put("test", Figures.count(training.getTestExamples()));
        facts.put("fingerprint (SHA-256)", training.getDatasetFingerprint());
        return facts;
    }

    private static Map<String, String> space(EmbeddingSpace space) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("provider", space.getProvider());
        facts.put("model", space.getModel());
        facts.put("dimensions", Integer.toString(space.getDimensions()));
        facts.put("task type", space.getTaskType());
        facts.put("pooling", space.getPooling());
        facts.put("normalisation", space.getNormalisation());
        facts.put("tokens read", Integer.toString(space.getMaxTokens()));
        facts.put("text recipe", space.getTextRecipe());
        facts.put("model file (SHA-256)", space.getModelSha256());
        return facts;
    }

    private static Markup part(String title, Map<String, String> facts) {
        Markup list = Markup.of("dl");
        facts.forEach((name, value) -> {
            if (!value.isEmpty()) {
                list.add(Markup.of("dt", name), Markup.of("dd", value));
            }
        });
        return Markup.of("section")
                .add(
                        Markup.of("h3", title),
                        facts.isEmpty() ? Markup.of("p", "none are known").is("faint") : list);
    }

    static String time(Instant instant) {
        return instant.toString().substring(0, 19).replace('T', ' ') + " UTC";
    }
}
