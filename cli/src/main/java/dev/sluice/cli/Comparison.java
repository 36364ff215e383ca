package dev.sluice.cli;

import dev.sluice.schemas.LabelProbability;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Source;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What two versions said of the same posts. A post is told by its source, since ids need not be unique; an answer is the
 * label that was said, and where its version abstained the most likely one. Keeps a few hundred bytes for each post that one of them answered.
 */
final class Comparison {
    private static final int TEXT_CHARACTERS = 60;

    private final int one;
    private final int other;
    private final Map<Source, Pair> pairs = new HashMap<>();
    private final Map<String, Word> labels = new HashMap<>();

    Comparison(int one, int other) {
        this.one = one;
        this.other = other;
    }

    /** @param label nothing, if it was withdrawn */
    private record Word(Instant at, Optional<String> label) {}

    /** What a version said. */
    record Said(String label, float confidence, boolean abstained) {}

    /** @param label the post's own, or the one that came later; if either is known */
    record Difference(String postId, String text, Said one, Said other, Optional<String> label, Instant at) {}

    /**
     * @param posts that the version answered
     * @param labelled those of them whose label is known
     * @param right those of these whose label it gave
     */
    record Tally(int version, long posts, long abstained, long labelled, long right) {
        /** Nothing without labelled posts. */
        Optional<Double> accuracy() {
            return labelled == 0 ? Optional.empty() : Optional.of((double) right / labelled);
        }
    }

    private static final class Pair {
        private final String postId;
        private final String text;
        private final Optional<String> ownLabel;
        private Optional<Said> one = Optional.empty();
        private Optional<Said> other = Optional.empty();
        private Instant at;

        Pair(Prediction first) {
            postId = first.getPostId();
            text = PredictionText.oneLine(first.getTextStart(), TEXT_CHARACTERS);
            ownLabel = first.getPostLabel();
            at = first.getClassifiedAt();
        }

        boolean whole() {
            return one.isPresent() && other.isPresent();
        }

        boolean same() {
            return one.orElseThrow().label().equals(other.orElseThrow().label());
        }
    }

    /** A label that came later; of several for one post the newest holds, and any goes before the label it came with. */
    void addLabel(String postId, Instant at, Optional<String> label) {
        labels.merge(postId, new Word(at, label), (old, now) -> now.at().isBefore(old.at()) ? old : now);
    }

    /** Passes over what is no answer of the two, or of a replay. */
    void add(Prediction prediction) {
        int version = prediction.getModelVersion().orElse(0);
        boolean answer = prediction.getStatus() == PredictionStatus.CLASSIFIED
                || prediction.getStatus() == PredictionStatus.ABSTAINED;
        if (!answer
                || prediction.getProbabilities().isEmpty() // a number
                || prediction.getReplay().isPresent()
                || (version != one && version != other)) {
            return;
        }
        Pair pair = pairs.computeIfAbsent(prediction.getSource(), source -> new Pair(prediction));
        LabelProbability first = prediction.getProbabilities().get(0);
        Optional<Said> said = Optional.of(new Said(
                prediction.getLabel().orElse(first.getLabel()).intern(),
                prediction.getConfidence().orElse(first.getProbability()),
                prediction.getStatus() == PredictionStatus.ABSTAINED));
        if (version == one) {
            pair.one = said;
        } else {
            pair.other = said;
        }
        pair.at = prediction.getClassifiedAt();
    }

    private Optional<String> labelOf(Pair pair) {
        Word later = labels.get(pair.postId);
        return later == null ? pair.ownLabel : later.label();
    }

    private boolean right(Pair pair, Optional<Said> said) {
        return said.map(Said::label).equals(labelOf(pair));
    }

    private long count(Predicate<Pair> which) {
        return pairs.values().stream().filter(which).count();
    }

    /** All that each of the two answered, whether or not the other did. */
    List<Tally> each() {
        return List.of(tally(one, pair -> pair.one.isPresent()), tally(other, pair -> pair.other.isPresent()));
    }

    /** What each made of the posts that both answered; here the two can be compared. */
    List<Tally> both() {
        return List.of(tally(one, Pair::whole), tally(other, Pair::whole));
    }

    private Tally tally(int version, Predicate<Pair> which) {
        return new Tally(
                version,
                count(which),
                count(which.and(
                        pair -> said(version, pair).filter(Said::abstained).isPresent())),
                count(which.and(pair -> labelOf(pair).isPresent())),
                count(which.and(pair -> labelOf(pair).isPresent() && right(pair, said(version, pair)))));
    }

    private Optional<Said> said(int version, Pair pair) {
        return version == one ? pair.one : pair.other;
    }

    /** Posts that both gave the same label. */
    long same() {
        return count(pair -> pair.whole() && pair.same());
    }

    /** Labelled posts that both answered and this one alone got right. */
    long onlyRight(int version) {
        return count(
                pair -> pair.whole() && labelOf(pair).isPresent() && right(pair, said(version, pair)) && !pair.same());
    }

    /** The newest posts on which they differ. */
    List<Difference> differences(int most) {
        return pairs.values().stream()
                .filter(pair -> pair.whole() && !pair.same())
                .sorted(Comparator.comparing((Pair pair) -> pair.at).reversed().thenComparing(pair -> pair.postId))
                .limit(most)
                .map(pair -> new Difference(
                        pair.postId,
                        pair.text,
                        pair.one.orElseThrow(),
                        pair.other.orElseThrow(),
                        labelOf(pair),
                        pair.at))
                .toList();
    }
}
