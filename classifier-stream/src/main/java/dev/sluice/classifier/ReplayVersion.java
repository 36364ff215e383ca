package dev.sluice.classifier;

import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.Deployments.Change;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.Trust;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which version a replay answers with: the one asked for, else the one that the classifiers serve by the topics alone: of
 * the events that count, the newest whose version is known and sound.
 *
 * @param models the versions as they lie on the topic, by record key; no bytes of those that are not to answer
 */
record ReplayVersion(
        RecordCodec<ModelVersion> codec, String classifier, Trust trust, Map<String, Optional<byte[]>> models) {

    /** @throws RefusedReplayException if there is none, or it is not sound */
    Serving named(int version) {
        String key = ModelVersions.keyOf(classifier, version);
        if (!models.containsKey(key)) {
            throw new RefusedReplayException("there is no version " + version + " (any more): "
                    + (models.isEmpty() ? "none is published" : "published are " + known()));
        }
        try {
            return Serving.of(codec, classifier, trust, key, models.get(key).orElseThrow());
        } catch (RuntimeException e) {
            throw new RefusedReplayException("version " + version + " is not sound: " + e.getMessage(), e);
        }
    }

    /** @throws RefusedReplayException if no version serves */
    Serving live(Deployments deployments) {
        List<Change> history = deployments.history();
        for (int i = history.size() - 1; i >= 0; i--) {
            Optional<Serving> serving = Optional.of(history.get(i))
                    .filter(Change::applied)
                    .flatMap(Change::to)
                    .flatMap(this::sound);
            if (serving.isPresent()) {
                return serving.get();
            }
        }
        throw new RefusedReplayException("no version is live that could answer: deploy one, or name one");
    }

    private Optional<Serving> sound(int version) {
        try {
            return Optional.of(named(version));
        } catch (RefusedReplayException e) {
            return Optional.empty(); // as the classifier does, which has said so
        }
    }

    private String known() {
        return models.keySet().stream()
                .map(key -> key.substring(key.lastIndexOf('/') + 1))
                .sorted((a, b) -> a.length() != b.length() ? a.length() - b.length() : a.compareTo(b))
                .collect(Collectors.joining(", "));
    }
}
