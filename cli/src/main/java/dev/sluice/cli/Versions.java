package dev.sluice.cli;

import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Split;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The versions that lie on the topic {@code models}: the last record of each key counts, one without a value takes it away. */
final class Versions {
    private final TreeMap<Integer, ModelVersion> byVersion = new TreeMap<>();

    /** Reads all there are now. Records that nobody can read are passed over: the classifier says so in its log. */
    static Versions read(Connection connection) {
        Versions versions = new Versions();
        try (var reader = connection.readFromBeginning(connection.topics().models())) {
            reader.readToEnd().forEach(versions::add);
        }
        return versions;
    }

    void add(TopicReader.Read<ModelVersion> record) {
        if (record.problem().isPresent()) {
            return;
        }
        record.value()
                .ifPresentOrElse(version -> byVersion.put(version.getVersion(), version), () -> versionOf(record.key())
                        .ifPresent(byVersion::remove));
    }

    Collection<ModelVersion> all() {
        return byVersion.values();
    }

    Optional<ModelVersion> of(int version) {
        return Optional.ofNullable(byVersion.get(version));
    }

    Optional<ModelVersion> newest() {
        return Optional.ofNullable(byVersion.lastEntry()).map(Map.Entry::getValue);
    }

    /** What the version is best judged by: TEST if there was any, else VALIDATION. */
    static Optional<Evaluation> evaluationOf(ModelVersion version) {
        return evaluationOf(version, Split.TEST).or(() -> evaluationOf(version, Split.VALIDATION));
    }

    private static Optional<Evaluation> evaluationOf(ModelVersion version, Split split) {
        return version.getEvaluations().stream()
                .filter(evaluation -> evaluation.getSplit() == split)
                .findFirst();
    }

    private static Optional<Integer> versionOf(Optional<String> key) {
        return key.map(text -> text.substring(text.lastIndexOf('/') + 1))
                .filter(digits -> digits.matches("\\d{1,9}"))
                .map(Integer::valueOf);
    }
}
