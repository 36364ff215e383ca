package dev.sluice.models;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.SelfTest;
import dev.sluice.schemas.WideLayer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A version's words as tensors: hashes (64-bit integers), frequencies and weights of those that it knows, and those of its
 * self-tests in a table with a row for each, where a count of 0 fills a row up.
 */
final class WordTensors {
    /** Of the record's JSON, what lies in tensors instead. */
    static final List<String> ARRAYS = List.of("hashes", "frequencies", "weights");

    private static final String HASHES = "wide.hashes";
    private static final String FREQUENCIES = "wide.frequencies";
    private static final String WEIGHTS = "wide.weights";
    private static final String TEST_HASHES = "self_test.word_hashes";
    private static final String TEST_COUNTS = "self_test.word_counts";
    private static final int BYTES_EACH = Long.BYTES + Float.BYTES;
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private WordTensors() {}

    static void put(ModelVersion version, Map<String, SafeTensors.Tensor> tensors) {
        version.getWide().filter(wide -> wide.getHashes().hasRemaining()).ifPresent(wide -> {
            int words = wide.getHashes().remaining() / Long.BYTES;
            int outputs = wide.getWeights().remaining() / Float.BYTES / words;
            tensors.put(HASHES, SafeTensors.Tensor.ofLongs(List.of(words), wide.getHashes()));
            tensors.put(FREQUENCIES, new SafeTensors.Tensor(List.of(words), wide.getFrequencies()));
            tensors.put(WEIGHTS, new SafeTensors.Tensor(List.of(words, outputs), wide.getWeights()));
        });
        putTests(version.getSelfTest(), tensors);
    }

    private static void putTests(List<SelfTest> tests, Map<String, SafeTensors.Tensor> tensors) {
        int most = tests.stream()
                .mapToInt(test -> test.getWords().remaining() / BYTES_EACH)
                .max()
                .orElse(0);
        if (most == 0) {
            return;
        }
        ByteBuffer hashes = buffer(tests.size() * most * Long.BYTES);
        ByteBuffer counts = buffer(tests.size() * most * Float.BYTES);
        for (SelfTest test : tests) {
            ByteBuffer words = test.getWords().duplicate().order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < most; i++) {
                boolean there = words.hasRemaining();
                hashes.putLong(there ? words.getLong() : 0);
                counts.putFloat(there ? words.getFloat() : 0);
            }
        }
        tensors.put(TEST_HASHES, SafeTensors.Tensor.ofLongs(List.of(tests.size(), most), hashes.flip()));
        tensors.put(TEST_COUNTS, new SafeTensors.Tensor(List.of(tests.size(), most), counts.flip()));
    }

    static WideLayer withoutArrays(WideLayer wide) {
        return new WideLayer(wide.getRecipe(), NONE, NONE, NONE);
    }

    /** @param said the record's own layer, less its arrays; missing if it reads no words */
    static Optional<WideLayer> wideOf(SafeTensors tensors, JsonNode said) {
        if (!said.isObject()) {
            return Optional.empty();
        }
        return Optional.of(new WideLayer(
                said.path("recipe").asText(),
                tensors.longs(HASHES, 1).map(SafeTensors.Tensor::bytes).orElse(NONE),
                tensors.tensor(FREQUENCIES, 1).map(SafeTensors.Tensor::bytes).orElse(NONE),
                tensors.tensor(WEIGHTS, 2).map(SafeTensors.Tensor::bytes).orElse(NONE)));
    }

    /**
     * @param test counted from 0
     * @return as {@link SelfTest} carries them
     * @throws InvalidPresetException if hashes and counts are not of the same shape, or there is no such row
     */
    static ByteBuffer selfTestWords(SafeTensors tensors, int test) {
        Optional<SafeTensors.Tensor> hashes = tensors.longs(TEST_HASHES, 2);
        Optional<SafeTensors.Tensor> counts = tensors.tensor(TEST_COUNTS, 2);
        if (!hashes.map(SafeTensors.Tensor::shape).equals(counts.map(SafeTensors.Tensor::shape))
                || hashes.filter(rows -> rows.shape().get(0) <= test).isPresent()) {
            throw new InvalidPresetException(
                    TEST_HASHES + " and " + TEST_COUNTS + " must both have a row for each self-test, of one length");
        }
        int width = hashes.map(rows -> rows.shape().get(1)).orElse(0);
        ByteBuffer words = buffer(width * BYTES_EACH);
        for (int i = test * width; i < (test + 1) * width; i++) {
            float count = little(counts.orElseThrow()).getFloat(i * Float.BYTES);
            if (count != 0) {
                words.putLong(little(hashes.orElseThrow()).getLong(i * Long.BYTES))
                        .putFloat(count);
            }
        }
        return words.flip().order(ByteOrder.BIG_ENDIAN);
    }

    private static ByteBuffer little(SafeTensors.Tensor tensor) {
        return tensor.bytes().duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
