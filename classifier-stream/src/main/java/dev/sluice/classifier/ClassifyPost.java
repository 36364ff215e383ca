package dev.sluice.classifier;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.runtime.PostedAt;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.UnreadableRecordException;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One embedded post in, one prediction out; or, if the post can never be classified, its bytes to the dead letters. Beside
 * the prediction goes that of a shadow, if there is one. Holds nothing back, so the guarantee is that of the stream.
 */
final class ClassifyPost extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
    private static final Logger LOG = LoggerFactory.getLogger(ClassifyPost.class);

    private final RecordCodec<EmbeddedPost> codec;
    private final LiveModel live;
    private final PredictionWriter writer;
    private final RecordSizes sizes;
    private final RecordSizes shadowSizes;
    private final DeadLetters letters;
    private final double minConfidence;
    private final ClassifierMetrics metrics;

    ClassifyPost(
            RecordCodec<EmbeddedPost> codec,
            LiveModel live,
            PredictionWriter writer,
            RecordSizes sizes,
            RecordSizes shadowSizes,
            DeadLetters letters,
            double minConfidence,
            ClassifierMetrics metrics) {
        this.codec = codec;
        this.live = live;
        this.writer = writer;
        this.sizes = sizes;
        this.shadowSizes = shadowSizes;
        this.letters = letters;
        this.minConfidence = minConfidence;
        this.metrics = metrics;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        long now = context().currentSystemTimeMs();
        metrics.received();
        Arms arms = live.arms();
        PostVector post;
        try {
            post = PostVector.read(codec, record.key(), record.value(), record.headers());
            Answer answer = arms.answer(post, minConfidence);
            byte[] value = write(post, answer, now, record.headers(), sizes);
            metrics.answered(answer);
            metrics.took(
                    PostedAt.of(record.headers()), post.post().getEmbeddedAt().toEpochMilli(), now);
            if (answer.arm() != Arm.CANARY
                    && arms.canary().filter(it -> it.isFor(post)).isPresent()) {
                metrics.passedOver();
            }
            // last of all: what fails before it makes a dead letter, and a post has one or the other
            context().forward(new Record<>(post.key(), value, now, record.headers()), ClassifyTopology.PREDICTIONS);
        } catch (UnreadableRecordException e) {
            metrics.deadLetter();
            context().forward(Letters.of(letters, context(), record, e), ClassifyTopology.DEAD_LETTERS);
            return;
        }
        if (arms.shadow().isPresent()) {
            lookOn(arms.shadow().get(), post, now, record.headers());
        }
    }

    /** Whatever is wrong with a shadow's answer is told and left out: the answer that counts has been given. */
    private void lookOn(Serving shadow, PostVector post, long now, Headers headers) {
        Answer answer;
        byte[] value;
        try {
            answer = Answer.of(Arm.SHADOW, Optional.of(shadow), post, minConfidence);
            value = write(post, answer, now, headers, shadowSizes);
        } catch (RuntimeException e) {
            LOG.debug("what the shadow says of {} is left out: {}", post.id(), e.getMessage());
            metrics.shadowFailed();
            return;
        }
        context().forward(new Record<>(post.key(), value, now, headers), ClassifyTopology.SHADOW_PREDICTIONS);
        metrics.shadowAnswered(answer);
    }

    private byte[] write(PostVector post, Answer answer, long now, Headers headers, RecordSizes ofItsTopic) {
        byte[] value = writer.write(post, answer, Instant.ofEpochMilli(now));
        ofItsTopic.check(post.key(), value, headers);
        return value;
    }
}
