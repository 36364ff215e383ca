package dev.sluice.classifier;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.Activation;
import dev.sluice.schemas.DenseLayer;
import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Input;
import dev.sluice.schemas.InputKind;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.TargetScale;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Training;
import dev.sluice.schemas.Vectors;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/** Posts and models of two dimensions, small enough to be worked out by hand. */
final class Samples {
    static final Topics TOPICS = Topics.ofDefaults();
    static final Instant TIME = Instant.parse("2026-11-22T09:00:00Z");

    private Samples() {}

    static DeadLetters letters(String service) {
        return DeadLetters.of(service, TOPICS, Clock.fixed(TIME, ZoneOffset.UTC));
    }

    static EmbeddingSpace space(String model) {
        return EmbeddingSpace.newBuilder()
                .setProvider("local")
                .setModel(model)
                .setDimensions(2)
                .setNormalisation("NONE")
                .setMaxTokens(512)
                .setTextRecipe("plain")
                .build();
    }

    static EmbeddedPost.Builder post(String id, float... vector) {
        return EmbeddedPost.newBuilder()
                .setPost(Post.newBuilder()
                        .setId(id)
                        .setText("How long is a day?")
                        .build())
                .setSource(new Source("posts", 1, 7L))
                .setText("How long is a day?")
                .setEmbedding(Vectors.toBytes(vector))
                .setSpace(space("m"))
                .setEmbeddedAt(TIME);
    }

    /** Three labels; their sums before softmax are {@code scale} times (x, y, 0). */
    static ModelVersion.Builder model(int version, float scale) {
        return ModelVersion.newBuilder()
                .setVersion(version)
                .setTask(Task.MULTICLASS)
                .setLabels(List.of("med", "space", "other"))
                .setSpace(space("m"))
                .setInputs(List.of(new Input(InputKind.EMBEDDING, 2)))
                .setNetwork(new DenseNetwork(List.of(new DenseLayer(
                        2,
                        3,
                        Activation.SOFTMAX,
                        Vectors.toBytes(new float[] {scale, 0, 0, scale, 0, 0}),
                        Vectors.toBytes(new float[3])))))
                .setTraining(Training.newBuilder()
                        .setParameters(Map.of())
                        .setSeed(1)
                        .setHistory(List.of())
                        .setExamples(Map.of())
                        .setValidationExamples(0)
                        .setTestExamples(0)
                        .setLineage(List.of())
                        .setCodeVersion("test")
                        .setStartedAt(TIME)
                        .setFinishedAt(TIME)
                        .build())
                .setCreatedAt(TIME)
                .setSha256("");
    }

    /** Two labels; the sum before the sigmoid is the vector's first number. */
    static ModelVersion.Builder binary(int version) {
        return model(version, 1)
                .setTask(Task.BINARY)
                .setLabels(List.of("ham", "spam"))
                .setNetwork(network(Activation.SIGMOID, 1, 0));
    }

    /** Answers 10 x + 3 with the vector's first number. */
    static ModelVersion.Builder regression(int version) {
        return model(version, 1)
                .setTask(Task.REGRESSION)
                .setLabels(List.of())
                .setTargetScale(new TargetScale(3.0, 10.0))
                .setNetwork(network(Activation.IDENTITY, 1, 0));
    }

    private static DenseNetwork network(Activation activation, float... weights) {
        return new DenseNetwork(
                List.of(new DenseLayer(2, 1, activation, Vectors.toBytes(weights), Vectors.toBytes(new float[1]))));
    }

    static byte[] sealed(ModelVersion.Builder version) {
        return TOPICS.models().codec().encode(ModelVersions.seal(version.build()));
    }

    /** A sound version. */
    static byte[] sound(int version) {
        return sealed(model(version, version));
    }

    /** A version whose weights do not fit its layer. */
    static byte[] unsound(int version) {
        return sealed(model(version, 1)
                .setNetwork(new DenseNetwork(List.of(new DenseLayer(
                        2, 3, Activation.SOFTMAX, Vectors.toBytes(new float[5]), Vectors.toBytes(new float[3]))))));
    }
}
