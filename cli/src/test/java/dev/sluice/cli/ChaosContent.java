package dev.sluice.cli;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Vectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the records made of a numbered post must say, since the number tells its id, text, label and vector. */
final class ChaosContent {
    private static final double NEAR = 1e-4;

    private ChaosContent() {}

    /** What is wrong with it; nothing if all is well. */
    static List<String> errorsIn(EmbeddedPost embedded, int number) {
        List<String> errors = new ArrayList<>();
        String text = ChaosPosts.text(number);
        expect(errors, "id", ChaosPosts.id(number), embedded.getPost().getId().orElse(""));
        expect(errors, "text", text, embedded.getText());
        expect(errors, "label", ChaosPosts.label(number), embedded.getPost().getLabel());
        if (!isNear(vectorOf(text, embedded.getSpace().getDimensions()), Vectors.fromBytes(embedded.getEmbedding()))) {
            errors.add("its vector is another text's");
        }
        return errors;
    }

    /**
     * What is wrong with it; nothing if all is well.
     *
     * @param arm that it is to be of
     * @param modelThere whether a sound version served when the post was sent
     */
    static List<String> errorsIn(Prediction prediction, int number, Arm arm, boolean modelThere) {
        List<String> errors = new ArrayList<>();
        expect(errors, "id", ChaosPosts.id(number), prediction.getPostId());
        expect(errors, "text", ChaosPosts.text(number), prediction.getTextStart());
        expect(errors, "post's label", ChaosPosts.label(number), prediction.getPostLabel());
        expect(errors, "arm", arm.name(), prediction.getArm().name());
        boolean classified = prediction.getStatus() == PredictionStatus.CLASSIFIED;
        if (classified
                != prediction.getLabel().filter(ChaosPosts.LABELS::contains).isPresent()) {
            errors.add("its status is " + prediction.getStatus() + " and its label " + prediction.getLabel());
        }
        if (!classified && (modelThere || prediction.getStatus() != PredictionStatus.NO_MODEL)) {
            errors.add("its status is " + prediction.getStatus());
        }
        if (prediction.getModelVersion().filter(ChaosPoison::isBadVersion).isPresent()) {
            errors.add("it was made by version " + prediction.getModelVersion().get() + ", which is not sound");
        }
        return errors;
    }

    /** As the embedder makes it of what the stand-in for Gemini sends: of unit length. */
    static float[] vectorOf(String text, int dimensions) {
        float[] vector = GeminiVectors.of(text, dimensions);
        double squares = 0;
        for (float x : vector) {
            squares += (double) x * x;
        }
        for (int i = 0; i < dimensions; i++) {
            vector[i] /= (float) Math.sqrt(squares);
        }
        return vector;
    }

    private static boolean isNear(float[] expected, float[] actual) {
        boolean near = expected.length == actual.length;
        for (int i = 0; near && i < expected.length; i++) {
            near = Math.abs(expected[i] - actual[i]) <= NEAR;
        }
        return near;
    }

    private static void expect(List<String> errors, String what, Optional<String> expected, Optional<String> actual) {
        expect(errors, what, expected.orElse("none"), actual.orElse("none"));
    }

    private static void expect(List<String> errors, String what, String expected, String actual) {
        if (!expected.equals(actual)) {
            errors.add("its " + what + " is '" + actual + "', not '" + expected + "'");
        }
    }
}
