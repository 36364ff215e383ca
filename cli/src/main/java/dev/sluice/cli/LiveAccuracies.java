package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.LiveEvaluation;
import dev.sluice.schemas.Tally;
import dev.sluice.schemas.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What was last told on {@code evaluations} of each version, as live, canary or shadow. The topic may hold a month of news
 * every minute, and more while labels come, so only the last of it is read: what had no news for about a day is missing.
 */
final class LiveAccuracies {
    private static final int LOOK_BACK = 5_000;

    private final TreeMap<Integer, TreeMap<Arm, LiveEvaluation>> byVersion = new TreeMap<>();

    /** Nothing, where services older than the topic run. */
    static LiveAccuracies read(Connection connection) {
        LiveAccuracies accuracies = new LiveAccuracies();
        Topic<LiveEvaluation> topic = connection.topics().evaluations();
        if (connection.topicNames().contains(topic.name())) {
            try (var reader = connection.readFromEnd(topic)) {
                reader.goBack(LOOK_BACK);
                reader.readToEnd().forEach(read -> read.value().ifPresent(accuracies::add));
            }
        }
        return accuracies;
    }

    void add(LiveEvaluation told) {
        byVersion.computeIfAbsent(told.getVersion(), none -> new TreeMap<>()).put(told.getArm(), told);
    }

    List<LiveEvaluation> all() {
        List<LiveEvaluation> all = new ArrayList<>();
        byVersion.values().stream().map(TreeMap::values).forEach(all::addAll);
        return all;
    }

    Collection<LiveEvaluation> of(int version) {
        return byVersion.containsKey(version) ? byVersion.get(version).values() : List.of();
    }

    /** What is told of the arm with the most labels: a version that was a shadow for long is judged by that. */
    Optional<LiveEvaluation> bestOf(int version) {
        return of(version).stream()
                .filter(told -> told.getSinceDeployment().getExamples() > 0)
                .max((a, b) -> Long.compare(
                        a.getSinceDeployment().getExamples(),
                        b.getSinceDeployment().getExamples()));
    }

    /** Of the versions that are live, or answer a share, or look on; each by what it is told of that part. */
    List<LiveEvaluation> now(Deployments deployments) {
        List<LiveEvaluation> now = new ArrayList<>();
        deployments.live().ifPresent(version -> now.addAll(of(version, Arm.LIVE)));
        deployments.canary().ifPresent(canary -> now.addAll(of(canary.version(), Arm.CANARY)));
        deployments.shadow().ifPresent(version -> now.addAll(of(version, Arm.SHADOW)));
        return now;
    }

    private List<LiveEvaluation> of(int version, Arm arm) {
        return of(version).stream().filter(told -> told.getArm() == arm).toList();
    }

    /** One line for people. */
    static String line(LiveEvaluation told) {
        return "version " + told.getVersion() + ", "
                + told.getArm().toString().toLowerCase(Locale.ROOT) + ": " + text(told.getWindow())
                + " in the window, " + text(told.getSinceDeployment()) + " over all"
                + told.getWarning().map(warning -> "; " + warning).orElse("");
    }

    /** {@code 0.9123 of 340}, of numbers {@code MAE 0.1200 of 340}; a dash if there are no labels. */
    static String text(Tally tally) {
        if (tally.getMeanAbsoluteError().isPresent()) {
            return "MAE " + Figures.score(tally.getMeanAbsoluteError().get()) + " of "
                    + Figures.count(tally.getExamples());
        }
        return tally.getAccuracy()
                .map(accuracy ->
                        Figures.score(accuracy) + " of " + Figures.count(tally.getExamples() - tally.getAbstained()))
                .orElse("-");
    }

    /** Accuracy, or errors, in the window and over all, with the number of labels known. */
    static ObjectNode json(LiveEvaluation told) {
        ObjectNode json = OutputOptions.object()
                .put("arm", told.getArm().toString())
                .put("labels", told.getSinceDeployment().getExamples())
                .put("labelsInWindow", told.getWindow().getExamples());
        told.getSinceDeployment().getAccuracy().ifPresent(accuracy -> json.put("accuracy", accuracy));
        told.getWindow().getAccuracy().ifPresent(accuracy -> json.put("accuracyInWindow", accuracy));
        errors(told.getSinceDeployment(), "", json);
        errors(told.getWindow(), "InWindow", json);
        told.getDrift().ifPresent(drift -> json.put("stabilityIndex", drift.getStabilityIndex()));
        told.getWarning().ifPresent(warning -> json.put("warning", warning));
        return json;
    }

    private static void errors(Tally tally, String suffix, ObjectNode json) {
        tally.getMeanAbsoluteError().ifPresent(error -> json.put("meanAbsoluteError" + suffix, error));
        tally.getRSquared().ifPresent(share -> json.put("rSquared" + suffix, share));
    }
}
