package dev.sluice.embedder;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Texts a second of the local model, beside the bare network on texts that are tokenised already: the limit. Both run in
 * turns in one process, since this machine's speed changes by the minute; the ratio of neighbouring
 * runs is what counts, and how far it spreads. A ratio above one is noise: the model contains the network.
 */
final class LocalEmbeddingBenchmark {
    private static final int ROUNDS = 15;
    private static final int SHORT_TEXTS = 256;
    private static final int POSTS = 48;
    private static final List<String> WORDS = List.of(
            "the",
            "of",
            "and",
            "to",
            "in",
            "a",
            "is",
            "that",
            "for",
            "it",
            "was",
            "with",
            "be",
            "by",
            "on",
            "not",
            "he",
            "but",
            "at",
            "are",
            "this",
            "have",
            "orbit",
            "engine",
            "patient",
            "key",
            "circuit",
            "launch",
            "doctor",
            "cipher",
            "voltage",
            "planet",
            "therapy",
            "algorithm");

    private LocalEmbeddingBenchmark() {}

    public static void main(String[] args) throws Exception {
        int threads = Runtime.getRuntime().availableProcessors();
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        try (LocalEmbeddingModel model = LocalEmbeddingModel.open(threads, LocalEmbeddingModel.MAX_TOKENS, "")) {
            compare("short texts", texts(SHORT_TEXTS, 12), model, workers);
            compare("posts", texts(POSTS, 210), model, workers);
        } finally {
            workers.shutdown();
        }
    }

    private static void compare(String name, List<String> texts, LocalEmbeddingModel model, ExecutorService workers)
            throws Exception {
        List<long[]> ids = tokenised(texts);
        double[] whole = new double[ROUNDS];
        double[] bare = new double[ROUNDS];
        double[] ratios = new double[ROUNDS];
        for (int round = -1; round < ROUNDS; round++) { // the first warms up
            int at = Math.max(round, 0);
            if (round % 2 == 0) {
                whole[at] = rate(texts.size(), () -> model.embed(texts));
            }
            bare[at] = rate(texts.size(), () -> runBare(ids, model, workers));
            if (round % 2 != 0) { // who goes first changes, so that neither always meets the quieter machine
                whole[at] = rate(texts.size(), () -> model.embed(texts));
            }
            ratios[at] = whole[at] / bare[at];
        }
        double tokens = ids.stream().mapToInt(it -> it.length).average().orElseThrow();
        System.out.printf(
                "%-12s %4d texts of %5.1f tokens: model %7.1f/s, bare network %7.1f/s,"
                        + " ratio of pairs: median %.3f, quartiles %.3f to %.3f%n",
                name,
                texts.size(),
                tokens,
                quantile(whole, 0.5),
                quantile(bare, 0.5),
                quantile(ratios, 0.5),
                quantile(ratios, 0.25),
                quantile(ratios, 0.75));
    }

    private static Object runBare(List<long[]> ids, LocalEmbeddingModel model, ExecutorService workers)
            throws Exception {
        List<Callable<float[]>> tasks = new ArrayList<>();
        ids.forEach(it -> tasks.add(() -> run(model, it)));
        List<float[]> vectors = new ArrayList<>();
        for (Future<float[]> vector : workers.invokeAll(tasks)) {
            vectors.add(vector.get());
        }
        return vectors;
    }

    private static float[] run(LocalEmbeddingModel model, long[] ids) throws OrtException {
        return model.run(ids);
    }

    private static double rate(int texts, Callable<Object> work) throws Exception {
        long start = System.nanoTime();
        work.call();
        return texts / ((System.nanoTime() - start) / 1e9);
    }

    private static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.round(share * (sorted.length - 1))];
    }

    /** Words at random, so that lengths vary by a half to both sides of the mean. */
    private static List<String> texts(int count, int meanWords) {
        Random random = new Random(1);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StringBuilder text = new StringBuilder();
            for (int word = meanWords / 2 + random.nextInt(meanWords); word > 0; word--) {
                text.append(WORDS.get(random.nextInt(WORDS.size()))).append(' ');
            }
            texts.add(text.toString());
        }
        return texts;
    }

    private static List<long[]> tokenised(List<String> texts) throws IOException {
        try (InputStream in = LocalEmbeddingBenchmark.class.getResourceAsStream(
                        "/" + LocalEmbeddingModel.NAME + "-tokenizer.json");
                HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(
                        in, Map.of("padding", "false", "truncation", "true", "maxLength", "512"))) {
            return texts.stream().map(text -> tokenizer.encode(text).getIds()).toList();
        }
    }
}
