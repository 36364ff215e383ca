package dev.sluice.schemas;

import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_COMPACT;
import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_DELETE;
import static org.apache.kafka.common.config.TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MAX_MESSAGE_BYTES_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.RETENTION_MS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.SEGMENT_BYTES_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.SEGMENT_MS_CONFIG;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * Every topic of one Sluice: the shared ones ({@code posts}, {@code embedded-posts}, {@code embedding-cache}), and those of
 * one classifier, which carry its name as a suffix unless it is {@code default}, so that several classifiers share one
 * embedder.
 */
public final class Topics {
    /** The classifier whose topics carry no suffix. */
    public static final String DEFAULT_CLASSIFIER = "default";

    public static final int DEFAULT_PARTITIONS = 12;

    /** On {@code labels}, with any value, beside a record without one: what is remembered of the post is to be forgotten too. */
    public static final String FORGET_HEADER = "sluice.forget";

    /** Largest record on {@code posts}, in bytes. */
    public static final int MAX_POST_BYTES = 1024 * 1024;

    /** Largest record on topics whose records nest a post, in bytes: the post, its text once more, and a vector. */
    public static final int MAX_NESTED_POST_BYTES = 3 * MAX_POST_BYTES;

    /** Largest model version, in bytes, unless a setting says otherwise. */
    public static final int DEFAULT_MAX_MODEL_BYTES = 32 * 1024 * 1024;

    /** What the reasons and the original headers may add to a dead letter, in bytes. */
    private static final int DEAD_LETTER_ROOM = 64 * 1024;

    private static final String DEAD_LETTER = ".dead-letter";
    private static final String CLASSIFIER_NAME = "[a-z0-9][a-z0-9-]{0,63}";

    private static final RecordCodec<Post> POST = RecordCodec.of(Post.class);
    private static final RecordCodec<EmbeddedPost> EMBEDDED_POST = RecordCodec.of(EmbeddedPost.class);
    private static final RecordCodec<CachedEmbedding> CACHED_EMBEDDING = RecordCodec.of(CachedEmbedding.class);
    private static final RecordCodec<Prediction> PREDICTION = RecordCodec.of(Prediction.class);
    private static final RecordCodec<LiveEvaluation> LIVE_EVALUATION = RecordCodec.of(LiveEvaluation.class);
    private static final RecordCodec<Label> LABEL = RecordCodec.of(Label.class);
    private static final RecordCodec<TrainingRequest> TRAINING_REQUEST = RecordCodec.of(TrainingRequest.class);
    private static final RecordCodec<ModelVersion> MODEL_VERSION = RecordCodec.of(ModelVersion.class);
    private static final RecordCodec<Deployment> DEPLOYMENT = RecordCodec.of(Deployment.class);
    private static final RecordCodec<DeploymentStatus> DEPLOYMENT_STATUS = RecordCodec.of(DeploymentStatus.class);

    private final String prefix;
    private final String classifier;
    private final int partitions;
    private final int maxModelBytes;

    /** As {@link #Topics(String, String, int, int)}, with models of up to {@link #DEFAULT_MAX_MODEL_BYTES}. */
    public Topics(String prefix, String classifier, int partitions) {
        this(prefix, classifier, partitions, DEFAULT_MAX_MODEL_BYTES);
    }

    /**
     * @param prefix put before every name, may be empty
     * @param classifier lower-case letters, digits and hyphens
     * @param partitions of the topics that posts flow through
     * @param maxModelBytes the largest record on {@code models}, in bytes
     */
    public Topics(String prefix, String classifier, int partitions, int maxModelBytes) {
        if (!classifier.matches(CLASSIFIER_NAME)) {
            throw new IllegalArgumentException(
                    "a classifier's name has 1 to 64 lower-case letters, digits and hyphens: " + classifier);
        }
        if (!prefix.matches("[a-zA-Z0-9._-]{0,100}")) {
            throw new IllegalArgumentException(
                    "a topic prefix has up to 100 letters, digits, dots, hyphens and underscores: " + prefix);
        }
        this.prefix = prefix;
        this.classifier = classifier;
        this.partitions = partitions;
        this.maxModelBytes = maxModelBytes;
    }

    public static Topics ofDefaults() {
        return new Topics("", DEFAULT_CLASSIFIER, DEFAULT_PARTITIONS);
    }

    public String prefix() {
        return prefix;
    }

    public String classifier() {
        return classifier;
    }

    /** The largest record on {@link #models()}, in bytes: what it is created with, and what the trainer refuses beyond. */
    public int maxModelBytes() {
        return maxModelBytes;
    }

    public Topic<Post> posts() {
        return shared("posts", POST, kept(Duration.ofDays(7), MAX_POST_BYTES));
    }

    public Topic<EmbeddedPost> embeddedPosts() {
        return shared("embedded-posts", EMBEDDED_POST, kept(Duration.ofDays(7), MAX_NESTED_POST_BYTES));
    }

    /** Key: SHA-256 in hex of the embedding space's id, a zero byte and the text, so that no text is paid for twice. */
    public Topic<CachedEmbedding> embeddingCache() {
        Map<String, String> configs = new HashMap<>(compacted(MAX_POST_BYTES));
        configs.put(CLEANUP_POLICY_CONFIG, CLEANUP_POLICY_COMPACT + "," + CLEANUP_POLICY_DELETE);
        configs.put(RETENTION_MS_CONFIG, Long.toString(Duration.ofDays(30).toMillis()));
        return shared("embedding-cache", CACHED_EMBEDDING, configs);
    }

    public Topic<Prediction> predictions() {
        return own("predictions", PREDICTION, partitions, kept(Duration.ofDays(7), MAX_NESTED_POST_BYTES));
    }

    /** What versions say that only look on, so that readers of {@link #predictions()} never count a post twice. */
    public Topic<Prediction> shadowPredictions() {
        return own("shadow-predictions", PREDICTION, partitions, kept(Duration.ofDays(7), MAX_NESTED_POST_BYTES));
    }

    public Topic<Label> labels() {
        return own("labels", LABEL, partitions, compacted(MAX_POST_BYTES));
    }

    public Topic<EmbeddedPost> labeledVectors() {
        return own("labeled-vectors", EMBEDDED_POST, partitions, compacted(MAX_NESTED_POST_BYTES));
    }

    /** Labelled posts in the embedding space that is to take the place of the one that they were embedded in. */
    public Topic<EmbeddedPost> reembeddedVectors() {
        return own("reembedded-vectors", EMBEDDED_POST, partitions, compacted(MAX_NESTED_POST_BYTES));
    }

    /** Key: see {@link ModelVersions#keyOf}. */
    public Topic<LiveEvaluation> evaluations() {
        return own("evaluations", LIVE_EVALUATION, 1, kept(Duration.ofDays(30), MAX_POST_BYTES));
    }

    public Topic<TrainingRequest> trainingRequests() {
        return own("training-requests", TRAINING_REQUEST, 1, kept(Duration.ofDays(7), MAX_POST_BYTES));
    }

    /** Key: see {@link ModelVersions#keyOf}. */
    public Topic<ModelVersion> models() {
        Map<String, String> configs = new HashMap<>(compacted(maxModelBytes));
        configs.put(SEGMENT_BYTES_CONFIG, Integer.toString(4 * maxModelBytes));
        return own("models", MODEL_VERSION, 1, configs);
    }

    /** An event log: never compacted, kept for ever. */
    public Topic<Deployment> deployments() {
        return own(
                "deployments",
                DEPLOYMENT,
                1,
                Map.of(CLEANUP_POLICY_CONFIG, CLEANUP_POLICY_DELETE, RETENTION_MS_CONFIG, "-1"));
    }

    /** Key: classifier, slash, instance. */
    public Topic<DeploymentStatus> deploymentStatus() {
        return own("deployment-status", DEPLOYMENT_STATUS, 1, compacted(MAX_POST_BYTES));
    }

    /** The shared topics and this classifier's. */
    public List<Topic<? extends SpecificRecord>> all() {
        return List.of(
                posts(),
                embeddedPosts(),
                embeddingCache(),
                predictions(),
                shadowPredictions(),
                labels(),
                labeledVectors(),
                reembeddedVectors(),
                evaluations(),
                trainingRequests(),
                models(),
                deployments(),
                deploymentStatus());
    }

    /** Where the records of a topic go that can never be processed. */
    public static String deadLetterOf(String topic) {
        return topic + DEAD_LETTER;
    }

    /** Whether a topic holds the dead letters of another. */
    public static boolean isDeadLetters(String topic) {
        return topic.endsWith(DEAD_LETTER);
    }

    /**
     * The largest record that a topic takes as it is created, in bytes: any of a Sluice with this prefix, whichever the
     * classifier; a topic that is none of these is taken for one of plain posts.
     */
    public int maxBytesOf(String topic) {
        if (isDeadLetters(topic)) {
            return maxBytesOf(topic.substring(0, topic.length() - DEAD_LETTER.length())) + DEAD_LETTER_ROOM;
        }
        String kind = kindOf(topic);
        return all().stream()
                .filter(each -> kindOf(each.name()).equals(kind))
                .findFirst()
                .map(Topics::maxBytes)
                .orElse(MAX_POST_BYTES);
    }

    /** Its name without prefix and classifier. */
    private String kindOf(String topic) {
        return (topic.startsWith(prefix) ? topic.substring(prefix.length()) : topic).split("\\.", 2)[0];
    }

    private static int maxBytes(Topic<?> topic) {
        return Integer.parseInt(topic.configs().getOrDefault(MAX_MESSAGE_BYTES_CONFIG, "" + MAX_POST_BYTES));
    }

    /** Every topic, each with its dead-letter topic if it has one, as services create them. */
    public List<Topic<? extends SpecificRecord>> allWithDeadLetters() {
        return all().stream()
                .<Topic<? extends SpecificRecord>>flatMap(
                        topic -> hasDeadLetters(topic) ? Stream.of(topic, deadLetters(topic)) : Stream.of(topic))
                .toList();
    }

    /** Which dead letters were sent again: compacted text, of all classifiers. Key: the partition that they lie on. */
    public String settledLetters() {
        return prefix + "dead-letters.settled";
    }

    NewTopic settledLetters(Replication replication) {
        return new Topic<>(settledLetters(), POST, 1, compacted(MAX_POST_BYTES)).creation(replication);
    }

    List<NewTopic> creations(Replication replication) {
        return allWithDeadLetters().stream()
                .map(topic -> topic.creation(replication))
                .toList();
    }

    /** What cannot be read in the cache is a text to be embedded once more: nothing is lost that somebody could mend. */
    private boolean hasDeadLetters(Topic<?> topic) {
        return !topic.name().equals(embeddingCache().name());
    }

    private static <V extends SpecificRecord> Topic<V> deadLetters(Topic<V> source) {
        Map<String, String> configs = kept(Duration.ofDays(30), maxBytes(source) + DEAD_LETTER_ROOM);
        return new Topic<>(deadLetterOf(source.name()), source.codec(), 1, configs);
    }

    private <V extends SpecificRecord> Topic<V> shared(String name, RecordCodec<V> codec, Map<String, String> configs) {
        return new Topic<>(prefix + name, codec, partitions, configs);
    }

    private <V extends SpecificRecord> Topic<V> own(
            String name, RecordCodec<V> codec, int partitionCount, Map<String, String> configs) {
        String suffix = classifier.equals(DEFAULT_CLASSIFIER) ? "" : "." + classifier;
        return new Topic<>(prefix + name + suffix, codec, partitionCount, configs);
    }

    private static Map<String, String> kept(Duration time, int maxBytes) {
        return Map.of(
                CLEANUP_POLICY_CONFIG,
                CLEANUP_POLICY_DELETE,
                RETENTION_MS_CONFIG,
                Long.toString(time.toMillis()),
                MAX_MESSAGE_BYTES_CONFIG,
                Integer.toString(maxBytes));
    }

    /** Compaction leaves the active segment alone, so segments are closed by time as well. */
    private static Map<String, String> compacted(int maxBytes) {
        String day = Long.toString(Duration.ofDays(1).toMillis());
        return Map.of(
                CLEANUP_POLICY_CONFIG,
                CLEANUP_POLICY_COMPACT,
                SEGMENT_MS_CONFIG,
                day,
                MAX_COMPACTION_LAG_MS_CONFIG,
                day,
                MAX_MESSAGE_BYTES_CONFIG,
                Integer.toString(maxBytes));
    }
}
