package dev.sluice.classifier;

import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.InvalidModelException;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.Trust;

/**
 * A version that has passed every check and is ready to answer.
 *
 * @param spaceId canonical id of the only embedding space whose vectors it may be shown
 */
record Serving(Predictor predictor, String spaceId) {

    /**
     * Reads and checks a version as it lies on the topic.
     *
     * @param key the record's key, which must name the version in the value
     * @throws RuntimeException with the reason, if the bytes are not a sound version of this classifier, made by one who is
     *     trusted
     */
    static Serving of(RecordCodec<ModelVersion> codec, String classifier, Trust trust, String key, byte[] value) {
        ModelVersion version = codec.decode(value);
        String itself = ModelVersions.keyOf(version.getClassifier(), version.getVersion());
        if (!version.getClassifier().equals(classifier)) {
            throw new InvalidModelException("the version is " + itself + ", this classifier is " + classifier);
        }
        if (!itself.equals(key)) {
            throw new InvalidModelException("the record's key is " + key + ", the version in it is " + itself);
        }
        trust.check(version);
        return new Serving(Predictor.of(version), EmbeddingSpaces.idOf(version.getSpace()));
    }

    int version() {
        return predictor.version().getVersion();
    }
}
