package dev.sluice.cli;

import java.util.Set;

/**
 * Which streams lead to a person, as the launcher found out: Java 17 tells only whether all do, and newer ones tell it
 * another way. Without the launcher: none.
 */
final class Terminal {
    private static final String PROPERTY = "sluice.terminal";

    private Terminal() {}

    /** Whether a person can type. */
    static boolean in() {
        return has("in");
    }

    /** Whether a person reads the results. */
    static boolean out() {
        return has("out");
    }

    /** Whether a person sees progress. */
    static boolean err() {
        return has("err");
    }

    private static boolean has(String stream) {
        return Set.of(System.getProperty(PROPERTY, "").split(",")).contains(stream);
    }
}
