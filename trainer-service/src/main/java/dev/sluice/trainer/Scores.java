package dev.sluice.trainer;

import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.LabelScore;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Answers counted against what is known. An example whose label the model does not know counts as answered wrong, as it
 * will be in service; it has no row in the confusion matrix. Not thread-safe.
 */
final class Scores {
    /** Where Keras cuts a probability off before the logarithm. */
    static final double LEAST_PROBABILITY = 1e-7;

    private static final int BINS = 15;

    private final List<String> labels;
    private final long[][] confusion;
    private long examples;
    private long right;
    private double losses;
    private double confidences;

    /** By confidence, in bins of equal width: how much surer than right the answers are, summed. */
    private final double[] surplus = new double[BINS];

    /** @param labels in the order of the answers */
    Scores(List<String> labels) {
        this.labels = List.copyOf(labels);
        confusion = new long[labels.size()][labels.size()];
    }

    /**
     * By the very forward pass that serves.
     *
     * @throws InterruptedException if this thread is interrupted
     */
    static Scores of(List<Example> examples, Predictor predictor) throws InterruptedException {
        Scores scores = new Scores(predictor.labels());
        for (Example example : examples) {
            if (Thread.interrupted()) {
                throw new InterruptedException("the evaluation was stopped");
            }
            scores.add(example.label(), predictor.predict(example.vector()));
        }
        return scores;
    }

    /** @param probabilities one a label, in their order */
    void add(String label, float[] probabilities) {
        int answer = Predictor.argMax(probabilities);
        int truth = labels.indexOf(label);
        examples++;
        losses -= Math.log(Math.max(truth < 0 ? 0 : probabilities[truth], LEAST_PROBABILITY));
        if (truth >= 0) {
            confusion[truth][answer]++;
        }
        if (truth == answer) {
            right++;
        }
        float confidence = probabilities[answer];
        confidences += confidence;
        surplus[Math.min((int) (confidence * BINS), BINS - 1)] += confidence - (truth == answer ? 1 : 0);
    }

    long examples() {
        return examples;
    }

    /** Share answered right, 0 to 1; NaN without examples. */
    double accuracy() {
        return (double) right / examples;
    }

    /** Mean cross-entropy in nats; NaN without examples. */
    double loss() {
        return losses / examples;
    }

    /**
     * Expected calibration error, 0 to 1: by how much the answers' confidence and the share of them that is right differ, in
     * 15 bins of confidence, each weighing as much as it has answers; NaN without examples.
     */
    double calibrationError() {
        return Arrays.stream(surplus).map(Math::abs).sum() / examples;
    }

    /** The mean F1 is taken over the labels that occur, as a truth or as an answer: scikit-learn's habit. */
    Evaluation evaluation(Split split) {
        List<LabelScore> perLabel = new ArrayList<>();
        double f1s = 0;
        int occurring = 0;
        for (int i = 0; i < labels.size(); i++) {
            long support = Arrays.stream(confusion[i]).sum();
            long answered = answered(i);
            double f1 = share(2 * confusion[i][i], support + answered);
            perLabel.add(new LabelScore(
                    labels.get(i), share(confusion[i][i], answered), share(confusion[i][i], support), f1, support));
            if (support + answered > 0) {
                f1s += f1;
                occurring++;
            }
        }
        return Evaluation.newBuilder()
                .setSplit(split)
                .setExamples(examples)
                .setAccuracy(accuracy())
                .setLoss(loss())
                .setMacroF1(occurring == 0 ? 0 : f1s / occurring)
                .setPerLabel(perLabel)
                .setMeanConfidence(confidences / examples)
                .setCalibrationError(calibrationError())
                .setConfusion(Arrays.stream(confusion)
                        .map(row -> Arrays.stream(row).boxed().toList())
                        .toList())
                .build();
    }

    private long answered(int label) {
        long sum = 0;
        for (long[] row : confusion) {
            sum += row[label];
        }
        return sum;
    }

    private static double share(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
