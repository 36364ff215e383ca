package dev.sluice.cli;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Vectors;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Labelled vectors around a centre for each label, of any number of dimensions: something to be learned without a text. */
record LabeledClouds(int dimensions, int labels) {
    /** The vector of one example; label i of the labels has every i-th number shifted. */
    float[] vector(int number) {
        Random random = new Random(number);
        float[] vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            vector[i] = (float) random.nextGaussian() / 4 + (i % labels == number % labels ? 1 : 0);
        }
        return vector;
    }

    String label(int number) {
        return "label-" + number % labels;
    }

    EmbeddedPost post(int number, Split split) {
        String id = "post-" + number;
        return EmbeddedPost.newBuilder()
                .setPost(Post.newBuilder()
                        .setId(id)
                        .setText(id)
                        .setLabel(label(number))
                        .setSplit(split)
                        .build())
                .setSource(new Source("posts", 0, (long) number))
                .setText(id)
                .setEmbedding(Vectors.toBytes(vector(number)))
                .setSpace(EmbeddingSpace.newBuilder()
                        .setProvider("external")
                        .setModel("clouds")
                        .setDimensions(dimensions)
                        .setNormalisation("NONE")
                        .setMaxTokens(512)
                        .setTextRecipe("none")
                        .build())
                .setEmbeddedAt(TestModels.TIME)
                .build();
    }

    /** Puts examples on {@code labeled-vectors}. */
    void produce(TestBroker broker, Topics topics, int from, int to, Split split) {
        List<ProducerRecord<byte[], byte[]>> records = IntStream.range(from, to)
                .mapToObj(number -> new ProducerRecord<>(
                        topics.labeledVectors().name(),
                        ("post-" + number).getBytes(StandardCharsets.UTF_8),
                        topics.labeledVectors().codec().encode(post(number, split))))
                .toList();
        broker.produce(records);
    }
}
