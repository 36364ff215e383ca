package dev.sluice.classifier;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.runtime.GroupWatch;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.Score;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.WallclockTimestampExtractor;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;

/**
 * Labels join the posts and predictions of the same id: examples to {@code labeled-vectors}, and a score for each
 * prediction whose truth is known. An application of its own, so that nothing it has to restore can hold up predictions.
 *
 * <p>Everything first goes through one topic of the application's own, by post id: clients in other languages put a key into
 * another partition than Java does, so the partitions of what comes in say nothing. The price is that each post is written
 * three times more (that topic, the store, the store's changelog). No store lies before that topic, so others may add
 * partitions to theirs.
 */
final class LearnTopology {
    static final String EMBEDDED_POSTS = "embedded-posts";
    static final String PREDICTIONS = "predictions";
    static final String SHADOW_PREDICTIONS = "shadow-predictions";
    static final String LABELS = "labels";
    static final String TAKE_LABELS = "take-labels";
    static final String LABEL_DEAD_LETTERS = "label-dead-letters";
    static final String ALL_FACTS = "all-facts";
    static final String FACTS = "facts";
    static final String JOIN_LABELS = "join-labels";
    static final String POSTS = "posts";
    static final String KNOWLEDGE = "knowledge";
    static final String LABELED_VECTORS = "labeled-vectors";
    static final String REEMBEDDED_VECTORS = "reembedded-vectors";
    static final String SCORES = "scores";

    private static final Serde<byte[]> BYTES = Serdes.ByteArray();
    private static final RecordCodec<Score> SCORE = RecordCodec.of(Score.class);

    private LearnTopology() {}

    /**
     * @param partitions of the application's own topic
     * @param retention how long an id is remembered after its last post or label
     */
    static Topology of(
            Topics topics,
            int partitions,
            Duration retention,
            DeadLetters letters,
            LearnMetrics metrics,
            EvaluationPlan plan,
            EvaluationMetrics evaluations) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.addStateStore(windows(POSTS, retention));
        builder.addStateStore(windows(KNOWLEDGE, retention));
        Facts facts = new Facts(topics);
        KStream<byte[], byte[]> all = facts(builder, topics, facts, letters, metrics)
                .repartition(Repartitioned.<byte[], byte[]>as(FACTS)
                        .withKeySerde(BYTES)
                        .withValueSerde(BYTES)
                        .withNumberOfPartitions(partitions));
        KStream<byte[], JoinLabels.Outcome> outcomes = all.process(
                () -> new JoinLabels(facts, topics.labeledVectors().codec(), retention, metrics),
                Named.as(JOIN_LABELS),
                POSTS,
                KNOWLEDGE);
        outcomes.flatMapValues(LearnTopology::examples, Named.as("examples"))
                .to(topics.labeledVectors().name(), Produced.with(BYTES, BYTES).withName(LABELED_VECTORS));
        // whoever wrote the vectors for another model may not be there any more
        outcomes.flatMapValues(LearnTopology::withdrawals, Named.as("withdrawals"))
                .to(
                        topics.reembeddedVectors().name(),
                        Produced.with(BYTES, BYTES).withName(REEMBEDDED_VECTORS));
        EvaluationTopology.addTo(builder, topics, all, facts, scores(outcomes, topics.classifier()), plan, evaluations);
        Topology topology = builder.build();
        EvaluationTopology.addSinks(topology, topics);
        return topology.addSink(
                LABEL_DEAD_LETTERS,
                Topics.deadLetterOf(topics.labels().name()),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                TAKE_LABELS);
    }

    /** As {@link ClassifyTopology#watchedGroup}; the topic of facts is Kafka Streams' own. */
    static GroupWatch.Group watchedGroup(Topics topics) {
        String application = StreamsSettings.applicationId(topics, StreamsSettings.LEARN);
        return new GroupWatch.Group(
                application,
                List.of(
                        topics.embeddedPosts().name(),
                        topics.predictions().name(),
                        topics.shadowPredictions().name(),
                        topics.labels().name(),
                        application + "-" + FACTS + "-repartition"),
                Optional.empty());
    }

    /**
     * Where letters of this application go. Those of labels lie with the labels, to be sent again. What else is read here was
     * or will be answered by the other application, so it must not come twice: its letters lie with what learning makes of it.
     */
    static String letterTopic(Topics topics, String source) {
        if (source.equals(topics.labels().name())) {
            return Topics.deadLetterOf(source);
        }
        boolean isSum = source.endsWith(SCORES + "-repartition")
                || source.endsWith(EvaluationTopology.ANSWERS + "-repartition");
        return Topics.deadLetterOf((isSum ? topics.evaluations() : topics.labeledVectors()).name());
    }

    /** What is heard of posts, by post id, each record with a header that says what it is; see {@link Facts}. */
    private static KStream<byte[], byte[]> facts(
            StreamsBuilder builder, Topics topics, Facts facts, DeadLetters letters, LearnMetrics metrics) {
        RecordSizes examples = new RecordSizes(
                letters.limits(), "example", topics.labeledVectors().name());
        KStream<byte[], byte[]> posts = source(builder, EMBEDDED_POSTS, topics.embeddedPosts())
                .process(() -> new TakePost(topics.embeddedPosts().codec(), facts, examples), Named.as("take-posts"));
        KStream<byte[], byte[]> answers = source(builder, PREDICTIONS, topics.predictions())
                .process(() -> new TakeAnswer(topics.predictions().codec(), facts), Named.as("take-answers"));
        KStream<byte[], byte[]> shadows = source(builder, SHADOW_PREDICTIONS, topics.shadowPredictions())
                .process(
                        () -> new TakeAnswer(topics.shadowPredictions().codec(), facts),
                        Named.as("take-shadow-answers"));
        KStream<byte[], byte[]> labels = source(builder, LABELS, topics.labels())
                .process(() -> new TakeLabel(topics.labels().codec(), facts, letters, metrics), Named.as(TAKE_LABELS));
        return posts.merge(answers, Named.as("posts-and-answers"))
                .merge(shadows, Named.as("posts-and-all-answers"))
                .merge(labels, Named.as(ALL_FACTS));
    }

    private static KStream<byte[], byte[]> source(StreamsBuilder builder, String name, Topic<?> topic) {
        return builder.stream(
                topic.name(),
                Consumed.with(BYTES, BYTES)
                        .withName(name)
                        // a foreign record's own time may be one that Streams dies of, or that has expired long ago
                        .withTimestampExtractor(new WallclockTimestampExtractor())
                        .withOffsetResetPolicy(AutoOffsetReset.earliest()));
    }

    /** One entry for each id, at the time of its last post or label: a window of no length that is forgotten in time. */
    private static StoreBuilder<WindowStore<String, byte[]>> windows(String name, Duration retention) {
        return Stores.windowStoreBuilder(
                        Stores.persistentWindowStore(name, retention, Duration.ofMillis(1), false),
                        Serdes.String(),
                        BYTES)
                .withCachingDisabled();
    }

    private static List<byte[]> examples(JoinLabels.Outcome outcome) {
        return outcome.example()
                .map(example -> Collections.singletonList(example.orElse(null))) // no value: a tombstone
                .orElse(List.of());
    }

    private static List<byte[]> withdrawals(JoinLabels.Outcome outcome) {
        return outcome.example().filter(Optional::isEmpty).isPresent() ? Collections.singletonList(null) : List.of();
    }

    /** Scores by classifier on one partition, so that one task counts them all. */
    private static KStream<String, byte[]> scores(KStream<byte[], JoinLabels.Outcome> outcomes, String classifier) {
        return outcomes.flatMap(
                        (id, outcome) -> outcome.step().scores().stream()
                                .map(score -> KeyValue.pair(classifier, SCORE.encode(score)))
                                .toList(),
                        Named.as("each-score"))
                .repartition(Repartitioned.<String, byte[]>as(SCORES)
                        .withKeySerde(Serdes.String())
                        .withValueSerde(BYTES)
                        .withNumberOfPartitions(1));
    }
}
