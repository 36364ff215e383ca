package dev.sluice.classifier;

import dev.sluice.schemas.LiveCounts;
import dev.sluice.schemas.Tally;

/**
 * What the sums of a regression's errors come to. R-squared is reckoned from sums and sums of squares, since only those can
 * be added, and taken back, in any order; the price is that it is not told where the targets differ by less than some 3e-5 of
 * their size, for there the difference of the two sums is lost in rounding; and that a target mistaken by many orders of
 * magnitude leaves a trace in the sums of all time after it was corrected.
 */
final class Errors {
    /** Of a million doubles added up, one part in 1e10 may be wrong. */
    private static final double LOST = 1e-9;

    private Errors() {}

    /** @param examples those that were answered with a number, 1 or more */
    static Tally tally(LiveCounts counts, long examples) {
        double spread = counts.getSquaredTargets() - counts.getTargets() * counts.getTargets() / examples;
        boolean spreads = examples > 1 && spread > LOST * counts.getSquaredTargets();
        return Tally.newBuilder()
                .setExamples(counts.getExamples())
                .setAbstained(counts.getAbstained())
                .setMeanAbsoluteError(positive(counts.getAbsoluteErrors()) / examples)
                .setRSquared(spreads ? 1 - positive(counts.getSquaredErrors()) / spread : null)
                .build();
    }

    /** What is taken back may leave a trace of rounding. */
    private static double positive(double sum) {
        return Math.max(0, sum);
    }
}
