package dev.sluice.classifier;

import dev.sluice.schemas.LabelProbability;
import dev.sluice.schemas.PredictionStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a version says of a post; or that there is none, or that it was not made for such vectors: never a wrong answer.
 *
 * @param probabilities every label, most likely first, equals in the model's order; empty unless CLASSIFIED
 * @param version the version that answered, if one did
 */
record Answer(PredictionStatus status, List<LabelProbability> probabilities, Optional<Integer> version) {
    private static final Answer NO_MODEL = new Answer(PredictionStatus.NO_MODEL, List.of(), Optional.empty());
    private static final Answer OTHER_SPACE =
            new Answer(PredictionStatus.OTHER_EMBEDDING_SPACE, List.of(), Optional.empty());

    static Answer of(Optional<Serving> serving, PostVector post) {
        if (serving.isEmpty()) {
            return NO_MODEL;
        }
        Serving model = serving.get();
        if (!model.reads(post.post().getSpace())) {
            return OTHER_SPACE;
        }
        float[] probabilities = model.predictor().predict(post.vector());
        List<String> labels = model.predictor().labels();
        List<LabelProbability> ranked = new ArrayList<>(probabilities.length);
        for (int i = 0; i < probabilities.length; i++) {
            ranked.add(new LabelProbability(labels.get(i), probabilities[i]));
        }
        ranked.sort(Comparator.comparing(LabelProbability::getProbability).reversed());
        return new Answer(PredictionStatus.CLASSIFIED, ranked, Optional.of(model.version()));
    }
}
