package dev.sluice.schemas;

import java.util.Arrays;

/**
 * The words that a version knows, and what a text's counted words are to it: each known one's number is (1 + ln count) x its
 * inverse document frequency, and all together have length 1, as a vector has. Words that it does not know count
 * nothing. Found by a table with open addressing: one look at memory for most words. Immutable.
 *
 * <p>Source: Salton and Buckley, Term-Weighting Approaches in Automatic Text Retrieval (1988).
 */
public final class Vocabulary {
    /** Spreads hashes whose high bits are alike. */
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private static final int FREE = -1;

    private final long[] hashes;
    private final float[] frequencies;
    private final int[] table;
    private final int shift;

    /**
     * A text's known words.
     *
     * @param words their places in the vocabulary, rising
     * @param numbers one a word, whose squares add up to 1, unless there is no word
     */
    @SuppressWarnings("ArrayRecordComponent") // read at once, never compared
    public record Known(int[] words, float[] numbers) {}

    /**
     * @param hashes of its words, rising as signed numbers
     * @param frequencies what each word's number is multiplied by, above 0
     * @throws IllegalArgumentException if there are not as many of the one as of the other, or they do not rise
     */
    public Vocabulary(long[] hashes, float[] frequencies) {
        if (hashes.length != frequencies.length) {
            throw new IllegalArgumentException(hashes.length + " words have " + frequencies.length + " frequencies");
        }
        this.hashes = hashes.clone();
        this.frequencies = frequencies.clone();
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, hashes.length)) + 1; // at most half full
        shift = Long.SIZE - bits;
        table = new int[1 << bits];
        Arrays.fill(table, FREE);
        for (int i = 0; i < hashes.length; i++) {
            if (i > 0 && hashes[i] <= hashes[i - 1]) {
                throw new IllegalArgumentException("the hashes of the words do not rise");
            }
            table[slotOf(hashes[i])] = i;
        }
    }

    /** Where the word is, or where it would be. */
    private int slotOf(long hash) {
        int slot = (int) ((hash * GOLDEN) >>> shift);
        while (table[slot] != FREE && hashes[table[slot]] != hash) {
            slot = (slot + 1) & (table.length - 1);
        }
        return slot;
    }

    /** How many words it knows. */
    public int size() {
        return hashes.length;
    }

    /** @param words of any text */
    public Known known(WordCounts words) {
        int[] places = new int[words.size()];
        double[] numbers = new double[words.size()];
        int count = 0;
        double squares = 0;
        for (int i = 0; i < words.size(); i++) {
            int place = table[slotOf(words.hash(i))];
            if (place != FREE) {
                double number = (1 + Math.log(words.count(i))) * frequencies[place];
                places[count] = place;
                numbers[count++] = number;
                squares += number * number;
            }
        }
        double length = Math.sqrt(squares);
        float[] scaled = new float[count];
        for (int i = 0; i < count; i++) {
            scaled[i] = (float) (numbers[i] / length); // not before: a stranger's frequencies may leave float32's range
        }
        return new Known(Arrays.copyOf(places, count), scaled);
    }

    /** @return hashes and frequencies, in the order of the places, as a version carries them; the weights are the caller's */
    public WideLayer.Builder asRecord() {
        return WideLayer.newBuilder()
                .setRecipe(WordCounts.RECIPE)
                .setHashes(Wide.toBytes(hashes))
                .setFrequencies(Vectors.toBytes(frequencies));
    }
}
