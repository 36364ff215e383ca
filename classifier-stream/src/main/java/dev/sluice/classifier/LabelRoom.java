package dev.sluice.classifier;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * How many labels a record tells apart: where every post has a label of its own, for somebody sends ids in place of labels, a
 * record of all of them would outgrow its topic, and its writer would fail at it for ever.
 *
 * @param labels how many, 1 or more
 * @param bytes of their names together, in UTF-8
 */
record LabelRoom(int labels, int bytes) {
    /** Stands for all the labels that there is no room for. */
    static final String OTHERS = "(other)";

    /** For labels that people give; with the room for answers it makes 400 KiB at most, far from the 1 MiB of a topic. */
    static final LabelRoom TRUTHS = new LabelRoom(1000, 128 * 1024);

    /** For labels that a version gives: more, or truths would take the room, and their shares would seem to fall to 0. */
    static final LabelRoom ANSWERS = new LabelRoom(2000, 256 * 1024);

    /** Whether there is room for one more. Once there is none for a label, there never is again, if none is taken away. */
    boolean fits(Set<String> known, String label) {
        if (known.size() >= labels) {
            return false;
        }
        long taken = bytesOf(label);
        for (String each : known) {
            taken += bytesOf(each);
        }
        return taken <= bytes;
    }

    /** Those of the largest weight that there is room for, largest first; of equal weight, in the order given. */
    <T> List<T> largest(Collection<T> all, Function<T, String> label, ToDoubleFunction<T> weight) {
        List<T> kept = new ArrayList<>();
        long taken = 0;
        for (T each : all.stream()
                .sorted(Comparator.comparingDouble(weight).reversed())
                .toList()) {
            taken += bytesOf(label.apply(each));
            if (kept.size() >= labels || taken > bytes) {
                break;
            }
            kept.add(each);
        }
        return kept;
    }

    private static int bytesOf(String label) {
        return label.getBytes(StandardCharsets.UTF_8).length;
    }
}
