package dev.sluice.trainer;

import dev.sluice.schemas.Split;
import dev.sluice.schemas.TargetScale;
import dev.sluice.schemas.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a network learns to answer, and how that is said in numbers: an index of a label, 0 or 1, or a target that was moved and
 * stretched to mean 0 and deviation 1, where the weights' first values and the learning rate are at home.
 *
 * @param labels in the order of the answers; of BINARY the second is the one whose probability the network gives; none for
 *     REGRESSION
 * @param scale of the targets that are fitted; empty unless REGRESSION, or if they do not differ
 * @param reason why this task, for people
 */
record LearningTask(Task task, List<String> labels, Optional<TargetScale> scale, String reason) {
    /** No truth of a network: the label is not among those that it can answer. */
    static final float UNKNOWN = -1;

    LearningTask {
        labels = List.copyOf(labels);
    }

    /** The setting {@code task}. */
    enum Wanted {
        AUTO,
        MULTICLASS,
        BINARY,
        REGRESSION;

        String setting() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Wanted of(String setting) {
            return valueOf(setting.toUpperCase(Locale.ROOT));
        }

        /**
         * Whether numbers are learned.
         *
         * @param labelled whether any example has a label: then labels are, if nothing else is said
         */
        boolean meansNumbers(boolean labelled) {
            return switch (this) {
                case REGRESSION -> true;
                case MULTICLASS, BINARY -> false;
                case AUTO -> !labelled;
            };
        }
    }

    /**
     * As the settings say, or as the examples look: labels if there are any, else numbers; of two labels BINARY.
     *
     * @param examples of all splits
     * @param known labels in the order of the answers, if it is known which there are; else those of TRAIN count
     */
    static LearningTask of(List<Example> examples, List<String> known, Hyperparameters parameters) {
        long labelled =
                examples.stream().filter(example -> example.label().isPresent()).count();
        List<String> labels = known.isEmpty() ? labelsOf(examples) : known;
        Task task =
                switch (parameters.task()) {
                    case MULTICLASS -> Task.MULTICLASS;
                    case BINARY -> Task.BINARY;
                    case REGRESSION -> Task.REGRESSION;
                    case AUTO -> {
                        if (!examples.isEmpty() && parameters.task().meansNumbers(labelled > 0)) {
                            yield Task.REGRESSION;
                        }
                        yield labels.size() == 2 ? Task.BINARY : Task.MULTICLASS;
                    }
                };
        boolean regression = task == Task.REGRESSION;
        long numbered = examples.stream()
                .filter(example -> example.target().isPresent())
                .count();
        return new LearningTask(
                task,
                regression
                        ? List.of()
                        : task == Task.BINARY ? positiveLast(labels, parameters.positiveLabel()) : labels,
                Optional.empty(),
                reason(parameters.task(), task, labels.size(), examples.size() - (regression ? numbered : labelled)));
    }

    private static List<String> labelsOf(List<Example> examples) {
        return examples.stream()
                .filter(example -> example.split() == Split.TRAIN)
                .flatMap(example -> example.label().stream())
                .distinct()
                .sorted()
                .toList();
    }

    private static List<String> positiveLast(List<String> labels, Optional<String> positive) {
        List<String> ordered = new ArrayList<>(labels);
        positive.filter(ordered::remove).ifPresent(ordered::add);
        return ordered;
    }

    private static String reason(Wanted wanted, Task task, int labels, long leftAside) {
        String reason = HyperparameterSettings.TASK + "=" + wanted.setting();
        boolean regression = task == Task.REGRESSION;
        if (wanted == Wanted.AUTO) {
            reason += regression ? ": numbers and no labels" : ": " + labels + (labels == 1 ? " label" : " labels");
        }
        if (leftAside > 0) {
            reason += "; " + leftAside + (leftAside == 1 ? " example without a " : " examples without a ")
                    + (regression ? "number" : "label") + " left aside";
        }
        return reason;
    }

    /** Whether the example says what this task is about. */
    boolean concerns(Example example) {
        return task == Task.REGRESSION
                ? example.target().isPresent()
                : example.label().isPresent();
    }

    /** The same with the targets of these on their scale, if they differ. */
    LearningTask scaledBy(List<Example> training) {
        if (task != Task.REGRESSION) {
            return this;
        }
        double[] targets = training.stream()
                .mapToDouble(example -> example.target().orElseThrow())
                .toArray();
        double mean = mean(targets);
        double squares = 0;
        for (double target : targets) {
            squares += (target - mean) * (target - mean);
        }
        double deviation = Math.sqrt(squares / targets.length);
        // What is not finite in float32 could not be answered.
        boolean usable = deviation > 0 && Float.isFinite((float) deviation) && Float.isFinite((float) mean);
        return new LearningTask(
                task,
                labels,
                usable && differ(targets) ? Optional.of(new TargetScale(mean, deviation)) : Optional.empty(),
                reason);
    }

    private static double mean(double[] targets) {
        double sum = 0;
        for (double target : targets) {
            sum += target / targets.length;
        }
        return sum;
    }

    /** Of equal numbers rounding may leave a deviation. */
    private static boolean differ(double[] targets) {
        for (double target : targets) {
            if (target != targets[0]) {
                return true;
            }
        }
        return false;
    }

    /** Numbers that the network gives. */
    int outputs() {
        return task == Task.MULTICLASS ? labels.size() : 1;
    }

    /**
     * What the network is to answer.
     *
     * @return an index of a label, {@link #UNKNOWN} if the label is none of them; or the target, scaled
     */
    float truthOf(Example example) {
        if (task == Task.REGRESSION) {
            return (float) ((example.target().orElseThrow() - mean()) / deviation());
        }
        return example.label().map(labels::indexOf).orElse((int) UNKNOWN);
    }

    /** What the network's outputs mean: a probability for each label, or one value in the targets' unit. */
    float[] answer(float[] outputs) {
        return switch (task) {
            case BINARY -> new float[] {1 - outputs[0], outputs[0]};
            case REGRESSION -> new float[] {(float) (outputs[0] * deviation() + mean())};
            default -> outputs;
        };
    }

    /**
     * The last layer's sums, one a label: a sigmoid of one sum is the softmax of it beside 0.
     *
     * @param sums of a task with labels
     */
    float[] sumPerLabel(float[] sums) {
        return task == Task.BINARY ? new float[] {0, sums[0]} : sums;
    }

    /** What a squared error on the network's scale is multiplied by; 1 for other losses. */
    double lossUnit() {
        return deviation() * deviation();
    }

    /** What an error on the network's scale is multiplied by. */
    double deviation() {
        return scale.map(TargetScale::getDeviation).orElse(1.0);
    }

    private double mean() {
        return scale.map(TargetScale::getMean).orElse(0.0);
    }
}
