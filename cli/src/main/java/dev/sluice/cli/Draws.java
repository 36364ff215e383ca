package dev.sluice.cli;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.Split;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The posts of each round of a demo, in the order of the rounds: of several seeds, or of several folds.
 *
 * @param name of the data set
 * @param rounds at least one; each has two classes or more, or different numbers, and posts to learn from and to be judged by
 * @param note on the data set
 */
record Draws(String name, List<Round> rounds, Optional<String> note) {
    /**
     * What one model is made of and judged by.
     *
     * @param seed of the draw, and of the fit
     * @param fold which of the folds is the test, from 1; nothing if the test posts are the data set's own
     */
    record Round(long seed, Optional<Integer> fold, DataSet data) {
        /** Tells it from the other rounds: {@code seed-3}, {@code fold-1}. */
        String name() {
            return fold.map(number -> "fold-" + number).orElse("seed-" + seed);
        }
    }

    /** @throws CommandException if one of them is not fit to learn from and to be judged by */
    Draws {
        rounds = List.copyOf(rounds);
        rounds.forEach(round -> requireFitness(round.data()));
    }

    /**
     * @param sampling draws with its own seed, and with those that follow it
     * @param seeds how many, 1 or more
     */
    static Draws of(DataSet data, Sampling sampling, int seeds) {
        return new Draws(
                data.name(),
                LongStream.range(sampling.seed(), sampling.seed() + seeds)
                        .mapToObj(seed -> new Round(
                                seed, Optional.empty(), sampling.withSeed(seed).of(data)))
                        .toList(),
                data.note());
    }

    /**
     * As many rounds as folds: each post is a test post once, whatever its own split. All are fitted with one seed.
     *
     * @throws CommandException if there are fewer than 2 folds, or fewer posts than folds
     */
    static Draws ofFolds(DataSet data, Sampling sampling, int folds) {
        List<DataSet> parts = CrossValidation.of(sampling.of(data), folds, sampling.seed());
        return new Draws(
                data.name(),
                IntStream.range(0, folds)
                        .mapToObj(i -> new Round(sampling.seed(), Optional.of(i + 1), parts.get(i)))
                        .toList(),
                data.note());
    }

    private static void requireFitness(DataSet data) {
        if (data.numeric()) {
            if (data.posts().stream().map(Post::getTarget).distinct().count() < 2) {
                throw new CommandException("every post of " + data.name() + " has the same number ("
                        + Numbers.text(data.posts().get(0).getTarget().orElseThrow()) + "): there is nothing to learn");
            }
        } else if (data.classes().size() < 2) {
            throw new CommandException("there is one class only ("
                    + data.classes().first() + ") to choose from in " + data.name() + ": take more with --classes");
        }
        for (Split split : List.of(Split.TRAIN, Split.TEST)) {
            if (data.of(split).isEmpty()) {
                throw new CommandException("there are no " + split + " posts in " + data.name()
                        + ": name the split of some posts, or of none (then a fifth is kept back to test on)");
            }
        }
    }

    /** The posts as they are shown before the first round: where folds are made, without the splits that they had. */
    DataSet shown() {
        if (rounds.get(0).fold().isEmpty()) {
            return new DataSet(name, union(), note);
        }
        List<Post> whole = union().stream()
                .map(post -> Post.newBuilder(post).setSplit(null).build())
                .toList();
        String folds = "Cross-validation: each of " + rounds.size() + " folds is the test once.";
        return new DataSet(
                name, whole, Optional.of(note.map(told -> told + " " + folds).orElse(folds)));
    }

    /** Every post that any round drew, once; its split is that of the last of them. */
    List<Post> union() {
        Map<String, Post> byId = new LinkedHashMap<>();
        rounds.forEach(round ->
                round.data().posts().forEach(post -> byId.put(post.getId().orElseThrow(), post)));
        return List.copyOf(byId.values());
    }
}
