package dev.sluice.trainer;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Split;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How long a fit takes, beside what cannot be avoided: two multiplications of the first layer a step (its sums, and the
 * gradient of its weights), by the same BLAS on one thread. Both are measured in turns in one run, in processor time of
 * their one thread, so that other work on the machine counts little; the ratio of their medians is what to quote.
 */
public final class TrainerBenchmark {
    private static final int WIDTH = 768;
    private static final int BATCH = 32;

    private TrainerBenchmark() {}

    /** @param args the number of repeats, 5 if none */
    public static void main(String[] args) {
        int repeats = args.length == 0 ? 5 : Integer.parseInt(args[0]);
        compare(400, 4, 20, repeats);
        compare(10_000, 20, 4, Math.max(3, repeats / 2));
    }

    private static void compare(int examples, int labels, int epochs, int repeats) {
        Hyperparameters parameters = Given.parameters(
                "validation.data", "none", "early.stopping.monitor", "none", "epochs", Integer.toString(epochs));
        Splits splits = Splits.of(examples(examples, labels), parameters);
        List<Double> fits = new ArrayList<>();
        List<Double> limits = new ArrayList<>();
        for (int i = -1; i < repeats; i++) { // the first turn warms up
            double fit = secondsOf(() -> fit(splits, parameters));
            double limit = secondsOf(() -> multiply(examples, epochs));
            if (i >= 0) {
                fits.add(fit);
                limits.add(limit);
            }
        }
        int steps = epochs * ((examples + BATCH - 1) / BATCH);
        double fit = median(fits);
        double limit = median(limits);
        System.out.printf(
                "%d x %d -> %d, %d epochs of batches of %d: fit %.2f s (%.2f ms a step), its two multiplications %.2f s"
                        + " (%.2f ms), ratio %.1f; medians of %d%n",
                examples,
                WIDTH,
                labels,
                epochs,
                BATCH,
                fit,
                1e3 * fit / steps,
                limit,
                1e3 * limit / steps,
                fit / limit,
                repeats);
    }

    private static List<Example> examples(int count, int labels) {
        Random random = new Random(1);
        float[][] centres = new float[labels][WIDTH];
        for (float[] centre : centres) {
            fill(centre, random);
        }
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float[] vector = new float[WIDTH];
            fill(vector, random);
            for (int j = 0; j < WIDTH; j++) {
                vector[j] = vector[j] * 2 + centres[i % labels][j];
            }
            examples.add(Given.example(String.format("e%06d", i), "label-" + i % labels, Split.TRAIN, vector));
        }
        return examples;
    }

    private static void fill(float[] vector, Random random) {
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) random.nextGaussian() / (float) Math.sqrt(WIDTH);
        }
    }

    private static double fit(Splits splits, Hyperparameters parameters) {
        try {
            List<Epoch> history =
                    new ModelTrainer(splits, parameters, new Silent()).fit().history();
            return history.get(history.size() - 1).getLoss();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first layer's sums and weight gradients of a whole fit, on numbers that stay in the cache as in a fit. */
    private static double multiply(int examples, int epochs) {
        Nd4j.factory().blas().setMaxThreads(1);
        float[] numbers = new float[WIDTH * WIDTH];
        fill(numbers, new Random(2));
        try (FloatPointer batch = new FloatPointer((long) BATCH * WIDTH);
                FloatPointer sums = new FloatPointer((long) BATCH * WIDTH);
                FloatPointer weights = new FloatPointer((long) WIDTH * WIDTH);
                FloatPointer gradient = new FloatPointer((long) WIDTH * WIDTH)) {
            batch.put(numbers, 0, BATCH * WIDTH);
            weights.put(numbers, 0, WIDTH * WIDTH);
            for (int epoch = 0; epoch < epochs; epoch++) {
                for (int left = examples; left > 0; left -= BATCH) {
                    int size = Math.min(BATCH, left);
                    cblas_sgemm(
                            CblasRowMajor,
                            CblasNoTrans,
                            CblasNoTrans,
                            size,
                            WIDTH,
                            WIDTH,
                            1f,
                            batch,
                            WIDTH,
                            weights,
                            WIDTH,
                            0f,
                            sums,
                            WIDTH);
                    cblas_sgemm(
                            CblasRowMajor,
                            CblasTrans,
                            CblasNoTrans,
                            WIDTH,
                            WIDTH,
                            size,
                            1f,
                            batch,
                            WIDTH,
                            sums,
                            WIDTH,
                            0f,
                            gradient,
                            WIDTH);
                }
            }
            return gradient.get(0);
        }
    }

    private static double secondsOf(DoubleSupplier work) {
        long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        double result = work.getAsDouble();
        double seconds = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start) / 1e9;
        if (Double.isNaN(result)) { // the result is used, so that nothing is left out
            throw new IllegalStateException("not a number");
        }
        return seconds;
    }

    private static double median(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return Arrays.stream(sorted).skip(sorted.length / 2).findFirst().orElseThrow();
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
