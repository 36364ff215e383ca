package dev.sluice.trainer;

import com.sun.management.OperatingSystemMXBean;
import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Vectors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Function;

/**
 * Whole fits on vectors from a file, one for each line that is read: so a script can let others fit the same vectors in turns
 * ({@code docs/compare/training_compare.py}). Each answer is a line of JSON.
 *
 * <p>A line {@code fit} is the trainer's own fit; {@code dl4j} is the same by DL4J alone, without anything around it;
 * {@code weigh} tells the memory.
 */
public final class TrainerBenchmark {
    private static final int BATCH = 32;

    private final ExampleFile examples = Given.file();
    private final List<Example> training = new ArrayList<>();
    private final List<Example> test = new ArrayList<>();
    private final int width;
    private final int labels;
    private final int epochs;

    private TrainerBenchmark(int width, int labels, int epochs) {
        this.width = width;
        this.labels = labels;
        this.epochs = epochs;
    }

    /** @param args the file: a row is the label's index and the vector, little-endian float32; rows to fit; width; labels; epochs */
    public static void main(String[] args) throws Exception {
        TrainerBenchmark benchmark =
                new TrainerBenchmark(Integer.parseInt(args[2]), Integer.parseInt(args[3]), Integer.parseInt(args[4]));
        benchmark.read(Path.of(args[0]), Integer.parseInt(args[1]));
        System.out.println("{\"ready\": true}");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            System.out.println(
                    switch (line) {
                        case "fit" -> benchmark.fit();
                        case "dl4j" -> benchmark.fitByDl4j();
                        default -> weigh();
                    });
        }
    }

    private void read(Path file, int rows) throws IOException {
        ByteBuffer row = ByteBuffer.allocate((width + 1) * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(file)) {
            for (int i = 0; channel.read(row.clear()) == row.capacity(); i++) {
                int label = (int) row.flip().getFloat();
                float[] vector = new float[width];
                row.asFloatBuffer().get(vector);
                Split split = i < rows ? Split.TRAIN : Split.TEST;
                (i < rows ? training : test)
                        .add(Given.example(String.format("e%07d", i), "label-" + (char) ('a' + label), split, vector)
                                .in(examples));
            }
        }
    }

    private String fit() throws InterruptedException {
        Hyperparameters parameters = Given.parameters(
                "validation.data",
                "none",
                "early.stopping.monitor",
                "none",
                "calibration",
                "none",
                "epochs",
                Integer.toString(epochs));
        double cpuAtStart = cpuSeconds();
        long start = System.nanoTime();
        ModelTrainer.Fit fit = new ModelTrainer(Splits.of(training, parameters), parameters, new Silent()).fit();
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpu = cpuSeconds() - cpuAtStart;
        NetworkPlan plan = plan();
        TrainableNetwork network = new TrainableNetwork(plan);
        network.restore(Plans.weightsOf(fit.network()));
        List<Epoch> history = fit.history();
        String weights = ModelVersions.sha256(Vectors.toBytes(network.weights()).array());
        return answer(seconds, cpu, history.get(history.size() - 1).getLoss(), accuracy(network::outputs), weights);
    }

    private NetworkPlan plan() {
        return Plans.multiclass(width, width, labels);
    }

    private String fitByDl4j() {
        double cpuAtStart = cpuSeconds();
        long start = System.nanoTime();
        PlainDl4j network = new PlainDl4j(plan());
        Random random = new Random(42);
        List<Example> order = new ArrayList<>(training); // shuffled on from epoch to epoch, as the trainer does
        double loss = 0;
        for (int epoch = 0; epoch < epochs; epoch++) {
            loss = 0;
            Collections.shuffle(order, random);
            for (int from = 0; from < order.size(); from += BATCH) {
                List<Example> batch = order.subList(from, Math.min(from + BATCH, order.size()));
                float[] truths = new float[batch.size()];
                for (int i = 0; i < truths.length; i++) {
                    truths[i] = truthOf(batch.get(i));
                }
                loss += network.fit(vectorsOf(batch), truths) * truths.length / order.size();
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpu = cpuSeconds() - cpuAtStart;
        return answer(seconds, cpu, loss, accuracy(network::outputs), "");
    }

    private static int truthOf(Example example) {
        return example.label().orElseThrow().charAt("label-".length()) - 'a';
    }

    private static float[][] vectorsOf(List<Example> examples) {
        return examples.stream().map(Example::vector).toArray(float[][]::new);
    }

    private double accuracy(Function<float[][], float[][]> network) {
        int right = 0;
        for (int from = 0; from < test.size(); from += 256) {
            List<Example> batch = test.subList(from, Math.min(from + 256, test.size()));
            float[][] answers = network.apply(vectorsOf(batch));
            for (int i = 0; i < answers.length; i++) {
                right += Predictor.argMax(answers[i]) == truthOf(batch.get(i)) ? 1 : 0;
            }
        }
        return (double) right / test.size();
    }

    private static double cpuSeconds() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime() / 1e9;
    }

    private static String weigh() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return String.format(
                Locale.ROOT,
                "{\"heap\": %.1f, \"limit\": %.1f}",
                (runtime.totalMemory() - runtime.freeMemory()) / 1e6,
                runtime.maxMemory() / 1e6);
    }

    private static String answer(double seconds, double cpu, double loss, double accuracy, String weights) {
        return String.format(
                Locale.ROOT,
                "{\"seconds\": %.4f, \"cpu\": %.4f, \"loss\": %.6f, \"accuracy\": %.4f, \"weights\": \"%.16s\"}",
                seconds,
                cpu,
                loss,
                accuracy,
                weights);
    }

    private static final class Silent implements TrainingListener {
        @Override
        public void fitStarted(int trainingExamples, int validationExamples, int epochs) {
            // nobody listens
        }

        @Override
        public void batchEnded(int epoch, int batch, int batches) {
            // nobody listens
        }

        @Override
        public void epochEnded(Epoch epoch, int epochs) {
            // nobody listens
        }

        @Override
        public void published(ModelVersion version) {
            // nobody listens
        }

        @Override
        public void refused(String reason) {
            // nobody listens
        }
    }
}
