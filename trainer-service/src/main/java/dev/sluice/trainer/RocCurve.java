package dev.sluice.trainer;

import dev.sluice.schemas.RocPoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How well probabilities tell the second of two labels from the first, wherever the threshold lies. Each answer is kept as
 * one number, the probability's bits before the truth, so that sorting them is all the work there is; answers of one
 * probability are told apart by no threshold, and stand or fall together. Not thread-safe.
 *
 * <p>Source: Fawcett, An introduction to ROC analysis (2006).
 */
final class RocCurve {
    /** Above every probability: nothing is answered so. */
    private static final double NOTHING = 2;

    private static final int MOST_POINTS = 200;

    private long[] answers = new long[64];
    private int size;
    private long positives;
    private boolean sorted = true;

    /** What answering the second label from this probability on would give. */
    private record Cut(float threshold, long truePositives, long falsePositives) {
        double precision() {
            return (double) truePositives / (truePositives + falsePositives);
        }
    }

    /**
     * @param probability of the second label, 0 to 1
     * @param positive whether it is the truth
     */
    void add(float probability, boolean positive) {
        if (size == answers.length) {
            answers = Arrays.copyOf(answers, 2 * size);
        }
        answers[size++] = ((long) Float.floatToIntBits(probability + 0f) << 1) | (positive ? 1 : 0);
        positives += positive ? 1 : 0;
        sorted = false;
    }

    /** Whether both labels occur: else there is nothing to tell apart. */
    boolean hasBoth() {
        return positives > 0 && positives < size;
    }

    /**
     * The area under the curve: the chance that of a pair of the two labels the second has the higher probability, where an
     * equal one counts half. Exact, unlike Keras' sum over 200 thresholds.
     *
     * @return 0 to 1; empty unless both labels occur
     */
    OptionalDouble auc() {
        if (!hasBoth()) {
            return OptionalDouble.empty();
        }
        sort();
        double won = 0;
        long negativesBelow = 0;
        int from = 0;
        while (from < size) {
            int to = endOf(from);
            long ofThem = positivesOf(from, to);
            long others = to - from - ofThem;
            won += ofThem * (negativesBelow + others / 2.0);
            negativesBelow += others;
            from = to;
        }
        return OptionalDouble.of(won / positives / (size - positives));
    }

    /** By falling threshold, from (0, 0) to (1, 1), without those that lie on the line between their neighbours. */
    List<RocPoint> points() {
        if (!hasBoth()) {
            return List.of();
        }
        List<Cut> corners = new ArrayList<>();
        corners.add(new Cut((float) NOTHING, 0, 0));
        for (Cut cut : cuts()) {
            while (corners.size() > 1
                    && areInLine(corners.get(corners.size() - 2), corners.get(corners.size() - 1), cut)) {
                corners.remove(corners.size() - 1);
            }
            corners.add(cut);
        }
        int kept = Math.min(corners.size(), MOST_POINTS);
        List<RocPoint> points = new ArrayList<>();
        for (int i = 0; i < kept; i++) {
            Cut cut = corners.get((int) ((long) i * (corners.size() - 1) / (kept - 1)));
            points.add(new RocPoint(
                    (double) cut.threshold(),
                    (double) cut.falsePositives() / (size - positives),
                    (double) cut.truePositives() / positives));
        }
        return points;
    }

    private static boolean areInLine(Cut a, Cut b, Cut c) {
        return (b.falsePositives() - a.falsePositives()) * (c.truePositives() - b.truePositives())
                == (c.falsePositives() - b.falsePositives()) * (b.truePositives() - a.truePositives());
    }

    /**
     * The threshold with the highest F1 of the second label; of equals the highest.
     *
     * @return 0 to 1; to be asked only if {@link #hasBoth}
     */
    double bestF1() {
        List<Cut> cuts = cuts();
        int best = 0;
        for (int i = 1; i < cuts.size(); i++) {
            if (f1(cuts.get(i)) > f1(cuts.get(best))) {
                best = i;
            }
        }
        return between(cuts, best);
    }

    private double f1(Cut cut) {
        return 2.0 * cut.truePositives() / (cut.truePositives() + cut.falsePositives() + positives);
    }

    /**
     * The threshold that finds most of the second label while so many of its answers are right; where none does, the one
     * whose answers are right most often.
     *
     * @param precision 0 to 1
     * @return 0 to 1; to be asked only if {@link #hasBoth}
     */
    double atPrecision(double precision) {
        List<Cut> cuts = cuts();
        int best = 0;
        for (int i = 1; i < cuts.size(); i++) {
            Cut cut = cuts.get(i);
            Cut rival = cuts.get(best);
            boolean reaches = cut.precision() >= precision;
            if (reaches == rival.precision() >= precision) {
                best = (reaches ? cut.truePositives() > rival.truePositives() : cut.precision() > rival.precision())
                        ? i
                        : best;
            } else if (reaches) {
                best = i;
            }
        }
        return between(cuts, best);
    }

    /** Midway to the next lower probability: rounding must not turn the answer whose own probability it would be. */
    private static double between(List<Cut> cuts, int index) {
        double lower = index + 1 < cuts.size() ? cuts.get(index + 1).threshold() : 0;
        return (cuts.get(index).threshold() + lower) / 2;
    }

    /** One for each probability that occurs, falling. */
    private List<Cut> cuts() {
        sort();
        List<Cut> cuts = new ArrayList<>();
        long truePositives = 0;
        long falsePositives = 0;
        int to = size;
        while (to > 0) {
            int from = beginOf(to);
            long ofThem = positivesOf(from, to);
            truePositives += ofThem;
            falsePositives += to - from - ofThem;
            cuts.add(new Cut(Float.intBitsToFloat((int) (answers[from] >>> 1)), truePositives, falsePositives));
            to = from;
        }
        return cuts;
    }

    private void sort() {
        if (!sorted) {
            Arrays.sort(answers, 0, size);
            sorted = true;
        }
    }

    /** Behind the last answer of the probability of the one at {@code from}. */
    private int endOf(int from) {
        int to = from;
        while (to < size && answers[to] >>> 1 == answers[from] >>> 1) {
            to++;
        }
        return to;
    }

    /** The first answer of the probability of the one before {@code to}. */
    private int beginOf(int to) {
        int from = to - 1;
        while (from > 0 && answers[from - 1] >>> 1 == answers[to - 1] >>> 1) {
            from--;
        }
        return from;
    }

    private long positivesOf(int from, int to) {
        long count = 0;
        for (int i = from; i < to; i++) {
            count += answers[i] & 1;
        }
        return count;
    }
}
