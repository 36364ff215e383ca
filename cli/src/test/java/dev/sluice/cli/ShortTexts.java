package dev.sluice.cli;

import java.util.List;
import java.util.Random;

/** Short texts about four things, each from a few words at random: cheap to embed, all different, and easy to tell apart. */
final class ShortTexts {
    static final List<String> LABELS = List.of("cooking", "cycling", "gardening", "music");

    private static final String[][] WHAT = {
        {"soup", "bread", "pepper", "onion", "pan", "oven", "sauce", "butter", "recipe", "dough"},
        {"wheel", "brake", "saddle", "chain", "helmet", "pedal", "tyre", "hill", "gear", "frame"},
        {"soil", "seed", "rose", "hedge", "compost", "tulip", "lawn", "spade", "root", "bulb"},
        {"violin", "choir", "drum", "melody", "concert", "guitar", "chord", "song", "tempo", "piano"}
    };
    private static final String[] HOW = {
        "new", "old", "small", "good", "cheap", "heavy", "favourite", "broken", "lovely"
    };
    private static final String[] DOES = {"needs", "wants", "misses", "found", "bought", "borrowed", "lost", "mended"};
    private static final String[] WHO = {"my aunt", "a friend", "our neighbour", "the teacher", "she", "nobody", "he"};

    private ShortTexts() {}

    /** The label of the text of this number. */
    static String labelOf(int number) {
        return LABELS.get(number % LABELS.size());
    }

    /** Always the same of the same number. */
    static String of(int number) {
        Random random = new Random(number);
        String[] things = WHAT[number % WHAT.length];
        return one(random, WHO) + " " + one(random, DOES) + " a " + one(random, HOW) + " " + one(random, things)
                + " and " + one(random, things) + " " + number;
    }

    private static String one(Random random, String[] words) {
        return words[random.nextInt(words.length)];
    }
}
