package dev.sluice.classifier;

import dev.sluice.schemas.DenseLayer;
import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.Predictor;
import java.util.Random;

/**
 * Lets a version answer vectors by chance before the first post meets it: its weights are in the caches then, and in a new
 * process the forward pass is compiled. As much work for a large network as for a small one, and no clock: some
 * milliseconds, by the thread that loads while others serve.
 */
final class WarmUp {
    static final long MULTIPLICATIONS = 100_000_000;
    static final int MOST_CALLS = 1_000;
    static final int LEAST_CALLS = 10;

    /** For versions that read words. */
    private static final String TEXT = "Warming up\n\nA version answers before the first post meets it.";

    private WarmUp() {}

    /** @return how many calls were made */
    static int of(Predictor predictor) {
        Random random = new Random(1);
        float[] vector = new float[predictor.inputs()];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) (random.nextGaussian() / Math.sqrt(vector.length));
        }
        long calls = Math.max(LEAST_CALLS, Math.min(MOST_CALLS, MULTIPLICATIONS / multiplications(predictor)));
        for (int i = 0; i < calls; i++) {
            int at = i % vector.length; // what is used cannot be left out; of a regression it may be of any size
            vector[at] = Math.copySign(vector[at], predictor.predict(vector, TEXT)[0]);
        }
        return (int) calls;
    }

    private static long multiplications(Predictor predictor) {
        long sum = 0;
        if (predictor.version().getNetwork() instanceof DenseNetwork network) {
            for (DenseLayer layer : network.getLayers()) {
                sum += (long) layer.getInputs() * layer.getOutputs();
            }
        }
        return Math.max(1, sum);
    }
}
