package dev.sluice.trainer;

import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Targets;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Vectors;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * A fit without a broker, for Java code that has its examples at hand: the trainer's own, from the examples on to a sealed
 * version. What the trainer asks of a topic (a least number of examples, a gate before the deployment) it does not ask.
 */
public final class LocalFit {
    private static final TopicFollower.Place NOWHERE = new TopicFollower.Place(new TopicPartition("none", 0), 0);

    /** Any that can be fitted at all will do: two labels, or two numbers. */
    private static final TrainingPolicy POLICY = new TrainingPolicy(TrainingPolicy.Trigger.REQUEST, 1, 1, 1);

    private LocalFit() {}

    /**
     * A text's vector, and what is known of the text.
     *
     * @param id unlike all others' of a fit
     * @param label empty if only the number is known
     * @param target of a size of 1e30 at most; empty if only the label is known
     * @param split TRAIN, VALIDATION or TEST
     * @param vector finite numbers, as many as the space has dimensions; not to be changed
     * @param text as embedded; a part of TRAIN that is held out is chosen by it
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared: an example is known by its id
    public record LabelledVector(
            String id, Optional<String> label, OptionalDouble target, Split split, float[] vector, String text) {
        /** @throws IllegalArgumentException if neither label nor target is known, or a number is not finite, or too large */
        public LabelledVector {
            check(label.isPresent() || target.isPresent(), id + " has neither a label nor a target");
            check(
                    target.isEmpty() || Targets.canBeLearned(target.getAsDouble()),
                    "the target of " + id + " is no number to learn from: " + target);
            check(split != Split.UNKNOWN, id + " is of no known split");
            check(Vectors.allFinite(vector), "not every number of the vector of " + id + " is finite");
        }

        Example asExample(String spaceId, boolean keepsWords) {
            return new Example(
                    id,
                    label,
                    target,
                    split,
                    Row.of(vector),
                    spaceId,
                    Map.of(),
                    Example.hashOf(text),
                    keepsWords ? Optional.of(Example.counted(text)) : Optional.empty(),
                    Instant.EPOCH,
                    NOWHERE);
        }
    }

    /**
     * Fits a version. The same examples, settings and machine give the same weights, whatever order the examples come in.
     *
     * @param examples of all splits
     * @param space of their vectors
     * @param labels in the order of the answers, if that is known beforehand, also those without an example; else empty: those
     *     of TRAIN, sorted, count
     * @param settings hyper-parameters by the trainer's names ({@code hidden.layers}, {@code epochs}, ...); the trainer's
     *     defaults count for the others
     * @param eachEpoch told how the fit goes, on this thread
     * @param clock says when the version was made
     * @return version 1 of the classifier {@code default}, sealed and checked; published nowhere
     * @throws IllegalArgumentException if a setting is unknown or out of its range, or these examples cannot be fitted so
     * @throws InterruptedException if this thread is interrupted
     */
    public static ModelVersion fit(
            List<LabelledVector> examples,
            EmbeddingSpace space,
            List<String> labels,
            Map<String, String> settings,
            Consumer<Epoch> eachEpoch,
            Clock clock)
            throws InterruptedException {
        checkVectors(examples, space);
        checkLabels(examples, labels);
        String spaceId = EmbeddingSpaces.idOf(space);
        try {
            Hyperparameters parameters = HyperparameterSettings.parse(Map.of()).with(settings);
            List<Example> sorted = examples.stream()
                    .map(example -> example.asExample(spaceId, parameters.readsWords()))
                    .sorted(Comparator.comparing(Example::id))
                    .toList();
            Splits splits = Splits.of(sorted, labels, parameters);
            Optional<String> refusal = POLICY.refusal(splits, parameters);
            check(refusal.isEmpty(), refusal.orElse(""));
            ModelVersion.Builder draft = new Drafting(
                            space, parameters, WordChoice.MOST, new EpochListener(eachEpoch), clock)
                    .draft(splits, sorted, Topics.DEFAULT_CLASSIFIER);
            return ModelVersions.seal(draft.build());
        } catch (RefusedTrainingException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static void checkVectors(List<LabelledVector> examples, EmbeddingSpace space) {
        Set<String> ids = new HashSet<>();
        examples.forEach(example -> {
            check(ids.add(example.id()), "two examples have the id " + example.id());
            check(
                    example.vector().length == space.getDimensions(),
                    "the vector of " + example.id() + " has " + example.vector().length
                            + " numbers, its embedding space " + space.getDimensions() + " dimensions");
        });
    }

    private static void checkLabels(List<LabelledVector> examples, List<String> labels) {
        if (labels.isEmpty()) {
            return;
        }
        Set<String> strangers = new TreeSet<>();
        examples.stream().filter(example -> example.split() == Split.TRAIN).forEach(example -> example.label()
                .ifPresent(strangers::add));
        strangers.removeAll(labels);
        check(strangers.isEmpty(), "the labels " + strangers + " are none of " + labels);
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    private record EpochListener(Consumer<Epoch> eachEpoch) implements TrainingListener {
        @Override
        public void fitStarted(int trainingExamples, int validationExamples, int epochs) {
            // who called knows
        }

        @Override
        public void batchEnded(int epoch, int batch, int batches) {
            // epochs are told
        }

        @Override
        public void epochEnded(Epoch epoch, int epochs) {
            eachEpoch.accept(epoch);
        }

        @Override
        public void published(ModelVersion version) {
            // nothing is
        }

        @Override
        public void refused(String reason) {
            // thrown
        }
    }
}
