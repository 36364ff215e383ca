package dev.sluice.trainer;

import dev.sluice.schemas.Activation;
import dev.sluice.schemas.DenseLayer;
import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Vectors;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Plans of networks and batches for them, for the tests. */
final class Plans {
    private Plans() {}

    static NetworkPlan plan(Task task, Activation activation, double l2, Optimizer optimizer, int... widths) {
        return new NetworkPlan(Arrays.stream(widths).boxed().toList(), task, activation, 0, l2, optimizer, 42);
    }

    static NetworkPlan multiclass(int... widths) {
        return plan(Task.MULTICLASS, Activation.RELU, 0, new Optimizer.Adam(0.001), widths);
    }

    /** Layer by layer, weights and biases. */
    static float[] weightsOf(DenseNetwork network) {
        float[] all = new float[0];
        for (DenseLayer layer : network.getLayers()) {
            for (float[] part : List.of(Vectors.fromBytes(layer.getWeights()), Vectors.fromBytes(layer.getBiases()))) {
                int end = all.length;
                all = Arrays.copyOf(all, end + part.length);
                System.arraycopy(part, 0, all, end, part.length);
            }
        }
        return all;
    }

    /** Weights of plain examples. */
    static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1f);
        return ones;
    }

    static float[][] vectors(int count, int width, Random random) {
        float[][] vectors = new float[count][width];
        for (float[] vector : vectors) {
            for (int i = 0; i < width; i++) {
                vector[i] = (float) random.nextGaussian();
            }
        }
        return vectors;
    }

    /** What a task's examples may be: an index of {@code outputs} labels, 0 or 1, or any number. */
    static float[] truths(int count, Task task, int outputs, Random random) {
        float[] truths = new float[count];
        for (int i = 0; i < count; i++) {
            truths[i] = switch (task) {
                case MULTICLASS -> random.nextInt(outputs);
                case BINARY -> random.nextInt(2);
                default -> (float) random.nextGaussian();
            };
        }
        return truths;
    }
}
