package dev.sluice.trainer;

import dev.sluice.schemas.Vocabulary;
import dev.sluice.schemas.WordCounts;
import java.util.Arrays;

/**
 * Which words a version is to know: those that occur in two texts or more, for what occurs once teaches nothing about another
 * text; of too many, those that occur in most. They are counted in a table of numbers, since there are millions: an
 * object each would take the memory of a hundred texts. To be used by one thread.
 */
final class WordChoice {
    /** Beyond these, cross-validation on 20 Newsgroups finds next to no gain, and a version would take long to load. */
    static final int MOST = 131_072;

    private static final int LEAST_TEXTS = 2;
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private long[] hashes = new long[1 << 10];
    private int[] texts = new int[1 << 10];
    private int distinct;
    private int read;

    private WordChoice() {}

    /**
     * @param read the counted words of each text that is fitted
     * @param most words to be known, 0 or more
     * @return with their inverse document frequencies, ln((1 + texts) / (1 + texts with the word)) + 1
     */
    static Vocabulary of(Iterable<WordCounts> read, int most) {
        WordChoice choice = new WordChoice();
        read.forEach(choice::add);
        long[] chosen = choice.chosen(most);
        float[] frequencies = new float[chosen.length];
        for (int i = 0; i < chosen.length; i++) {
            int texts = choice.texts[choice.slotOf(chosen[i])];
            frequencies[i] = (float) (Math.log((1.0 + choice.read) / (1.0 + texts)) + 1);
        }
        return new Vocabulary(chosen, frequencies);
    }

    private void add(WordCounts words) {
        read++;
        for (int i = 0; i < words.size(); i++) {
            int slot = slotOf(words.hash(i));
            if (texts[slot] == 0) {
                hashes[slot] = words.hash(i);
                distinct++;
            }
            texts[slot]++;
            if (2 * distinct > texts.length) {
                grow();
            }
        }
    }

    /** Where the word is, or where it would be. */
    private int slotOf(long hash) {
        int slot = (int) ((hash * GOLDEN) >>> (Long.numberOfLeadingZeros(texts.length) + 1));
        while (texts[slot] != 0 && hashes[slot] != hash) {
            slot = (slot + 1) & (texts.length - 1);
        }
        return slot;
    }

    private void grow() {
        long[] oldHashes = hashes;
        int[] oldTexts = texts;
        hashes = new long[2 * oldHashes.length];
        texts = new int[2 * oldTexts.length];
        for (int i = 0; i < oldTexts.length; i++) {
            if (oldTexts[i] != 0) {
                int slot = slotOf(oldHashes[i]);
                hashes[slot] = oldHashes[i];
                texts[slot] = oldTexts[i];
            }
        }
    }

    /** Rising; of words that occur in equally many texts those of the lower hashes, so that it is always the same ones. */
    private long[] chosen(int most) {
        int[] counts = Arrays.stream(texts)
                .filter(count -> count >= LEAST_TEXTS)
                .sorted()
                .toArray();
        int least = counts.length > most ? counts[counts.length - most - 1] + 1 : LEAST_TEXTS;
        long[] surely = withTexts(least, Integer.MAX_VALUE);
        long[] perhaps = least == LEAST_TEXTS ? new long[0] : withTexts(least - 1, least - 1);
        long[] chosen = Arrays.copyOf(surely, Math.min(most, surely.length + perhaps.length));
        System.arraycopy(perhaps, 0, chosen, surely.length, chosen.length - surely.length);
        Arrays.sort(chosen);
        return chosen;
    }

    /** Rising. */
    private long[] withTexts(int from, int to) {
        long[] found = new long[distinct];
        int count = 0;
        for (int i = 0; i < texts.length; i++) {
            if (texts[i] >= from && texts[i] <= to) {
                found[count++] = hashes[i];
            }
        }
        long[] sorted = Arrays.copyOf(found, count);
        Arrays.sort(sorted);
        return sorted;
    }
}
