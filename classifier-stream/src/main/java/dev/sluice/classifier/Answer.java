package dev.sluice.classifier;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.LabelProbability;
import dev.sluice.schemas.PredictionStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a version says of a post; or that it is too unsure, that there is none, or that it was not made for such vectors:
 * never a wrong answer.
 *
 * @param arm which deployment answers
 * @param probabilities every label, most likely first, equals in the model's order; empty unless CLASSIFIED or ABSTAINED
 * @param version the version that answered, if one did
 */
record Answer(Arm arm, PredictionStatus status, List<LabelProbability> probabilities, Optional<Integer> version) {

    /**
     * @param serving the version of that arm, if there is one
     * @param minConfidence 0 to 1: where the most likely label is less likely than this, the version abstains
     */
    static Answer of(Arm arm, Optional<Serving> serving, PostVector post, double minConfidence) {
        if (serving.isEmpty()) {
            return new Answer(arm, PredictionStatus.NO_MODEL, List.of(), Optional.empty());
        }
        Serving model = serving.get();
        Optional<float[]> vector = post.in(model.spaceId());
        if (vector.isEmpty()) {
            return new Answer(arm, PredictionStatus.OTHER_EMBEDDING_SPACE, List.of(), Optional.empty());
        }
        List<LabelProbability> ranked = ranked(model, vector.get());
        boolean sure = ranked.get(0).getProbability() >= (float) minConfidence;
        return new Answer(
                arm,
                sure ? PredictionStatus.CLASSIFIED : PredictionStatus.ABSTAINED,
                ranked,
                Optional.of(model.version()));
    }

    private static List<LabelProbability> ranked(Serving model, float[] vector) {
        float[] probabilities = model.predictor().predict(vector);
        List<String> labels = model.predictor().labels();
        List<LabelProbability> ranked = new ArrayList<>(probabilities.length);
        for (int i = 0; i < probabilities.length; i++) {
            ranked.add(new LabelProbability(labels.get(i), probabilities[i]));
        }
        ranked.sort(Comparator.comparing(LabelProbability::getProbability).reversed());
        return ranked;
    }

    /** The label answered, with its probability; nothing unless CLASSIFIED. */
    Optional<LabelProbability> label() {
        return status == PredictionStatus.CLASSIFIED ? Optional.of(probabilities.get(0)) : Optional.empty();
    }
}
