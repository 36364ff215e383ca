package dev.sluice.cli;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.Split;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * The posts of each round of a demo, by the seed that drew them, in the order of the rounds.
 *
 * @param name of the data set
 * @param bySeed at least one; each has two classes or more, and posts to learn from and to be judged by
 */
record Draws(String name, Map<Long, DataSet> bySeed) {
    /** @throws CommandException if one of them is not fit to learn from and to be judged by */
    Draws {
        bySeed = Collections.unmodifiableMap(new LinkedHashMap<>(bySeed));
        bySeed.values().forEach(Draws::requireBothSplits);
    }

    /**
     * @param sampling draws with its own seed, and with those that follow it
     * @param seeds how many, 1 or more
     */
    static Draws of(DataSet data, Sampling sampling, int seeds) {
        Map<Long, DataSet> bySeed = new LinkedHashMap<>();
        LongStream.range(sampling.seed(), sampling.seed() + seeds)
                .forEach(seed -> bySeed.put(seed, sampling.withSeed(seed).of(data)));
        return new Draws(data.name(), bySeed);
    }

    private static void requireBothSplits(DataSet data) {
        if (data.classes().size() < 2) {
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

    /** Every post that any seed drew, once. */
    List<Post> union() {
        Map<String, Post> byId = new LinkedHashMap<>();
        bySeed.values().forEach(sample -> sample.posts()
                .forEach(post -> byId.put(post.getId().orElseThrow(), post)));
        return List.copyOf(byId.values());
    }
}
