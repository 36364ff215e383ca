package dev.sluice.cli;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The numbered posts, each a function of its number, so that whoever finds one knows what it must hold. Some texts come
 * again, as they do for users, and some posts bring a label.
 */
final class ChaosPosts {
    static final List<String> LABELS = List.of("a", "b");

    private static final int REPEATED_EVERY = 8;
    private static final int LABELLED_EVERY = 10;
    private static final int REPEATED_TEXTS = 50;
    private static final String ID = "post-";

    private ChaosPosts() {}

    static String id(int number) {
        return ID + number;
    }

    /** The number that is in an id; empty where it is none of ours. */
    static OptionalInt numberOf(String id) {
        return id.matches(ID + "\\d{1,9}")
                ? OptionalInt.of(Integer.parseInt(id.substring(ID.length())))
                : OptionalInt.empty();
    }

    static String text(int number) {
        return number % REPEATED_EVERY == 0
                ? "said before, " + number / REPEATED_EVERY % REPEATED_TEXTS
                : "the words of post number " + number;
    }

    static Optional<String> label(int number) {
        return number % LABELLED_EVERY == 0
                ? Optional.of(LABELS.get(number / LABELLED_EVERY % LABELS.size()))
                : Optional.empty();
    }

    /** As it is sent. */
    static String json(int number) {
        return "{\"id\":\"" + id(number) + "\",\"text\":\"" + text(number) + "\""
                + label(number).map(label -> ",\"label\":\"" + label + "\"").orElse("") + "}";
    }
}
