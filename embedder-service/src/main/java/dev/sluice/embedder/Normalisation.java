package dev.sluice.embedder;

/** Vectors of length one: then only their direction tells texts apart, and every provider's have the same scale. */
final class Normalisation {
    private Normalisation() {}

    /**
     * @param vector changed in place; finite, and not all zero
     * @return the same array
     */
    static float[] l2(float[] vector) {
        double squares = 0;
        for (float x : vector) {
            squares += (double) x * x;
        }
        double scale = 1 / Math.sqrt(squares);
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) (vector[i] * scale);
        }
        return vector;
    }
}
