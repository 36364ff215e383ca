package dev.sluice.schemas;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The linear layer over words, ready to run: what a text's words add to the sums of the last dense layer. */
final class Wide {
    private final Vocabulary vocabulary;
    private final float[] weights;
    private final int outputs;
    private final long[] hashes;

    private Wide(long[] hashes, Vocabulary vocabulary, float[] weights, int outputs) {
        this.hashes = hashes;
        this.vocabulary = vocabulary;
        this.weights = weights;
        this.outputs = outputs;
    }

    /**
     * @param outputs of the network it stands beside
     * @throws InvalidModelException naming what does not fit
     */
    static Wide of(WideLayer layer, int outputs) {
        ModelChecks.check(
                layer.getRecipe().equals(WordCounts.RECIPE),
                "how the words are counted (" + layer.getRecipe() + ") is not known here: upgrade Sluice");
        ModelChecks.check(
                layer.getHashes().remaining() % Long.BYTES == 0,
                "the hashes of the words take 8 bytes each, there are "
                        + layer.getHashes().remaining());
        long[] hashes = longs(layer.getHashes());
        float[] frequencies = ModelChecks.sized("frequencies of the words", layer.getFrequencies(), hashes.length);
        for (float frequency : frequencies) {
            ModelChecks.check(frequency > 0, "a word's frequency must be above 0, not " + frequency);
        }
        float[] weights = ModelChecks.sized("weights of the words", layer.getWeights(), (long) hashes.length * outputs);
        try {
            return new Wide(hashes, new Vocabulary(hashes, frequencies), weights, outputs);
        } catch (IllegalArgumentException e) {
            throw new InvalidModelException(e.getMessage());
        }
    }

    int words() {
        return vocabulary.size();
    }

    float[] sums(WordCounts words) {
        Vocabulary.Known known = vocabulary.known(words);
        float[] sums = new float[outputs];
        for (int i = 0; i < known.words().length; i++) {
            int from = known.words()[i] * outputs;
            float number = known.numbers()[i];
            for (int k = 0; k < outputs; k++) {
                sums[k] += number * weights[from + k];
            }
        }
        return sums;
    }

    /** Some of the words that it knows: every {@code step}-th, from {@code first} on. */
    WordCounts some(int first, int step) {
        long[] some = new long[Math.max(0, (hashes.length - first + step - 1) / step)];
        Arrays.setAll(some, i -> hashes[first + i * step]);
        return WordCounts.ofHashes(some);
    }

    static ByteBuffer toBytes(long[] numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(numbers);
        return bytes.order(ByteOrder.BIG_ENDIAN);
    }

    private static long[] longs(ByteBuffer bytes) {
        long[] numbers = new long[bytes.remaining() / Long.BYTES];
        bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(numbers);
        return numbers;
    }
}
