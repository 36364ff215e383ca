package dev.sluice.trainer;

import dev.sluice.schemas.Split;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * How many examples there are to learn from in each embedding space, and which is the newest. It is kept as examples come and
 * go, for some dozen bytes an example: it is asked after each poll, and to look through a million examples then makes reading
 * a topic quadratic in its length. Only when another fit is asked about is it counted anew what is fresh since, so once a
 * fit, which looks at all examples anyway. Not thread-safe.
 */
final class Tally {
    private static final Comparator<Example> BY_AGE = Comparator.comparing(Example::embeddedAt)
            .thenComparing(Example::spaceId)
            .thenComparing(Example::id);

    private final NavigableSet<Example> byAge = new TreeSet<>(BY_AGE);
    private final Map<String, InSpace> bySpace = new HashMap<>();

    /** Training examples, by what they say. */
    private static final class Sum {
        private long labels;
        private long numbers;

        void add(Example example, int times) {
            if (example.split() == Split.TRAIN) {
                labels += example.label().isPresent() ? times : 0;
                numbers += example.target().isPresent() ? times : 0;
            }
        }
    }

    private static final class InSpace {
        private final Sum training = new Sum();
        private Sum fresh = new Sum();
        private Lineage since = Lineage.NOTHING;
        private long labelledOfAnySplit;

        void add(Example example, int times) {
            labelledOfAnySplit += example.label().isPresent() ? times : 0;
            training.add(example, times);
            addFresh(example, times);
        }

        private void addFresh(Example example, int times) {
            if (since.isBefore(example.place())) {
                fresh.add(example, times);
            }
        }

        void startAnew(Lineage fit, Stream<Example> all) {
            since = fit;
            fresh = new Sum();
            all.forEach(example -> addFresh(example, 1));
        }

        long of(Sum sum, LearningTask.Wanted wanted) {
            return wanted.meansNumbers(labelledOfAnySplit > 0) ? sum.numbers : sum.labels;
        }
    }

    /**
     * An example has come; one of its id is not there.
     *
     * @param spaces canonical ids of those that it has a vector in
     */
    void add(Example example, Set<String> spaces) {
        byAge.add(example);
        spaces.forEach(
                space -> bySpace.computeIfAbsent(space, first -> new InSpace()).add(example, 1));
    }

    /**
     * An example leaves, or has other spaces from now on.
     *
     * @param spaces as it came with
     */
    void remove(Example example, Set<String> spaces) {
        byAge.remove(example);
        spaces.forEach(space -> bySpace.get(space).add(example, -1));
    }

    void clear() {
        byAge.clear();
        bySpace.clear();
    }

    /** The one that was embedded last; of several by space and id, so that it is always the same one. */
    Optional<Example> newest() {
        return byAge.isEmpty() ? Optional.empty() : Optional.of(byAge.last());
    }

    /** Training examples that say something of what is learned. */
    long training(String space, LearningTask.Wanted wanted) {
        return Optional.ofNullable(bySpace.get(space))
                .map(counts -> counts.of(counts.training, wanted))
                .orElse(0L);
    }

    /**
     * As {@link #training}, but only those that stand behind what was read for an earlier fit.
     *
     * @param all examples of the space; asked for only if the last question was about another fit
     */
    long fresh(String space, LearningTask.Wanted wanted, Lineage since, Supplier<Stream<Example>> all) {
        InSpace counts = bySpace.get(space);
        if (counts == null) {
            return 0;
        }
        if (!counts.since.equals(since)) {
            counts.startAnew(since, all.get());
        }
        return counts.of(counts.fresh, wanted);
    }
}
