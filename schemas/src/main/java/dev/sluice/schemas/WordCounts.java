package dev.sluice.schemas;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a text consists of, counted: its words, its pairs of neighbouring words, and the words of its title. Each is known by
 * a 64-bit hash alone, so that nobody needs a dictionary, and a version does not carry its training texts about.
 *
 * <p>A word is a run of 2 to {@value #LONGEST} letters and digits in lower case, unless it is a {@link StopWords stop word};
 * neighbours are what is left then. A title is what stands before the first empty line, if there is more behind it: of a mail
 * the subject. Hashes are FNV-1a of the UTF-8 of {@code word}, {@code word word} or, of a title, tab and {@code word}. At
 * 64 bits two words of a language do not meet; hashing into few buckets, the usual trick, would cost accuracy to save nothing.
 *
 * <p>Sources: Weinberger et al., Feature Hashing for Large Scale Multitask Learning (2009); Fowler, Noll and Vo's FNV-1a.
 */
public final class WordCounts {
    /** The name of all this in {@link WideLayer}: whatever changes a count or a hash needs another. */
    public static final String RECIPE = "words-pairs-title-1";

    /** Counted words of no text. */
    public static final WordCounts NONE = new WordCounts(new long[0], new float[0]);

    static final int SHORTEST = 2;
    static final int LONGEST = 40;

    /** A longer first paragraph is no title. */
    static final int LONGEST_TITLE = 300;

    private static final int BYTES_EACH = Long.BYTES + Float.BYTES;
    private static final long FNV_START = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final long[] hashes;
    private final float[] counts;

    private WordCounts(long[] hashes, float[] counts) {
        this.hashes = hashes;
        this.counts = counts;
    }

    /** @param text any, as it is embedded */
    public static WordCounts of(String text) {
        List<byte[]> words = wordsOf(text);
        List<byte[]> title = titleOf(text);
        long[] found = new long[words.size() * 2 + title.size()];
        int count = 0;
        for (int i = 0; i < words.size(); i++) {
            long word = hash(FNV_START, words.get(i));
            found[count++] = word;
            if (i + 1 < words.size()) {
                found[count++] = hash(hash(word, ' '), words.get(i + 1));
            }
        }
        for (byte[] word : title) {
            found[count++] = hash(hash(FNV_START, '\t'), word);
        }
        return counted(Arrays.copyOf(found, count));
    }

    private static List<byte[]> titleOf(String text) {
        int end = text.indexOf("\n\n");
        return end < 0 || end > LONGEST_TITLE || text.substring(end).isBlank()
                ? List.of()
                : wordsOf(text.substring(0, end));
    }

    private static List<byte[]> wordsOf(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        List<byte[]> words = new ArrayList<>();
        int from = 0;
        while (from < lower.length()) {
            int at = from;
            int length = 0;
            while (at < lower.length() && Character.isLetterOrDigit(lower.codePointAt(at))) {
                at += Character.charCount(lower.codePointAt(at));
                length++;
            }
            if (length >= SHORTEST && length <= LONGEST) {
                String word = lower.substring(from, at);
                if (!StopWords.contains(word)) {
                    words.add(word.getBytes(StandardCharsets.UTF_8));
                }
            }
            from = length > 0 ? at : at + Character.charCount(lower.codePointAt(at));
        }
        return words;
    }

    private static long hash(long start, byte[] bytes) {
        long hash = start;
        for (byte b : bytes) {
            hash = hash(hash, b);
        }
        return hash;
    }

    private static long hash(long start, int b) {
        return (start ^ (b & 0xff)) * FNV_PRIME;
    }

    private static WordCounts counted(long[] found) {
        Arrays.sort(found);
        long[] hashes = new long[found.length];
        float[] counts = new float[found.length];
        int size = 0;
        for (int i = 0; i < found.length; i++) {
            if (size == 0 || hashes[size - 1] != found[i]) {
                hashes[size++] = found[i];
            }
            counts[size - 1]++;
        }
        return new WordCounts(Arrays.copyOf(hashes, size), Arrays.copyOf(counts, size));
    }

    /** How many are distinct. */
    public int size() {
        return hashes.length;
    }

    /** The hash of one, rising with {@code i} as signed numbers. */
    public long hash(int i) {
        return hashes[i];
    }

    /** How often it occurs, 1 or more. */
    public float count(int i) {
        return counts[i];
    }

    /** As {@link SelfTest} carries them. */
    public ByteBuffer toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(size() * BYTES_EACH).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < size(); i++) {
            bytes.putLong(hashes[i]).putFloat(counts[i]);
        }
        return bytes.flip().order(ByteOrder.BIG_ENDIAN);
    }

    /**
     * @param bytes of {@link #toBytes}; their position is not moved
     * @throws UnreadableRecordException if they are not counted words by rising hash
     */
    public static WordCounts fromBytes(ByteBuffer bytes) {
        ByteBuffer in = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        long[] hashes = new long[in.remaining() / BYTES_EACH];
        float[] counts = new float[hashes.length];
        boolean rightSize = in.remaining() == hashes.length * BYTES_EACH;
        for (int i = 0; i < hashes.length && rightSize; i++) {
            hashes[i] = in.getLong();
            counts[i] = in.getFloat();
            if (!(counts[i] >= 1 && counts[i] < Float.POSITIVE_INFINITY) || (i > 0 && hashes[i] <= hashes[i - 1])) {
                rightSize = false;
            }
        }
        if (!rightSize) {
            throw new UnreadableRecordException(
                    "these are no counted words: " + BYTES_EACH + " bytes each, hashes rising, counts of 1 or more");
        }
        return new WordCounts(hashes, counts);
    }

    /** One of each of some words. */
    static WordCounts ofHashes(long[] rising) {
        float[] once = new float[rising.length];
        Arrays.fill(once, 1);
        return new WordCounts(rising.clone(), once);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WordCounts words
                && Arrays.equals(hashes, words.hashes)
                && Arrays.equals(counts, words.counts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(hashes);
    }

    @Override
    public String toString() {
        return size() + " words";
    }
}
