package dev.sluice.classifier;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.LiveCounts;
import dev.sluice.schemas.LiveEvaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * What the stores hold of each version on each arm, put together. Pieces that have left the window are dropped; so is all of
 * a version that is no longer on {@code models} and did nothing within the window, or the stores would grow with every version
 * that there ever was.
 */
final class LiveRecords {
    private final String classifier;
    private final KeyValueStore<String, LiveCounts> counts;
    private final KeyValueStore<String, LiveEvaluation> told;
    private final ReadOnlyKeyValueStore<String, ModelVersion> models;

    LiveRecords(
            String classifier,
            KeyValueStore<String, LiveCounts> counts,
            KeyValueStore<String, LiveEvaluation> told,
            ReadOnlyKeyValueStore<String, ModelVersion> models) {
        this.classifier = classifier;
        this.counts = counts;
        this.told = told;
        this.models = models;
    }

    /**
     * Drops what is of no use any more.
     *
     * @return versions and arms of which nothing is left
     */
    List<CountsKey> forget(long windowStart) {
        List<CountsKey> gone = new ArrayList<>();
        byVersion().forEach((whole, pieces) -> {
            List<CountsKey> old = pieces.stream()
                    .map(CountsKey::of)
                    .filter(key -> !key.equals(whole) && key.start() < windowStart)
                    .toList();
            old.forEach(key -> counts.delete(key.toString()));
            boolean idle = pieces.stream().map(CountsKey::of).allMatch(key -> key.equals(whole) || old.contains(key));
            if (idle && model(whole.version()).isEmpty()) {
                counts.delete(whole.toString());
                told.delete(whole.toString());
                gone.add(whole);
            }
        });
        return gone;
    }

    List<LiveRecord> all() {
        List<LiveRecord> records = new ArrayList<>();
        byVersion().forEach((whole, pieces) -> {
            LiveCounts none = Counts.none(whole.version(), whole.arm(), whole.start());
            LiveCounts total = none;
            LiveCounts window = none;
            for (LiveCounts each : pieces) {
                if (CountsKey.of(each).equals(whole)) {
                    total = each;
                } else {
                    window = Counts.plus(window, each);
                }
            }
            records.add(new LiveRecord(
                    total,
                    window,
                    model(whole.version()).flatMap(Holdout::of),
                    Optional.ofNullable(told.get(whole.toString()))));
        });
        return records;
    }

    void told(LiveEvaluation evaluation) {
        told.put(whole(evaluation.getVersion(), evaluation.getArm()).toString(), evaluation);
    }

    /** Also of versions that something was told of and that nothing is counted of any more. */
    private Map<CountsKey, List<LiveCounts>> byVersion() {
        Map<CountsKey, List<LiveCounts>> byVersion = new TreeMap<>(Comparator.comparing(CountsKey::toString));
        try (var all = told.all()) {
            all.forEachRemaining(
                    each -> byVersion.put(whole(each.value.getVersion(), each.value.getArm()), new ArrayList<>()));
        }
        try (var all = counts.all()) {
            all.forEachRemaining(each -> byVersion
                    .computeIfAbsent(whole(each.value.getVersion(), each.value.getArm()), none -> new ArrayList<>())
                    .add(each.value));
        }
        return byVersion;
    }

    private Optional<ModelVersion> model(int version) {
        return Optional.ofNullable(models.get(ModelVersions.keyOf(classifier, version)));
    }

    private static CountsKey whole(int version, Arm arm) {
        return new CountsKey(version, arm, CountsKey.ALL_OF_TIME);
    }
}
