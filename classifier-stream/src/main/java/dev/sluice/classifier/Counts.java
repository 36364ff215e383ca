package dev.sluice.classifier;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.LabelCounts;
import dev.sluice.schemas.LabelScore;
import dev.sluice.schemas.LiveCounts;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Score;
import dev.sluice.schemas.Tally;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The arithmetic of {@link LiveCounts}: whatever is counted is a sum of ones, a score that is taken back counts minus one,
 * and sums may be added in any order. So there is one record for one answer, for a piece of the window and for all of time.
 *
 * <p>A sum tells only so many labels apart, see {@link LabelRoom}; further ones are counted together. Since no label ever
 * leaves a sum, a score is taken back where it was counted.
 */
final class Counts {
    private static final Set<PredictionStatus> ANSWERED =
            Set.of(PredictionStatus.CLASSIFIED, PredictionStatus.ABSTAINED);

    private Counts() {}

    static LiveCounts none(int version, Arm arm, long start) {
        return LiveCounts.newBuilder()
                .setVersion(version)
                .setArm(arm)
                .setStart(Instant.ofEpochMilli(start))
                .build();
    }

    /**
     * One answer; its label is the most likely one, said or not. A regression's has none, and no confidence.
     *
     * @return empty if no version answered, or it was made by a replay
     */
    static Optional<LiveCounts> of(Prediction prediction, long start) {
        if (!ANSWERED.contains(prediction.getStatus())
                || prediction.getReplay().isPresent()
                || prediction.getModelVersion().isEmpty()) {
            return Optional.empty();
        }
        LiveCounts.Builder one = LiveCounts.newBuilder(
                        none(prediction.getModelVersion().get(), prediction.getArm(), start))
                .setPredictions(1);
        if (prediction.getValue().isPresent()) {
            return Optional.of(one.build());
        }
        return prediction.getProbabilities().stream().findFirst().map(first -> one.setConfidence(first.getProbability())
                .setPerLabel(Map.of(first.getLabel(), new LabelCounts(1L, 0L, 0L, 0L)))
                .build());
    }

    /** One answer whose truth is known, or minus one. An abstention counts as one, and towards no label. */
    static LiveCounts of(Score score, long start) {
        long one = score.getSign();
        LiveCounts.Builder counts = LiveCounts.newBuilder(none(score.getVersion(), score.getArm(), start))
                .setExamples(one);
        if (score.getAbstained()) {
            return counts.setAbstained(one).build();
        }
        if (isNumber(score)) {
            double target = score.getTarget().orElseThrow();
            double error = errorOf(score);
            return counts.setAbsoluteErrors(one * error)
                    .setSquaredErrors(one * error * error)
                    .setTargets(one * target)
                    .setSquaredTargets(one * target * target)
                    .build();
        }
        Map<String, LabelCounts> perLabel = new HashMap<>();
        perLabel.put(score.getAnswer(), new LabelCounts(0L, one, 0L, 0L));
        add(perLabel, score.getTruth(), new LabelCounts(0L, 0L, one, isRight(score) ? one : 0));
        return counts.setPerLabel(perLabel).build();
    }

    /** Whether the answer is a number, and so is its truth. */
    static boolean isNumber(Score score) {
        return score.getValue().isPresent() && score.getTarget().isPresent();
    }

    /** How far the answer, a number, lies from the truth, in the targets' unit. */
    static double errorOf(Score score) {
        return Math.abs(score.getValue().orElseThrow() - score.getTarget().orElseThrow());
    }

    static boolean isRight(Score score) {
        return score.getAnswer().equals(score.getTruth());
    }

    /** The sum; version, arm and start are the first one's. */
    static LiveCounts plus(LiveCounts counts, LiveCounts more) {
        Map<String, LabelCounts> perLabel = new HashMap<>(counts.getPerLabel());
        more.getPerLabel().forEach((label, each) -> add(perLabel, label, each));
        return LiveCounts.newBuilder()
                .setVersion(counts.getVersion())
                .setArm(counts.getArm())
                .setStart(counts.getStart())
                .setPredictions(counts.getPredictions() + more.getPredictions())
                .setConfidence(counts.getConfidence() + more.getConfidence())
                .setExamples(counts.getExamples() + more.getExamples())
                .setAbstained(counts.getAbstained() + more.getAbstained())
                .setPerLabel(perLabel)
                .setAbsoluteErrors(counts.getAbsoluteErrors() + more.getAbsoluteErrors())
                .setSquaredErrors(counts.getSquaredErrors() + more.getSquaredErrors())
                .setTargets(counts.getTargets() + more.getTargets())
                .setSquaredTargets(counts.getSquaredTargets() + more.getSquaredTargets())
                .build();
    }

    private static void add(Map<String, LabelCounts> perLabel, String label, LabelCounts more) {
        boolean answer = more.getPredicted() != 0 || more.getAnswered() != 0;
        LabelRoom room = answer ? LabelRoom.ANSWERS : LabelRoom.TRUTHS;
        boolean apart = perLabel.containsKey(label) || room.fits(perLabel.keySet(), label);
        perLabel.merge(apart ? label : LabelRoom.OTHERS, more, Counts::sum);
    }

    private static LabelCounts sum(LabelCounts a, LabelCounts b) {
        return new LabelCounts(
                a.getPredicted() + b.getPredicted(),
                a.getAnswered() + b.getAnswered(),
                a.getSupport() + b.getSupport(),
                a.getRight() + b.getRight());
    }

    /**
     * What the known labels say of the answers given; labels by name, without those that did not occur, and of very many
     * those with the most examples.
     */
    static Tally tally(LiveCounts counts) {
        List<LabelScore> perLabel = new ArrayList<>();
        long right = 0;
        for (var each : new TreeMap<>(counts.getPerLabel()).entrySet()) {
            LabelCounts label = each.getValue();
            right += label.getRight();
            if (label.getSupport() + label.getAnswered() > 0) {
                perLabel.add(new LabelScore(
                        each.getKey(),
                        share(label.getRight(), label.getAnswered()),
                        share(label.getRight(), label.getSupport()),
                        share(2 * label.getRight(), label.getSupport() + label.getAnswered()),
                        label.getSupport()));
            }
        }
        long given = counts.getExamples() - counts.getAbstained();
        if (given > 0 && counts.getPerLabel().isEmpty()) {
            return Errors.tally(counts, given);
        }
        return Tally.newBuilder()
                .setExamples(counts.getExamples())
                .setAbstained(counts.getAbstained())
                .setAccuracy(given > 0 ? (double) right / given : null)
                .setPerLabel(byName(LabelRoom.TRUTHS.largest(perLabel, LabelScore::getLabel, LabelScore::getSupport)))
                .build();
    }

    private static List<LabelScore> byName(List<LabelScore> scores) {
        return scores.stream()
                .sorted(Comparator.comparing(LabelScore::getLabel))
                .toList();
    }

    private static double share(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
