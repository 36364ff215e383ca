package dev.sluice.cli;

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
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Training;
import dev.sluice.schemas.Vectors;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Model versions with weights by chance, and posts that fit them: for tests that need a model but no trainer. */
public final class HandMadeModels {
    private static final Instant TIME = Instant.parse("2026-11-22T09:00:00Z");

    private final int dimensions;
    private final int hidden;
    private final int labels;

    public HandMadeModels(int dimensions, int hidden, int labels) {
        this.dimensions = dimensions;
        this.hidden = hidden;
        this.labels = labels;
    }

    public ModelVersion version(int number) {
        return version(number, "default");
    }

    public ModelVersion version(int number, String classifier) {
        Random random = new Random(number);
        return ModelVersions.seal(ModelVersion.newBuilder()
                .setClassifier(classifier)
                .setVersion(number)
                .setTask(Task.MULTICLASS)
                .setLabels(
                        IntStream.range(0, labels).mapToObj(i -> "label-" + i).toList())
                .setSpace(space())
                .setInputs(List.of(new Input(InputKind.EMBEDDING, dimensions)))
                .setNetwork(new DenseNetwork(List.of(
                        layer(random, dimensions, hidden, Activation.RELU),
                        layer(random, hidden, labels, Activation.SOFTMAX))))
                .setTraining(Training.newBuilder()
                        .setParameters(Map.of())
                        .setSeed(number)
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
                .setSha256("")
                .build());
    }

    /** A post whose source is its number, so that it can be told from every other. */
    EmbeddedPost post(int number) {
        return EmbeddedPost.newBuilder()
                .setPost(Post.newBuilder().setId("post-" + number).build())
                .setSource(new Source("posts", 0, (long) number))
                .setText("The text of post " + number)
                .setEmbedding(Vectors.toBytes(numbers(new Random(number), dimensions)))
                .setSpace(space())
                .setEmbeddedAt(TIME)
                .build();
    }

    private EmbeddingSpace space() {
        return EmbeddingSpace.newBuilder()
                .setProvider("external")
                .setModel("by-hand")
                .setDimensions(dimensions)
                .setNormalisation("NONE")
                .setMaxTokens(512)
                .setTextRecipe("plain")
                .build();
    }

    private static DenseLayer layer(Random random, int inputs, int outputs, Activation activation) {
        return new DenseLayer(
                inputs,
                outputs,
                activation,
                Vectors.toBytes(numbers(random, inputs * outputs)),
                Vectors.toBytes(new float[outputs]));
    }

    private static float[] numbers(Random random, int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian() / 16;
        }
        return numbers;
    }
}
