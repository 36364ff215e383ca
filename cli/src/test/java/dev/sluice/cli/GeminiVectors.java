package dev.sluice.cli;

/**
 * A vector for each text, always the same, never zero. Its numbers have two digits and come ready from a table of
 * 64, six bits of a random stream each, so that a test spends its processor on the embedder and not on printing floats.
 */
final class GeminiVectors {
    private static final int VALUES = 64;
    private static final float[] NUMBERS = new float[VALUES];
    private static final String[] DIGITS = new String[VALUES];

    static {
        for (int i = 0; i < VALUES; i++) {
            DIGITS[i] = (i < VALUES / 2 ? "-" : "") + "0." + (10 + i);
            NUMBERS[i] = Float.parseFloat(DIGITS[i]);
        }
    }

    private GeminiVectors() {}

    /** As the server sends it: not of unit length. */
    static float[] of(String text, int dimensions) {
        float[] vector = new float[dimensions];
        Draws draws = new Draws(text);
        for (int i = 0; i < dimensions; i++) {
            vector[i] = NUMBERS[draws.next()];
        }
        return vector;
    }

    /** Appends the numbers of {@link #of}, separated by commas. */
    static void write(String text, int dimensions, StringBuilder out) {
        Draws draws = new Draws(text);
        for (int i = 0; i < dimensions; i++) {
            if (i > 0) {
                out.append(',');
            }
            out.append(DIGITS[draws.next()]);
        }
    }

    /** Sebastiano Vigna's SplitMix64, ten numbers of six bits from each draw. */
    private static final class Draws {
        private long state;
        private long bits;
        private int left;

        Draws(String text) {
            for (int i = 0; i < text.length(); i++) {
                state = state * 0x100000001B3L + text.charAt(i);
            }
        }

        int next() {
            if (left-- == 0) {
                state += 0x9E3779B97F4A7C15L;
                bits = state;
                bits = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
                bits = (bits ^ (bits >>> 27)) * 0x94D049BB133111EBL;
                bits ^= bits >>> 31;
                left = 9;
            }
            int number = (int) (bits & (VALUES - 1));
            bits >>>= 6;
            return number;
        }
    }
}
