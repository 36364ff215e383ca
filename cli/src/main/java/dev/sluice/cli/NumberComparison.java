package dev.sluice.cli;

import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Source;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * As {@link Comparison}, of two versions that answer with numbers: how far they are apart, and which is nearer to the number
 * that a post turned out to stand for.
 */
final class NumberComparison {
    private static final int TEXT_CHARACTERS = 60;

    private final int one;
    private final int other;
    private final Map<Source, Pair> pairs = new HashMap<>();
    private final Map<String, Word> words = new HashMap<>();

    NumberComparison(int one, int other) {
        this.one = one;
        this.other = other;
    }

    /** @param target nothing, if it was withdrawn */
    private record Word(Instant at, Optional<Double> target) {}

    /** @param target the post's own number, or the one that came later; if either is known */
    record Difference(String postId, String text, double one, double other, Optional<Double> target) {
        double apart() {
            return Math.abs(one - other);
        }
    }

    /**
     * @param posts that the version answered
     * @param known those of them whose number is known
     * @param meanAbsoluteError on these; nothing without them
     */
    record Tally(int version, long posts, long known, Optional<Double> meanAbsoluteError) {}

    private static final class Pair {
        private final String postId;
        private final String text;
        private final Optional<Double> ownTarget;
        private OptionalDouble one = OptionalDouble.empty();
        private OptionalDouble other = OptionalDouble.empty();

        Pair(Prediction first) {
            postId = first.getPostId();
            text = PredictionText.oneLine(first.getTextStart(), TEXT_CHARACTERS);
            ownTarget = first.getPostTarget();
        }

        boolean whole() {
            return one.isPresent() && other.isPresent();
        }
    }

    /** A number that came later; of several for one post the newest holds, and any goes before the one it came with. */
    void addTarget(String postId, Instant at, Optional<Double> target) {
        words.merge(postId, new Word(at, target), (old, now) -> now.at().isBefore(old.at()) ? old : now);
    }

    /** Passes over what is no number said by one of the two, or is of a replay. */
    void add(Prediction prediction) {
        int version = prediction.getModelVersion().orElse(0);
        boolean number = prediction.getStatus() == PredictionStatus.CLASSIFIED
                && prediction.getValue().isPresent();
        if (!number || prediction.getReplay().isPresent() || (version != one && version != other)) {
            return;
        }
        Pair pair = pairs.computeIfAbsent(prediction.getSource(), source -> new Pair(prediction));
        OptionalDouble value = OptionalDouble.of(prediction.getValue().orElseThrow());
        if (version == one) {
            pair.one = value;
        } else {
            pair.other = value;
        }
    }

    private Optional<Double> targetOf(Pair pair) {
        Word later = words.get(pair.postId);
        return later == null ? pair.ownTarget : later.target();
    }

    /** All that each of the two answered, whether or not the other did. */
    List<Tally> each() {
        return List.of(
                tally(one, pairs.values().stream().filter(pair -> pair.one.isPresent())),
                tally(other, pairs.values().stream().filter(pair -> pair.other.isPresent())));
    }

    /** What each made of the posts that both answered; here the two can be compared. */
    List<Tally> both() {
        return List.of(tally(one, whole()), tally(other, whole()));
    }

    private Stream<Pair> whole() {
        return pairs.values().stream().filter(Pair::whole);
    }

    private Tally tally(int version, Stream<Pair> of) {
        List<Pair> answered = of.toList();
        double[] errors = answered.stream()
                .flatMap(pair -> error(version, pair).stream())
                .mapToDouble(Double::doubleValue)
                .toArray();
        OptionalDouble mean = Arrays.stream(errors).average();
        return new Tally(
                version,
                answered.size(),
                errors.length,
                mean.isPresent() ? Optional.of(mean.getAsDouble()) : Optional.empty());
    }

    private Optional<Double> error(int version, Pair pair) {
        double value = (version == one ? pair.one : pair.other).orElseThrow();
        return targetOf(pair).map(target -> Math.abs(value - target));
    }

    /** How far apart the two are on the mean, of the posts that both answered; 0 without any. */
    double meanAbsoluteDifference() {
        return differences(Integer.MAX_VALUE).stream()
                .mapToDouble(Difference::apart)
                .average()
                .orElse(0);
    }

    /** Posts with a known number that both answered, and to which this one came nearer. */
    long nearer(int version) {
        int second = version == one ? other : one;
        return whole().filter(pair -> targetOf(pair).isPresent()
                        && error(version, pair).orElseThrow()
                                < error(second, pair).orElseThrow())
                .count();
    }

    /** The posts on which they are furthest apart. */
    List<Difference> differences(int most) {
        return whole().map(pair -> new Difference(
                        pair.postId, pair.text, pair.one.getAsDouble(), pair.other.getAsDouble(), targetOf(pair)))
                .sorted(Comparator.comparingDouble(Difference::apart).reversed().thenComparing(Difference::postId))
                .limit(most)
                .toList();
    }
}
