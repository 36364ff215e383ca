package dev.sluice.classifier;

import dev.sluice.schemas.Topics;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.WallclockTimestampExtractor;

/**
 * {@code embedded-posts} whose label is known, to {@code labeled-vectors}. An application of its own, so that nothing it
 * ever has to restore can hold up the predictions.
 */
final class LearnTopology {
    static final String EMBEDDED_POSTS = "embedded-posts";
    static final String FORWARD_LABELLED = "forward-labelled";
    static final String LABELED_VECTORS = "labeled-vectors";

    private LearnTopology() {}

    static Topology of(Topics topics) {
        return new Topology()
                .addSource(
                        AutoOffsetReset.earliest(),
                        EMBEDDED_POSTS,
                        new WallclockTimestampExtractor(),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer(),
                        topics.embeddedPosts().name())
                .addProcessor(
                        FORWARD_LABELLED,
                        () -> new ForwardLabelled(topics.embeddedPosts().codec()),
                        EMBEDDED_POSTS)
                .addSink(
                        LABELED_VECTORS,
                        topics.labeledVectors().name(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer(),
                        FORWARD_LABELLED);
    }
}
