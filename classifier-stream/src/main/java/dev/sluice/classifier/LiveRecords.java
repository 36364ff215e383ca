package dev.sluice.classifier;

import dev.sluice.schemas.LiveCounts;
import dev.sluice.schemas.LiveEvaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import java.util.ArrayList;
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
        for (List<LiveCounts> pieces : byVersion().values()) {
            List<LiveCounts> old = pieces.stream()
                    .filter(each -> startOf(each) != CountsKey.ALL_OF_TIME && startOf(each) < windowStart)
                    .toList();
            boolean idle = pieces.stream()
                    .allMatch(each -> startOf(each) == CountsKey.ALL_OF_TIME || startOf(each) < windowStart);
            CountsKey whole = whole(pieces.get(0));
            if (idle && model(whole.version()).isEmpty()) {
                pieces.forEach(each -> counts.delete(CountsKey.of(each).toString()));
                told.delete(whole.toString());
                gone.add(whole);
            } else {
                old.forEach(each -> counts.delete(CountsKey.of(each).toString()));
            }
        }
        return gone;
    }

    List<LiveRecord> all() {
        List<LiveRecord> records = new ArrayList<>();
        for (List<LiveCounts> pieces : byVersion().values()) {
            CountsKey whole = whole(pieces.get(0));
            LiveCounts total = Counts.none(whole.version(), whole.arm(), CountsKey.ALL_OF_TIME);
            LiveCounts window = total;
            for (LiveCounts each : pieces) {
                if (startOf(each) == CountsKey.ALL_OF_TIME) {
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
        }
        return records;
    }

    void told(LiveEvaluation evaluation) {
        told.put(
                new CountsKey(evaluation.getVersion(), evaluation.getArm(), CountsKey.ALL_OF_TIME).toString(),
                evaluation);
    }

    private Map<String, List<LiveCounts>> byVersion() {
        Map<String, List<LiveCounts>> byVersion = new TreeMap<>();
        try (var all = counts.all()) {
            all.forEachRemaining(each -> byVersion
                    .computeIfAbsent(whole(each.value).toString(), none -> new ArrayList<>())
                    .add(each.value));
        }
        return byVersion;
    }

    private Optional<ModelVersion> model(int version) {
        return Optional.ofNullable(models.get(ModelVersions.keyOf(classifier, version)));
    }

    private static CountsKey whole(LiveCounts counts) {
        return new CountsKey(counts.getVersion(), counts.getArm(), CountsKey.ALL_OF_TIME);
    }

    private static long startOf(LiveCounts counts) {
        return counts.getStart().toEpochMilli();
    }
}
