package dev.sluice.embedder;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.sun.management.OperatingSystemMXBean;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.onnx.AbstractInProcessEmbeddingModel;
import dev.langchain4j.model.embedding.onnx.OnnxBertBiEncoder;
import dev.langchain4j.model.embedding.onnx.PoolingMode;
import dev.langchain4j.model.embedding.onnx.bgesmallenv15q.BgeSmallEnV15QuantizedEmbeddingModel;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * The local model beside others on the same model file and the same ONNX Runtime: the bare network on tensors that are made
 * beforehand, which is the limit; langchain4j's own class as it comes, where each call takes all cores; and that class on a
 * session of one thread a call, as ours. All take turns in one process, a few texts each, since this machine's speed changes
 * by the second: what counts is the ratio within a turn, and how far it spreads. CPU time is that of the whole process over
 * all turns, native threads included; other work on the machine changes it less.
 *
 * <p>Arguments: turns (60), then the numbers of threads that call (1 2).
 */
final class LocalEmbeddingBenchmark {
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final String BARE = "bare";
    private static final String SLUICE = "sluice";
    private static final String LANGCHAIN4J = "langchain4j";
    private static final String LANGCHAIN4J_OF_ONE = "langchain4j, 1 thread a call";

    private LocalEmbeddingBenchmark() {}

    /** Embeds texts of the list, from the first index to before the second. */
    private interface Contestant {
        void embed(int from, int to) throws Exception;
    }

    public static void main(String[] args) throws Exception {
        int turns = args.length > 0 ? Integer.parseInt(args[0]) : 60;
        int[] threads = args.length > 1
                ? Arrays.stream(args).skip(1).mapToInt(Integer::parseInt).toArray()
                : new int[] {1, 2};
        System.out.println(
                "| texts | tokens | threads | sluice/s | beside it | its texts/s | speed, sluice : it | CPU time,"
                        + " sluice : it |\n" + "|---".repeat(8) + "|");
        for (int count : threads) {
            compare("short texts", new PlausibleTexts(1).of(16 * 64, 12), 64, count, turns);
            compare("posts", new PlausibleTexts(2).of(16 * 8, 165), 8, count, turns);
        }
    }

    private static void compare(String name, List<String> texts, int aTurn, int threads, int turns) throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        try (LocalEmbeddingModel model =
                        LocalEmbeddingModel.open(LocalModel.DEFAULT, threads, LocalModel.MAX_TOKENS, "");
                Bare bare = new Bare(texts, workers)) {
            var langchain = new BgeSmallEnV15QuantizedEmbeddingModel(workers);
            var langchainOfOne = new LangchainOfOneThread(bare.session, workers);
            List<TextSegment> segments = texts.stream().map(TextSegment::from).toList();
            Map<String, Contestant> contestants = new LinkedHashMap<>();
            contestants.put(SLUICE, (from, to) -> model.embed(texts.subList(from, to)));
            contestants.put(BARE, bare::embed);
            contestants.put(LANGCHAIN4J, (from, to) -> langchain.embedAll(segments.subList(from, to)));
            contestants.put(LANGCHAIN4J_OF_ONE, (from, to) -> langchainOfOne.embedAll(segments.subList(from, to)));
            Map<String, double[]> wall = new LinkedHashMap<>();
            Map<String, double[]> cpu = new LinkedHashMap<>();
            race(contestants, texts.size(), aTurn, turns, wall, cpu);
            for (String other : List.of(BARE, LANGCHAIN4J_OF_ONE, LANGCHAIN4J)) {
                System.out.printf(
                        "| %s | %.0f | %d | %.1f | %s | %.1f | %s | %.3f |%n",
                        name,
                        bare.meanTokens(),
                        threads,
                        aTurn / quantile(wall.get(SLUICE), 0.5),
                        other,
                        aTurn / quantile(wall.get(other), 0.5),
                        ratio(wall.get(other), wall.get(SLUICE)), // of speeds: its time to ours
                        sum(cpu.get(SLUICE)) / sum(cpu.get(other)));
            }
        } finally {
            workers.shutdown();
        }
    }

    /** Seconds by contestant and turn; who begins changes, so that none always meets the quieter machine. */
    private static void race(
            Map<String, Contestant> contestants,
            int texts,
            int aTurn,
            int turns,
            Map<String, double[]> wall,
            Map<String, double[]> cpu)
            throws Exception {
        List<String> names = List.copyOf(contestants.keySet());
        for (String name : names) {
            wall.put(name, new double[turns]);
            cpu.put(name, new double[turns]);
            contestants.get(name).embed(0, texts / 4); // warms up
        }
        for (int turn = 0; turn < turns; turn++) {
            int from = turn * aTurn % texts;
            for (int i = 0; i < names.size(); i++) {
                String name = names.get((i + turn) % names.size());
                long start = System.nanoTime();
                long used = PROCESS.getProcessCpuTime();
                contestants.get(name).embed(from, from + aTurn);
                cpu.get(name)[turn] = (PROCESS.getProcessCpuTime() - used) / 1e9;
                wall.get(name)[turn] = (System.nanoTime() - start) / 1e9;
            }
        }
    }

    /** Median of the turns' ratios, and the quartiles. */
    private static String ratio(double[] of, double[] to) {
        double[] ratios =
                IntStream.range(0, of.length).mapToDouble(i -> of[i] / to[i]).toArray();
        return String.format(
                "%.3f (%.3f to %.3f)", quantile(ratios, 0.5), quantile(ratios, 0.25), quantile(ratios, 0.75));
    }

    private static double sum(double[] values) {
        return Arrays.stream(values).sum();
    }

    private static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.round(share * (sorted.length - 1))];
    }

    private static InputStream resource(String ending) {
        return LocalEmbeddingBenchmark.class.getResourceAsStream("/" + LocalModel.DEFAULT.model() + ending);
    }

    /** langchain4j's code on a session that was made elsewhere. */
    private static final class LangchainOfOneThread extends AbstractInProcessEmbeddingModel {
        private final OnnxBertBiEncoder encoder;

        LangchainOfOneThread(OrtSession session, ExecutorService workers) throws IOException {
            super(workers);
            try (InputStream vocabulary = resource("-tokenizer.json")) {
                encoder = new OnnxBertBiEncoder(OrtEnvironment.getEnvironment(), session, vocabulary, PoolingMode.CLS);
            }
        }

        @Override
        protected OnnxBertBiEncoder model() {
            return encoder;
        }
    }

    /** Nothing but the network: one text a call, as the quantised model must be run, one thread a call. */
    private static final class Bare implements AutoCloseable {
        private final ExecutorService workers;
        private final OrtSession session;
        private final List<Map<String, OnnxTensor>> inputs = new ArrayList<>();

        Bare(List<String> texts, ExecutorService workers) throws IOException, OrtException {
            this.workers = workers;
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            try (OrtSession.SessionOptions options = new OrtSession.SessionOptions();
                    InputStream model = resource(".onnx");
                    InputStream vocabulary = resource("-tokenizer.json");
                    HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(
                            vocabulary, Map.of("padding", "false", "truncation", "true", "maxLength", "512"))) {
                options.setIntraOpNumThreads(1);
                session = environment.createSession(model.readAllBytes(), options);
                for (String text : texts) {
                    long[] ids = tokenizer.encode(text).getIds();
                    long[] ones = new long[ids.length];
                    Arrays.fill(ones, 1);
                    inputs.add(Map.of(
                            "input_ids", tensor(environment, ids),
                            "attention_mask", tensor(environment, ones),
                            "token_type_ids", tensor(environment, new long[ids.length])));
                }
            }
        }

        private static OnnxTensor tensor(OrtEnvironment environment, long[] values) throws OrtException {
            return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), new long[] {1, values.length});
        }

        double meanTokens() {
            return inputs.stream()
                    .mapToLong(input -> input.get("input_ids").getInfo().getShape()[1])
                    .average()
                    .orElseThrow();
        }

        void embed(int from, int to) throws Exception {
            List<Callable<Void>> tasks = new ArrayList<>();
            inputs.subList(from, to)
                    .forEach(input -> tasks.add(() -> {
                        session.run(input).close();
                        return null;
                    }));
            for (Future<Void> done : workers.invokeAll(tasks)) {
                done.get();
            }
        }

        @Override
        public void close() throws OrtException {
            inputs.forEach(input -> input.values().forEach(OnnxTensor::close));
            session.close();
        }
    }
}
