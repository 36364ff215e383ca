package dev.sluice.cli;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.Split;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A data set cut into parts for cross-validation. The posts of each class are dealt out in turn, in the order of a hash of the
 * seed and of what they say, so that each fold has its share of each class (stratified), the order of the file does not
 * matter, and copies of a text lie in one fold: else they would be learned in one round and asked for in it.
 */
final class CrossValidation {
    private static final String SALT = "sluice-fold:";

    private CrossValidation() {}

    /**
     * @return as many data sets as folds: in each one fold is TEST, and all the others are TRAIN
     * @throws CommandException if there are fewer than 2 folds, or fewer different texts than folds
     */
    static List<DataSet> of(DataSet data, int folds, long seed) {
        if (folds < 2) {
            throw new CommandException("--folds is 2 or more, not " + folds);
        }
        Map<Long, Integer> foldOf = deal(data, folds, seed);
        if (foldOf.size() < folds) {
            throw new CommandException("there are " + Figures.count(foldOf.size(), "different post") + " in "
                    + data.name() + ", too few for " + folds + " folds");
        }
        return IntStream.range(0, folds)
                .mapToObj(fold -> new DataSet(
                        data.name(),
                        data.posts().stream()
                                .map(post -> Post.newBuilder(post)
                                        .setSplit(foldOf.get(hashOf(post, seed)) == fold ? Split.TEST : Split.TRAIN)
                                        .build())
                                .toList(),
                        data.note()))
                .toList();
    }

    /** By the hash of what a post says; a text that stands in two classes goes with the first. */
    private static Map<Long, Integer> deal(DataSet data, int folds, long seed) {
        Map<String, List<Long>> byClass = data.posts().stream()
                .collect(Collectors.groupingBy(
                        DataSet::labelOf,
                        TreeMap::new,
                        Collectors.mapping(post -> hashOf(post, seed), Collectors.toCollection(ArrayList::new))));
        Map<Long, Integer> foldOf = new HashMap<>();
        for (List<Long> hashes : byClass.values()) {
            hashes.stream().sorted().forEach(hash -> foldOf.putIfAbsent(hash, foldOf.size() % folds));
        }
        return foldOf;
    }

    private static long hashOf(Post post, long seed) {
        return Hashes.sha256Prefix(SALT + seed + ":", TestSplit.contentOf(post));
    }
}
