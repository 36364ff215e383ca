package dev.sluice.classifier;

import dev.sluice.classifier.LabelJoin.ExampleChange;
import dev.sluice.classifier.LabelJoin.Step;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.WindowStoreIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies {@link LabelJoin} to what is remembered. Both stores hold one entry for each post id, at one time: that of the
 * last post or label; so what is known of an id and its post are forgotten together, by dropping whole segments. An answer
 * changes the small store only, and never the time.
 *
 * <p>The clock is the time at which a fact was taken off its topic, so a backlog here makes nothing late.
 */
final class JoinLabels extends ContextualProcessor<byte[], byte[], byte[], JoinLabels.Outcome> {
    private static final Logger LOG = LoggerFactory.getLogger(JoinLabels.class);
    private static final Instant END_OF_TIME = Instant.ofEpochMilli(Long.MAX_VALUE);

    private final Facts facts;
    private final RecordCodec<EmbeddedPost> codec;
    private final Duration retention;
    private final LearnMetrics metrics;
    private WindowStore<String, byte[]> posts;
    private WindowStore<String, byte[]> knowledge;

    JoinLabels(Facts facts, RecordCodec<EmbeddedPost> codec, Duration retention, LearnMetrics metrics) {
        this.facts = facts;
        this.codec = codec;
        this.retention = retention;
        this.metrics = metrics;
    }

    /**
     * What goes out for one fact.
     *
     * @param example for {@code labeled-vectors}; an inner nothing withdraws the one that lies there
     */
    record Outcome(Optional<Optional<byte[]>> example, Step step) {}

    @Override
    public void init(ProcessorContext<byte[], Outcome> context) {
        super.init(context);
        posts = context.getStateStore(LearnTopology.POSTS);
        knowledge = context.getStateStore(LearnTopology.KNOWLEDGE);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        try {
            join(record, facts.read(record));
        } catch (UnreadableRecordException e) {
            LOG.warn("passed over a fact: {}", e.getMessage());
        }
    }

    private void join(Record<byte[], byte[]> record, Fact fact) {
        String id = new String(record.key(), StandardCharsets.UTF_8);
        long now = record.timestamp();
        Optional<KeyValue<Long, byte[]>> entry = newest(id, now);
        Knowledge before =
                entry.map(found -> KnowledgeCodec.decode(found.value)).orElse(Knowledge.NOTHING);
        Step step = LabelJoin.apply(id, before, fact, Instant.ofEpochMilli(now));
        boolean timed = !(fact instanceof Fact.Answered);
        long old = entry.map(found -> found.key).orElse(now);
        long time = timed ? Math.max(old, now) : old;
        Optional<byte[]> post = fact instanceof Fact.Arrived ? Optional.of(record.value()) : Optional.empty();
        boolean needed = step.example() == ExampleChange.SEND || time != old;
        if (post.isEmpty() && needed && step.after().post().isPresent()) {
            post = Optional.ofNullable(posts.fetch(id, old));
            if (post.isEmpty()) { // the topics behind the two stores are not cut off at the same time
                step = LabelJoin.apply(id, before.with(Optional.empty()), fact, Instant.ofEpochMilli(now));
            }
        }
        Optional<Optional<byte[]>> example = Optional.empty();
        if (step.example() == ExampleChange.SEND) {
            example = Optional.of(Optional.of(labelled(post.orElseThrow(), step.after())));
        } else if (step.example() == ExampleChange.WITHDRAW) {
            example = Optional.of(Optional.empty());
        }
        remember(id, old, time, before, step.after(), post);
        metrics.joined(step, example.isPresent());
        if (example.isPresent() || !step.scores().isEmpty()) {
            context().forward(new Record<>(record.key(), new Outcome(example, step), now));
        }
    }

    /** What is known of the id, if it was heard of within the retention. */
    private Optional<KeyValue<Long, byte[]>> newest(String id, long now) {
        Instant from = Instant.ofEpochMilli(Math.max(0, now - retention.toMillis() + 1));
        try (WindowStoreIterator<byte[]> found = knowledge.backwardFetch(id, from, END_OF_TIME)) {
            return found.hasNext() ? Optional.of(found.next()) : Optional.empty();
        }
    }

    /** @param post to be put, if it is remembered: the one that came now, or that lies at the old time */
    private void remember(String id, long old, long time, Knowledge before, Knowledge after, Optional<byte[]> post) {
        boolean had = before.post().isPresent();
        if (after.post().isPresent()) {
            post.ifPresent(bytes -> posts.put(id, bytes, time));
        }
        if (had && (old != time || after.post().isEmpty())) {
            posts.put(id, null, old);
        }
        if (old != time) {
            knowledge.put(id, null, old);
        }
        if (!after.equals(Knowledge.NOTHING)) {
            knowledge.put(id, KnowledgeCodec.encode(after), time);
        }
    }

    private byte[] labelled(byte[] remembered, Knowledge known) {
        Truth truth = known.example().orElseThrow().truth();
        if (known.post().orElseThrow().own().equals(truth)) {
            return remembered;
        }
        EmbeddedPost post = codec.decode(remembered);
        Post told = Post.newBuilder(post.getPost())
                .setLabel(truth.label().orElse(null))
                .setTarget(truth.target().orElse(null))
                .build();
        return codec.encode(EmbeddedPost.newBuilder(post).setPost(told).build());
    }
}
