package dev.sluice.cli;

import dev.sluice.schemas.LabelProbability;
import dev.sluice.schemas.Prediction;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Figures counted anew from predictions, to hold against what the trainer says of the same posts: by other code, from what
 * came by topic.
 */
final class AnswerFigures {
    private AnswerFigures() {}

    /**
     * The area under the ROC curve: of all pairs of a post with the label and one without, the share in which the first has the
     * higher probability, equal ones counted half. Both walk up once, in order.
     *
     * @param positive the label that the probability is of
     * @return nothing, if all posts have that label, or none
     */
    static Optional<Double> auc(List<Prediction> answers, String positive) {
        double[] right = probabilities(answers, positive, true);
        double[] wrong = probabilities(answers, positive, false);
        if (right.length == 0 || wrong.length == 0) {
            return Optional.empty();
        }
        double pairs = 0;
        int below = 0;
        int upTo = 0;
        for (double probability : right) {
            while (below < wrong.length && wrong[below] < probability) {
                below++;
            }
            while (upTo < wrong.length && wrong[upTo] <= probability) {
                upTo++;
            }
            pairs += (below + upTo) / 2.0;
        }
        return Optional.of(pairs / ((double) right.length * wrong.length));
    }

    private static double[] probabilities(List<Prediction> answers, String positive, boolean ofPositives) {
        return answers.stream()
                .filter(answer -> answer.getPostLabel().equals(Optional.of(positive)) == ofPositives)
                .mapToDouble(answer -> answer.getProbabilities().stream()
                        .filter(each -> each.getLabel().equals(positive))
                        .mapToDouble(LabelProbability::getProbability)
                        .findFirst()
                        .orElse(0))
                .sorted()
                .toArray();
    }

    /** Mean distance of the answers from the posts' own numbers. */
    static double meanAbsoluteError(List<Prediction> answers) {
        return answers.stream()
                .mapToDouble(AnswerFigures::error)
                .map(Math::abs)
                .average()
                .orElse(0);
    }

    /** One less the squared errors over those of always answering the mean; 0 if all numbers are the same. */
    static double rSquared(List<Prediction> answers) {
        double[] targets = answers.stream()
                .mapToDouble(answer -> answer.getPostTarget().orElseThrow())
                .toArray();
        double mean = Arrays.stream(targets).average().orElse(0);
        double spread = Arrays.stream(targets)
                .map(target -> (target - mean) * (target - mean))
                .sum();
        double errors = answers.stream()
                .mapToDouble(AnswerFigures::error)
                .map(error -> error * error)
                .sum();
        return spread == 0 ? 0 : 1 - errors / spread;
    }

    /** How much too high an answer is. */
    static double error(Prediction answer) {
        return answer.getValue().orElseThrow() - answer.getPostTarget().orElseThrow();
    }
}
