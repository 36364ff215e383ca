package dev.sluice.classifier;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.runtime.GroupWatch;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.Topics;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.WallclockTimestampExtractor;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * {@code embedded-posts} to {@code predictions}, by the versions that serve, and beside them to {@code shadow-predictions}. Stateless but for two global stores, so that
 * nothing but models is ever restored.
 *
 * <p>The store of models is on disk: a deployment may name any version ever published, and the heap should hold one. That
 * of deployments is in memory: a few short events, read anew at each start. All records come in as bytes, because a
 * deserializer that throws has no good way out for a record.
 */
final class ClassifyTopology {
    static final String MODELS = "models";
    static final String DEPLOYMENTS = "deployments";
    static final String EMBEDDED_POSTS = "embedded-posts";
    static final String CLASSIFY_POST = "classify-post";
    static final String PREDICTIONS = "predictions";
    static final String SHADOW_PREDICTIONS = "shadow-predictions";
    static final String DEAD_LETTERS = "dead-letters";

    private ClassifyTopology() {}

    static Topology of(
            Topics topics,
            LiveModel live,
            Reports reports,
            PredictionWriter writer,
            DeadLetters letters,
            double minConfidence,
            ClassifierMetrics metrics) {
        Topology topology = new Topology();
        RecordSizes sizes = new RecordSizes(
                letters.limits(), "prediction", topics.predictions().name());
        RecordSizes shadowSizes = new RecordSizes(
                letters.limits(),
                "shadow prediction",
                topics.shadowPredictions().name());
        addModels(topology, topics, live, reports);
        addDeployments(topology, topics, live, reports);
        topology.addSource(
                AutoOffsetReset.earliest(),
                EMBEDDED_POSTS,
                new WallclockTimestampExtractor(), // a foreign record's own time may be one that Streams dies of
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.embeddedPosts().name());
        topology.addProcessor(
                CLASSIFY_POST,
                () -> new ClassifyPost(
                        topics.embeddedPosts().codec(),
                        live,
                        writer,
                        sizes,
                        shadowSizes,
                        letters,
                        minConfidence,
                        metrics),
                EMBEDDED_POSTS);
        addSink(topology, PREDICTIONS, topics.predictions().name());
        addSink(topology, SHADOW_PREDICTIONS, topics.shadowPredictions().name());
        addSink(
                topology,
                DEAD_LETTERS,
                Topics.deadLetterOf(topics.embeddedPosts().name()));
        return topology;
    }

    /** Kafka Streams itself sees to being a member. */
    static GroupWatch.Group watchedGroup(Topics topics) {
        return new GroupWatch.Group(
                StreamsSettings.applicationId(topics, StreamsSettings.CLASSIFY),
                List.of(topics.embeddedPosts().name()),
                Optional.empty());
    }

    private static void addSink(Topology topology, String name, String topic) {
        topology.addSink(name, topic, new ByteArraySerializer(), new ByteArraySerializer(), CLASSIFY_POST);
    }

    private static void addModels(Topology topology, Topics topics, LiveModel live, Reports reports) {
        StoreBuilder<KeyValueStore<String, byte[]>> store = Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(MODELS), Serdes.String(), Serdes.ByteArray())
                .withCachingDisabled()
                .withLoggingDisabled();
        topology.addGlobalStore(
                store,
                "models-source",
                new WallclockTimestampExtractor(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.models().name(),
                "keep-models",
                () -> new KeepModels(live, reports));
    }

    private static void addDeployments(Topology topology, Topics topics, LiveModel live, Reports reports) {
        StoreBuilder<KeyValueStore<Long, Deployment>> store = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(DEPLOYMENTS),
                        Serdes.Long(),
                        topics.deployments().codec().serde())
                .withCachingDisabled()
                .withLoggingDisabled();
        topology.addGlobalStore(
                store,
                "deployments-source",
                new WallclockTimestampExtractor(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.deployments().name(),
                "follow-deployments",
                () -> new FollowDeployments(topics.deployments().codec(), topics.classifier(), live, reports));
    }
}
