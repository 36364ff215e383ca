package dev.sluice.classifier;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.LabelProbability;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Task;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a version says of a post; or that it is too unsure, that there is none, or that it was not made for such vectors:
 * never a wrong answer.
 *
 * @param arm which deployment answers
 * @param label what is answered, with its probability; nothing unless CLASSIFIED, nor of a regression
 * @param probabilities every label, most likely first, equals in the model's order; empty unless CLASSIFIED or ABSTAINED
 * @param value what a regression answers, finite; nothing unless CLASSIFIED
 * @param version the version that answered, if one did
 */
record Answer(
        Arm arm,
        PredictionStatus status,
        Optional<LabelProbability> label,
        List<LabelProbability> probabilities,
        Optional<Double> value,
        Optional<Integer> version) {

    /**
     * @param serving the version of that arm, if there is one
     * @param minConfidence 0 to 1: where the label to be answered is less likely than this, the version abstains
     */
    static Answer of(Arm arm, Optional<Serving> serving, PostVector post, double minConfidence) {
        if (serving.isEmpty()) {
            return none(arm, PredictionStatus.NO_MODEL);
        }
        Serving model = serving.get();
        Optional<float[]> vector = post.in(model.spaceId());
        if (vector.isEmpty()) {
            return none(arm, PredictionStatus.OTHER_EMBEDDING_SPACE);
        }
        float[] said = model.predictor().predict(vector.get(), post.post().getText());
        return model.predictor().task() == Task.REGRESSION
                ? ofValue(arm, model.version(), said[0])
                : ofLabels(arm, model, said, minConfidence);
    }

    private static Answer none(Arm arm, PredictionStatus why) {
        return new Answer(arm, why, Optional.empty(), List.of(), Optional.empty(), Optional.empty());
    }

    /** A vector far from all that the version has learned from may lead out of the numbers: then it has nothing to say. */
    private static Answer ofValue(Arm arm, int version, float said) {
        Optional<Double> value = Float.isFinite(said) ? Optional.of((double) said) : Optional.empty();
        PredictionStatus status = value.isPresent() ? PredictionStatus.CLASSIFIED : PredictionStatus.ABSTAINED;
        return new Answer(arm, status, Optional.empty(), List.of(), value, Optional.of(version));
    }

    /** Of two labels the one answered need not be the likelier: the version's threshold decides. */
    private static Answer ofLabels(Arm arm, Serving model, float[] said, double minConfidence) {
        Predictor predictor = model.predictor();
        List<LabelProbability> probabilities = new ArrayList<>(said.length);
        for (int i = 0; i < said.length; i++) {
            probabilities.add(new LabelProbability(predictor.labels().get(i), said[i]));
        }
        LabelProbability chosen = probabilities.get(predictor.choice(said));
        probabilities.sort(
                Comparator.comparing(LabelProbability::getProbability).reversed());
        boolean sure = chosen.getProbability() >= (float) minConfidence;
        return new Answer(
                arm,
                sure ? PredictionStatus.CLASSIFIED : PredictionStatus.ABSTAINED,
                sure ? Optional.of(chosen) : Optional.empty(),
                probabilities,
                Optional.empty(),
                Optional.of(model.version()));
    }
}
