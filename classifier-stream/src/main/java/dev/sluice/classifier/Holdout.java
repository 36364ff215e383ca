package dev.sluice.classifier;

import dev.sluice.schemas.Drift;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.LabelCounts;
import dev.sluice.schemas.LabelShare;
import dev.sluice.schemas.LiveCounts;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Split;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a version answered on the examples held out from its training: VALIDATION, else TEST. Answers now are set beside it
 * by the population stability index, the sum over labels of (now - then) ln(now / then). Half an answer is added to each
 * label on both sides, or a label that never occurred would make it infinite.
 *
 * @param answers how often each label was the answer, in the version's order
 * @param confidence mean probability of the answers, if the trainer wrote it down
 */
record Holdout(List<String> labels, List<Long> answers, Optional<Double> confidence) {
    private static final double SMOOTHING = 0.5;

    Holdout {
        labels = List.copyOf(labels);
        answers = List.copyOf(answers);
        if (labels.size() != answers.size()) {
            throw new IllegalArgumentException(labels.size() + " labels, but answers for " + answers.size());
        }
    }

    /**
     * @return empty if the version says nothing of answers on a holdout, as one made elsewhere may; or if it is a regression,
     *     whose answers have no labels to be counted by, and no confidence
     */
    static Optional<Holdout> of(ModelVersion version) {
        if (version.getLabels().isEmpty()) {
            return Optional.empty();
        }
        return evaluation(version, Split.VALIDATION)
                .or(() -> evaluation(version, Split.TEST))
                .map(evaluation -> new Holdout(
                        version.getLabels(), columns(evaluation.getConfusion()), evaluation.getMeanConfidence()));
    }

    private static Optional<Evaluation> evaluation(ModelVersion version, Split split) {
        int labels = version.getLabels().size();
        return version.getEvaluations().stream()
                .filter(each -> each.getSplit() == split && each.getExamples() > 0)
                .filter(each -> each.getConfusion().size() == labels
                        && each.getConfusion().stream().allMatch(row -> row.size() == labels))
                .findFirst();
    }

    private static List<Long> columns(List<List<Long>> confusion) {
        List<Long> sums = new ArrayList<>();
        for (int answer = 0; answer < confusion.size(); answer++) {
            long sum = 0;
            for (List<Long> row : confusion) {
                sum += row.get(answer);
            }
            sums.add(sum);
        }
        return sums;
    }

    /** How many answers there were. */
    long examples() {
        return answers.stream().mapToLong(Long::longValue).sum();
    }

    /**
     * @param window what the version answered lately
     * @return empty if it answered nothing, or has more labels than are told apart
     */
    Optional<Drift> beside(LiveCounts window) {
        if (window.getPredictions() <= 0 || isCut(window)) {
            return Optional.empty();
        }
        List<Long> now = labels.stream()
                .map(label -> window.getPerLabel().get(label))
                .map(counts -> counts == null ? 0L : counts.getPredicted())
                .toList();
        return Optional.of(Drift.newBuilder()
                .setPredictions(window.getPredictions())
                .setStabilityIndex(stabilityIndex(now, answers))
                .setMeanConfidence(window.getConfidence() / window.getPredictions())
                .setHoldoutConfidence(confidence.orElse(null))
                .setShares(shares(now, window.getPredictions()))
                .build());
    }

    private boolean isCut(LiveCounts window) {
        LabelCounts others = window.getPerLabel().get(LabelRoom.OTHERS);
        return others != null && others.getPredicted() > 0 && !labels.contains(LabelRoom.OTHERS);
    }

    /** In the version's order; of very many labels those whose share changed most. */
    private List<LabelShare> shares(List<Long> now, long predictions) {
        List<LabelShare> shares = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            shares.add(new LabelShare(
                    labels.get(i), (double) now.get(i) / predictions, (double) answers.get(i) / examples()));
        }
        Set<LabelShare> kept = new HashSet<>(LabelRoom.TRUTHS.largest(
                shares, LabelShare::getLabel, share -> Math.abs(share.getShare() - share.getHoldoutShare())));
        return shares.stream().filter(kept::contains).toList();
    }

    /** From 0 on; the same with both sides exchanged. */
    static double stabilityIndex(List<Long> now, List<Long> then) {
        double nowSum = now.stream().mapToLong(Long::longValue).sum() + SMOOTHING * now.size();
        double thenSum = then.stream().mapToLong(Long::longValue).sum() + SMOOTHING * then.size();
        double index = 0;
        for (int i = 0; i < now.size(); i++) {
            double nowShare = (now.get(i) + SMOOTHING) / nowSum;
            double thenShare = (then.get(i) + SMOOTHING) / thenSum;
            index += (nowShare - thenShare) * Math.log(nowShare / thenShare);
        }
        return index;
    }
}
