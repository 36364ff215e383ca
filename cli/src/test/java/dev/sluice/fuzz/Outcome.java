package dev.sluice.fuzz;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * What a decoder made of an input.
 *
 * @param allocated bytes that its thread asked for meanwhile
 * @param kind equal for inputs that went the same way, as far as can be seen from outside
 */
record Outcome(Optional<Throwable> thrown, long allocated, int kind) {
    private static final int FRAMES = 4;

    static Outcome read(Object result, long allocated) {
        return new Outcome(Optional.empty(), allocated, result instanceof CharSequence text ? bits(text.length()) : -1);
    }

    /** Two exceptions are of a kind if the first of their causes come from the same lines. */
    static Outcome thrown(Throwable thrown, long allocated) {
        Throwable first = thrown;
        while (first.getCause() != null && first.getCause() != first) {
            first = first.getCause();
        }
        StackTraceElement[] trace = first.getStackTrace();
        int kind =
                Objects.hash(first.getClass(), Arrays.hashCode(Arrays.copyOf(trace, Math.min(FRAMES, trace.length))));
        return new Outcome(Optional.of(thrown), allocated, kind);
    }

    private static int bits(int number) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(number);
    }
}
