package dev.sluice.schemas;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Vectors of length 1 that every model must answer before it may serve: numbers that are finite one by one may still give
 * NaN together. A few show what is out of all proportion; they prove nothing about every vector.
 */
final class Probes {
    private static final int BY_CHANCE = 3;

    private Probes() {}

    /** Always the same ones for a width: what points one way in all dimensions, its opposite, and some by chance. */
    static List<float[]> of(int width) {
        float[][] probes = new float[2 + BY_CHANCE][width];
        Arrays.fill(probes[0], 1);
        Arrays.fill(probes[1], -1);
        Random random = new Random(width);
        for (int i = 2; i < probes.length; i++) {
            for (int k = 0; k < width; k++) {
                probes[i][k] = (float) random.nextGaussian();
            }
        }
        for (float[] probe : probes) {
            scaleToLength1(probe);
        }
        return List.of(probes);
    }

    private static void scaleToLength1(float[] vector) {
        double squares = 0;
        for (float x : vector) {
            squares += (double) x * x;
        }
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) (vector[i] / Math.sqrt(squares));
        }
    }
}
