package dev.sluice.classifier;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.RecordCodec;
import java.time.Instant;

/**
 * Writes predictions: the answer, and what is carried over from the post so that nobody has to join back.
 *
 * @param json whether as JSON, for kcat and people; else as Avro
 * @param textCharacters how much of the text's start goes along, 0 or more
 */
record PredictionWriter(RecordCodec<Prediction> codec, String classifier, boolean json, int textCharacters) {

    byte[] write(PostVector vector, Answer answer, Instant now) {
        return bytesOf(predictionOf(vector, answer, now));
    }

    /** @param replay the name of the replay that asks */
    byte[] writeReplayed(PostVector vector, Answer answer, Instant now, String replay) {
        return bytesOf(Prediction.newBuilder(predictionOf(vector, answer, now))
                .setReplay(replay)
                .build());
    }

    private byte[] bytesOf(Prediction prediction) {
        return json ? codec.encodeJson(prediction) : codec.encode(prediction);
    }

    private Prediction predictionOf(PostVector vector, Answer answer, Instant now) {
        Post post = vector.post().getPost();
        Prediction.Builder prediction = Prediction.newBuilder()
                .setPostId(vector.id())
                .setSource(vector.post().getSource())
                .setClassifier(classifier)
                .setStatus(answer.status())
                .setProbabilities(answer.probabilities())
                .setValue(answer.value().orElse(null))
                .setModelVersion(answer.version().orElse(null))
                .setArm(answer.arm())
                .setPostLabel(post.getLabel().orElse(null))
                .setPostTarget(post.getTarget().orElse(null))
                .setSplit(post.getSplit().orElse(null))
                .setTextStart(startOf(vector.post().getText()))
                .setAttributes(post.getAttributes())
                .setCreatedAt(post.getCreatedAt().orElse(null))
                .setEmbeddedAt(vector.post().getEmbeddedAt())
                .setClassifiedAt(now);
        answer.label().ifPresent(sure -> prediction.setLabel(sure.getLabel()).setConfidence(sure.getProbability()));
        return prediction.build();
    }

    /** A character outside the basic plane counts as two and is left out rather than cut in half. */
    private String startOf(String text) {
        if (text.length() <= textCharacters) {
            return text;
        }
        boolean cut = textCharacters > 0 && Character.isHighSurrogate(text.charAt(textCharacters - 1));
        return text.substring(0, cut ? textCharacters - 1 : textCharacters);
    }
}
