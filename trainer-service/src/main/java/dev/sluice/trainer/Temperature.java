package dev.sluice.trainer;

/**
 * The one number that makes a fit's probabilities mean what they say: the last layer's sums are divided by it, so that a fit
 * which is right in 80 % of its answers gives them 0.8 on average. It changes no answer, only how sure each is, and so it
 * cannot spoil what was learned. Where all is answered right, plain likelihood would call every answer certain; so a
 * truth counts as a little less than the whole truth, the less the fewer examples say so (as Platt did).
 *
 * <p>Sources: Guo et al., On Calibration of Modern Neural Networks (2017); Platt, Probabilistic Outputs for Support Vector
 * Machines (1999).
 */
final class Temperature {
    /** Beyond these the examples are too few, or the fit is no use. */
    static final double LOWEST = 0.05;

    static final double HIGHEST = 20;

    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

    /** As logarithms. */
    private static final double CLOSE_ENOUGH = 1e-4;

    private final float[][] sums;
    private final int[] truths;

    private Temperature(float[][] sums, int[] truths) {
        this.sums = sums;
        this.truths = truths;
    }

    /**
     * Where the mean cross-entropy is lowest, by golden section: it has one valley, since it is convex in 1 / temperature.
     *
     * @param sums of the last layer before its activation, one row an example that was held out: [example][label]
     * @param truths an index of a label an example
     * @return between {@link #LOWEST} and {@link #HIGHEST}
     */
    static double of(float[][] sums, int[] truths) {
        Temperature examples = new Temperature(sums, truths);
        double low = Math.log(LOWEST);
        double high = Math.log(HIGHEST);
        double left = high - GOLDEN * (high - low);
        double right = low + GOLDEN * (high - low);
        double atLeft = examples.loss(Math.exp(left));
        double atRight = examples.loss(Math.exp(right));
        while (high - low > CLOSE_ENOUGH) {
            if (atLeft <= atRight) {
                high = right;
                right = left;
                atRight = atLeft;
                left = high - GOLDEN * (high - low);
                atLeft = examples.loss(Math.exp(left));
            } else {
                low = left;
                left = right;
                atLeft = atRight;
                right = low + GOLDEN * (high - low);
                atRight = examples.loss(Math.exp(right));
            }
        }
        return Math.exp((low + high) / 2);
    }

    /** Summed cross-entropy in nats, against truths softened. */
    private double loss(double temperature) {
        double doubt = 1.0 / (truths.length + 2);
        double loss = 0;
        for (int i = 0; i < truths.length; i++) {
            float[] row = sums[i];
            double largest = Double.NEGATIVE_INFINITY;
            double mean = 0;
            for (float sum : row) {
                largest = Math.max(largest, sum / temperature);
                mean += sum / temperature / row.length;
            }
            double powers = 0;
            for (float sum : row) {
                powers += Math.exp(sum / temperature - largest);
            }
            double truth = row[truths[i]] / temperature;
            loss += largest + Math.log(powers) - (1 - doubt) * truth - doubt * mean;
        }
        return loss;
    }
}
