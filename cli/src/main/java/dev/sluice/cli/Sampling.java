package dev.sluice.cli;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.Split;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How many posts of each class are taken, and which: drawn by the seed from the posts sorted by id, for each class and
 * split apart, so that neither the order of the file nor the choice of other classes changes what is drawn. Posts with numbers
 * are one class.
 *
 * @param perClass training posts of each class, 1 or more; all if empty
 * @param testPerClass posts of each class in every other split, 0 or more; if empty all, or with {@code perClass} a quarter of
 *     it, and at least 1
 */
record Sampling(Optional<Integer> perClass, Optional<Integer> testPerClass, long seed) {
    Sampling {
        if (perClass.orElse(1) < 1) {
            throw new IllegalArgumentException("at least 1 post of each class is needed, not " + perClass.get());
        }
        if (testPerClass.orElse(0) < 0) {
            throw new IllegalArgumentException("there cannot be " + testPerClass.get() + " test posts of each class");
        }
    }

    static Sampling all() {
        return new Sampling(Optional.empty(), Optional.empty(), 0);
    }

    Sampling withSeed(long other) {
        return new Sampling(perClass, testPerClass, other);
    }

    /** Whether another seed could draw other posts. */
    boolean draws() {
        return perClass.isPresent() || testPerClass.isPresent();
    }

    /** The posts drawn, by class, split and id; a class with fewer gives all it has. */
    DataSet of(DataSet data) {
        if (!draws()) {
            return data;
        }
        Map<String, Map<Split, List<Post>>> groups = data.posts().stream()
                .collect(Collectors.groupingBy(
                        DataSet::labelOf,
                        TreeMap::new,
                        Collectors.groupingBy(DataSet::splitOf, TreeMap::new, Collectors.toList())));
        List<Post> drawn = new ArrayList<>();
        groups.forEach((label, splits) -> splits.forEach((split, posts) -> drawn.addAll(draw(label, split, posts))));
        return new DataSet(data.name(), drawn, data.note());
    }

    private List<Post> draw(String label, Split split, List<Post> posts) {
        Comparator<Post> byId = Comparator.comparing(post -> post.getId().orElseThrow());
        List<Post> shuffled = new ArrayList<>(posts.stream().sorted(byId).toList());
        String name = seed + "/" + split + "/" + label;
        Collections.shuffle(shuffled, new Random(Hashes.sha256Prefix(name, ByteBuffer.allocate(0))));
        return shuffled.stream()
                .limit(limitOf(split).orElse(posts.size()))
                .sorted(byId)
                .toList();
    }

    private Optional<Integer> limitOf(Split split) {
        if (split == Split.TRAIN) {
            return perClass;
        }
        return testPerClass.or(() -> perClass.map(number -> Math.max(1, number / 4)));
    }
}
