package dev.sluice.trainer;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Vectors;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.TopicPartition;

/** Labelled vectors, and settings, for the tests. */
final class Given {
    static final Instant TIME = Instant.parse("2026-11-22T09:00:00Z");

    private static final String LABELLED = "labeled-vectors";

    private Given() {}

    static EmbeddingSpace space(String model, int dimensions) {
        return EmbeddingSpace.newBuilder()
                .setProvider("external")
                .setModel(model)
                .setDimensions(dimensions)
                .setNormalisation("NONE")
                .setMaxTokens(512)
                .setTextRecipe("as-is")
                .build();
    }

    static EmbeddedPost.Builder embedded(String id, String label, Split split, float... vector) {
        return EmbeddedPost.newBuilder()
                .setPost(Post.newBuilder()
                        .setId(id)
                        .setText(id)
                        .setLabel(label)
                        .setSplit(split)
                        .build())
                .setSource(new Source("posts", 0, 0L))
                .setText("text of " + id)
                .setEmbedding(Vectors.toBytes(vector))
                .setSpace(space("m", vector.length))
                .setEmbeddedAt(TIME);
    }

    static Example example(String id, String label, Split split, float... vector) {
        return Example.of(id, embedded(id, label, split, vector).build(), place(0, 0), true);
    }

    /** With a number in the place of a label. */
    static EmbeddedPost.Builder embeddedNumber(String id, double target, Split split, float... vector) {
        return embedded(id, null, split, vector)
                .setPost(Post.newBuilder()
                        .setId(id)
                        .setText(id)
                        .setTarget(target)
                        .setSplit(split)
                        .build());
    }

    static Example numbered(String id, double target, Split split, float... vector) {
        return Example.of(id, embeddedNumber(id, target, split, vector).build(), place(0, 0), true);
    }

    /** Where temporary files lie. */
    static ExampleFile file() {
        return new ExampleFile(Path.of(System.getProperty("java.io.tmpdir")));
    }

    /** On the topic of labelled vectors. */
    static TopicFollower.Place place(int partition, long offset) {
        return new TopicFollower.Place(new TopicPartition(LABELLED, partition), offset);
    }

    /** How far the partitions of the labelled vectors were read. */
    static Lineage lineage(Map<Integer, Long> offsets) {
        return lineage(offsets, Map.of());
    }

    static Lineage lineage(Map<Integer, Long> labelled, Map<Integer, Long> reembedded) {
        Map<TopicPartition, Long> all = new HashMap<>();
        labelled.forEach((partition, offset) -> all.put(new TopicPartition(LABELLED, partition), offset));
        reembedded.forEach((partition, offset) -> all.put(new TopicPartition("reembedded-vectors", partition), offset));
        return new Lineage(all);
    }

    /** Two-dimensional clouds around the corners of a triangle, far enough apart to be told with certainty. */
    static List<Example> clouds(int perLabel, Split split, long seed) {
        float[][] centres = {{3, 0}, {-3, 2}, {0, -4}};
        Random random = new Random(seed);
        List<Example> examples = new ArrayList<>();
        for (int label = 0; label < centres.length; label++) {
            for (int i = 0; i < perLabel; i++) {
                examples.add(example(
                        split + "-" + label + "-" + String.format("%05d", i),
                        "label-" + label,
                        split,
                        centres[label][0] + (float) random.nextGaussian() / 2,
                        centres[label][1] + (float) random.nextGaussian() / 2));
            }
        }
        return examples;
    }

    /** Two clouds, labels ham and spam, that overlap a little. */
    static List<Example> mails(int perLabel, Split split, long seed) {
        Random random = new Random(seed);
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < 2 * perLabel; i++) {
            float centre = i % 2 == 0 ? -1 : 1;
            examples.add(example(
                    split + "-" + String.format("%05d", i),
                    i % 2 == 0 ? "ham" : "spam",
                    split,
                    centre + (float) random.nextGaussian(),
                    centre + (float) random.nextGaussian()));
        }
        return examples;
    }

    /** Targets about 100 + 20 x - 10 y, a little off. */
    static List<Example> plane(int count, Split split, long seed) {
        Random random = new Random(seed);
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float x = (float) random.nextGaussian();
            float y = (float) random.nextGaussian();
            examples.add(numbered(
                    split + "-" + String.format("%05d", i),
                    100 + 20 * x - 10 * y + random.nextGaussian(),
                    split,
                    x,
                    y));
        }
        return examples;
    }

    static Hyperparameters parameters(String... namesAndValues) {
        Hyperparameters parameters = HyperparameterSettings.parse(Map.of());
        for (int i = 0; i < namesAndValues.length; i += 2) {
            parameters = parameters.with(Map.of(namesAndValues[i], namesAndValues[i + 1]));
        }
        return parameters;
    }
}
