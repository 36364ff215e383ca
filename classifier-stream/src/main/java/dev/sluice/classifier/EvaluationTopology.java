package dev.sluice.classifier;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.LiveCounts;
import dev.sluice.schemas.LiveEvaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.Score;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Trial;
import dev.sluice.schemas.Trust;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.WallclockTimestampExtractor;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The second half of the learn application: scores and counted answers, each through an internal topic of one partition, to
 * {@code evaluations}, and what is decided on trials to {@code deployments}. One partition, because a version's accuracy is
 * one number; what it takes is small, for the answers come as sums. Both topics carry bytes: who cannot read a record passes
 * over it, where a deserializer of Kafka Streams would end the application, at each start again.
 *
 * <p>All stores are small and in memory. {@code models} and {@code deployments} are read anew at each start, like the
 * classifier does, but of a model only what it says of itself is kept.
 */
final class EvaluationTopology {
    static final String ANSWERS_COUNTED = "answers-counted";
    static final String LIVE_COUNTS = "live-counts";
    static final String LIVE_EVALUATIONS = "live-evaluations";
    static final String TRIALS = "trials";
    static final String MODELS = "models";
    static final String DEPLOYMENTS = "deployments";
    static final String COUNT_ANSWERS = "count-answers";
    static final String ANSWERS = "answers";
    static final String TALLY_ANSWERS = "tally-answers";
    static final String TALLY_SCORES = "tally-scores";
    static final String EVALUATIONS_SINK = "evaluations-sink";
    static final String DEPLOYMENTS_SINK = "deployments-sink";

    private EvaluationTopology() {}

    /**
     * Adds all but the ways out.
     *
     * @param facts of posts, in the partitions of the application's own topic
     * @param reader of facts
     * @param scores all in one partition
     */
    static void addTo(
            StreamsBuilder builder,
            Topics topics,
            KStream<byte[], byte[]> facts,
            Facts reader,
            KStream<String, byte[]> scores,
            EvaluationPlan plan,
            EvaluationMetrics metrics) {
        addGlobalStores(builder, topics, plan.trust());
        builder.addStateStore(store(ANSWERS_COUNTED, LiveCounts.class));
        builder.addStateStore(store(LIVE_COUNTS, LiveCounts.class));
        builder.addStateStore(store(LIVE_EVALUATIONS, LiveEvaluation.class));
        builder.addStateStore(store(TRIALS, Trial.class));
        RecordCodec<LiveCounts> counts = RecordCodec.of(LiveCounts.class);
        facts.process(
                        () -> new CountAnswers(reader, counts, topics.classifier(), plan),
                        Named.as(COUNT_ANSWERS),
                        ANSWERS_COUNTED)
                .repartition(Repartitioned.<String, byte[]>as(ANSWERS)
                        .withKeySerde(Serdes.String())
                        .withValueSerde(Serdes.ByteArray())
                        .withNumberOfPartitions(1))
                .process(() -> new TallyAnswers(counts), Named.as(TALLY_ANSWERS), LIVE_COUNTS);
        RecordCodec<Score> score = RecordCodec.of(Score.class);
        scores.process(
                () -> new TallyScores(score, topics, plan, metrics),
                Named.as(TALLY_SCORES),
                LIVE_COUNTS,
                LIVE_EVALUATIONS,
                TRIALS);
    }

    /** Adds the ways out, which the builder has no words for: two from one processor. */
    static void addSinks(Topology topology, Topics topics) {
        addSink(topology, EVALUATIONS_SINK, topics.evaluations().name());
        addSink(topology, DEPLOYMENTS_SINK, topics.deployments().name());
    }

    private static void addSink(Topology topology, String name, String topic) {
        topology.addSink(name, topic, new StringSerializer(), new ByteArraySerializer(), TALLY_SCORES);
    }

    private static void addGlobalStores(StreamsBuilder builder, Topics topics, Trust trust) {
        Serde<ModelVersion> models = topics.models().codec().serde();
        builder.addGlobalStore(
                Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(MODELS), Serdes.String(), models)
                        .withLoggingDisabled(),
                topics.models().name(),
                bytes("keep-holdouts"),
                () -> new KeepHoldouts(topics.models().codec(), topics.classifier(), trust));
        Serde<Deployment> deployments = topics.deployments().codec().serde();
        builder.addGlobalStore(
                Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(DEPLOYMENTS), Serdes.Long(), deployments)
                        .withLoggingDisabled(),
                topics.deployments().name(),
                bytes("keep-deployments"),
                () -> new KeepDeployments(topics.deployments().codec(), topics.classifier()));
    }

    private static Consumed<byte[], byte[]> bytes(String name) {
        return Consumed.with(Serdes.ByteArray(), Serdes.ByteArray())
                .withTimestampExtractor(new WallclockTimestampExtractor())
                .withName(name);
    }

    /** Cached, so that a sum is written to its changelog once a commit, and not once a prediction. */
    private static <V extends SpecificRecord> StoreBuilder<KeyValueStore<String, V>> store(String name, Class<V> type) {
        return Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(name),
                        Serdes.String(),
                        RecordCodec.of(type).serde())
                .withCachingEnabled()
                .withLoggingEnabled(Map.of());
    }
}
