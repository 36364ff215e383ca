package dev.sluice.trainer;

import dev.sluice.schemas.CalibrationBin;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.LabelScore;
import dev.sluice.schemas.Mistake;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * The figures of a classifier. An example whose label the model does not know counts as answered wrong, as it will be in
 * service; it has no row in the confusion matrix. Not thread-safe.
 */
final class LabelScores implements Scores {
    /** Where Keras cuts a probability off before the logarithm. */
    static final double LEAST_PROBABILITY = 1e-7;

    private static final int BINS = 15;
    private static final Comparator<Mistake> SUREST_FIRST =
            Comparator.comparing(Mistake::getConfidence).reversed().thenComparing(Mistake::getPostId);

    private final List<String> labels;
    private final ToIntFunction<float[]> choice;
    private final Optional<RocCurve> roc;
    private final long[][] confusion;
    private final List<Mistake> mistakes = new ArrayList<>();
    private long examples;
    private long right;
    private double losses;

    /** By confidence, in bins of equal width: how many answers, how sure they are in sum, and how many are right. */
    private final long[] answers = new long[BINS];

    private final double[] confidences = new double[BINS];
    private final long[] rights = new long[BINS];

    /**
     * @param labels in the order of the answers
     * @param choice which label an answer means
     * @param binary whether the second label is to be told from the first
     */
    LabelScores(List<String> labels, ToIntFunction<float[]> choice, boolean binary) {
        this.labels = List.copyOf(labels);
        this.choice = choice;
        roc = binary ? Optional.of(new RocCurve()) : Optional.empty();
        confusion = new long[labels.size()][labels.size()];
    }

    static LabelScores of(Predictor predictor) {
        return new LabelScores(predictor.labels(), predictor::choice, predictor.task() == Task.BINARY);
    }

    /** As if it answered one of its two labels from this probability on, whatever it chooses by itself. */
    static LabelScores of(Predictor predictor, String positive, double threshold) {
        int sought = predictor.labels().indexOf(positive);
        return new LabelScores(
                predictor.labels(),
                answer -> answer[sought] >= threshold ? sought : 1 - sought,
                predictor.task() == Task.BINARY);
    }

    @Override
    public void add(Example example, float[] answer) {
        String label = example.label().orElseThrow();
        int chosen = choice.applyAsInt(answer);
        int truth = labels.indexOf(label);
        examples++;
        losses -= Math.log(Math.max(truth < 0 ? 0 : answer[truth], LEAST_PROBABILITY));
        if (truth >= 0) {
            confusion[truth][chosen]++;
            roc.ifPresent(curve -> curve.add(answer[1], truth == 1));
        }
        float confidence = answer[chosen];
        int bin = Math.min((int) (confidence * BINS), BINS - 1);
        answers[bin]++;
        confidences[bin] += confidence;
        if (truth == chosen) {
            right++;
            rights[bin]++;
        } else {
            mistakes.add(Mistake.newBuilder()
                    .setPostId(example.id())
                    .setTruth(label)
                    .setAnswer(labels.get(chosen))
                    .setConfidence(confidence)
                    .build());
            if (mistakes.size() > 50 * MOST_MISTAKES) {
                keepTheSurestMistakes();
            }
        }
    }

    private void keepTheSurestMistakes() {
        mistakes.sort(SUREST_FIRST);
        mistakes.subList(Math.min(MOST_MISTAKES, mistakes.size()), mistakes.size())
                .clear();
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
        double error = 0;
        for (int bin = 0; bin < BINS; bin++) {
            error += Math.abs(confidences[bin] - rights[bin]);
        }
        return error / examples;
    }

    private List<CalibrationBin> reliability() {
        List<CalibrationBin> bins = new ArrayList<>();
        for (int bin = 0; bin < BINS; bin++) {
            if (answers[bin] > 0) {
                bins.add(new CalibrationBin(
                        answers[bin], confidences[bin] / answers[bin], share(rights[bin], answers[bin])));
            }
        }
        return bins;
    }

    /** The mean F1 is taken over the labels that occur, as a truth or as an answer: scikit-learn's habit. */
    @Override
    public Evaluation evaluation(Split split) {
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
        keepTheSurestMistakes();
        Evaluation.Builder evaluation = Evaluation.newBuilder()
                .setSplit(split)
                .setExamples(examples)
                .setAccuracy(accuracy())
                .setLoss(loss())
                .setMacroF1(occurring == 0 ? 0 : f1s / occurring)
                .setPerLabel(perLabel)
                .setMeanConfidence(Arrays.stream(confidences).sum() / examples)
                .setCalibrationError(calibrationError())
                .setReliability(reliability())
                .setMistakes(List.copyOf(mistakes))
                .setConfusion(Arrays.stream(confusion)
                        .map(row -> Arrays.stream(row).boxed().toList())
                        .toList());
        roc.ifPresent(curve -> {
            curve.auc().ifPresent(evaluation::setAuc);
            evaluation.setRoc(curve.points());
        });
        return evaluation.build();
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
