package dev.sluice.trainer;

import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.Mistake;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.TargetPoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** The figures of a regression, in the targets' own unit. Not thread-safe. */
final class TargetScores implements Scores {
    /** Below this, errors of two versions are not told apart: the largest of them decides. */
    static final int FEWEST_COMPARED = 10;

    private static final double STANDARD_ERRORS = 2;
    private static final int MOST_POINTS = 500;
    private static final Comparator<Answer> FARTHEST_FIRST =
            Comparator.comparingDouble(Answer::distance).reversed().thenComparing(Answer::id);

    private final List<Answer> answers = new ArrayList<>();

    private record Answer(String id, double target, double value) {
        double distance() {
            return Math.abs(value - target);
        }
    }

    @Override
    public void add(Example example, float[] answer) {
        answers.add(new Answer(example.id(), example.target().orElseThrow(), answer[0]));
    }

    double meanSquaredError() {
        return answers.stream()
                .mapToDouble(answer -> answer.distance() * answer.distance())
                .average()
                .orElse(Double.NaN);
    }

    double meanAbsoluteError() {
        return answers.stream().mapToDouble(Answer::distance).average().orElse(Double.NaN);
    }

    /** At most 1; empty if the targets do not differ, so that there is nothing to be compared with, or it is not finite. */
    OptionalDouble rSquared() {
        double mean = answers.stream().mapToDouble(Answer::target).average().orElse(Double.NaN);
        double variance = answers.stream()
                .mapToDouble(answer -> (answer.target() - mean) * (answer.target() - mean))
                .average()
                .orElse(0);
        boolean differ = answers.stream()
                .anyMatch(answer -> answer.target() != answers.get(0).target());
        double explained = 1 - meanSquaredError() / variance;
        return differ && Double.isFinite(explained) ? OptionalDouble.of(explained) : OptionalDouble.empty();
    }

    /**
     * Whether the squared errors are larger than another's by more than chance makes of it: their mean difference is more than
     * twice its standard error above 0.
     *
     * @param other of the same examples, in the same order, two or more
     */
    boolean areLargerThan(TargetScores other) {
        double[] differences = IntStream.range(0, answers.size())
                .mapToDouble(i -> answers.get(i).distance() * answers.get(i).distance()
                        - other.answers.get(i).distance() * other.answers.get(i).distance())
                .toArray();
        double mean = Arrays.stream(differences).average().orElse(0);
        double squares = Arrays.stream(differences)
                .map(difference -> (difference - mean) * (difference - mean))
                .sum();
        int count = differences.length;
        return mean > STANDARD_ERRORS * Math.sqrt(squares / (count - 1) / count);
    }

    @Override
    public Evaluation evaluation(Split split) {
        Evaluation.Builder evaluation = Evaluation.newBuilder()
                .setSplit(split)
                .setExamples(answers.size())
                .setAccuracy(0)
                .setLoss(meanSquaredError())
                .setMacroF1(0)
                .setPerLabel(List.of())
                .setConfusion(List.of())
                .setMeanAbsoluteError(meanAbsoluteError())
                .setTargets(targets())
                .setMistakes(largestErrors());
        rSquared().ifPresent(evaluation::setRSquared);
        return evaluation.build();
    }

    /** Spread evenly over all, in the order that they came. */
    private List<TargetPoint> targets() {
        int count = Math.min(answers.size(), MOST_POINTS);
        return IntStream.range(0, count)
                .mapToObj(i -> answers.get((int) ((long) i * answers.size() / count)))
                .map(answer -> new TargetPoint(answer.target(), answer.value()))
                .toList();
    }

    private List<Mistake> largestErrors() {
        return answers.stream()
                .filter(answer -> answer.distance() > 0)
                .sorted(FARTHEST_FIRST)
                .limit(MOST_MISTAKES)
                .map(answer -> Mistake.newBuilder()
                        .setPostId(answer.id())
                        .setTarget(answer.target())
                        .setValue(answer.value())
                        .build())
                .toList();
    }
}
