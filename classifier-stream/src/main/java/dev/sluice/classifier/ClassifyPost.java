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
import org.apache.kafka.streams.processor.api.RecordMetadata;
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
    private final double minConfidence;
    private final ClassifierMetrics metrics;

    ClassifyPost(
            RecordCodec<EmbeddedPost> codec,
            LiveModel live,
            PredictionWriter writer,
            double minConfidence,
            ClassifierMetrics metrics) {
        this.codec = codec;
        this.live = live;
        this.writer = writer;
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
            post = PostVector.read(codec, record.key(), record.value());
            Answer answer = arms.answer(post, minConfidence);
            byte[] value = write(post, answer, now, record.headers());
            context().forward(new Record<>(post.key(), value, now, record.headers()), ClassifyTopology.PREDICTIONS);
            metrics.answered(answer);
            metrics.took(
                    PostedAt.of(record.headers()), post.post().getEmbeddedAt().toEpochMilli(), now);
            if (answer.arm() != Arm.CANARY
                    && arms.canary().filter(it -> it.isFor(post)).isPresent()) {
                metrics.passedOver();
            }
        } catch (UnreadableRecordException e) {
            Headers headers = withReason(record.headers(), e);
            context().forward(new Record<>(record.key(), record.value(), now, headers), ClassifyTopology.DEAD_LETTERS);
            metrics.deadLetter();
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
            value = write(post, answer, now, headers);
        } catch (RuntimeException e) {
            LOG.debug("what the shadow says of {} is left out: {}", post.id(), e.getMessage());
            metrics.shadowFailed();
            return;
        }
        context().forward(new Record<>(post.key(), value, now, headers), ClassifyTopology.SHADOW_PREDICTIONS);
        metrics.shadowAnswered(answer);
    }

    private byte[] write(PostVector post, Answer answer, long now, Headers headers) {
        byte[] value = writer.write(post, answer, Instant.ofEpochMilli(now));
        RecordSizes.check("prediction", post.key(), value, headers);
        return value;
    }

    private Headers withReason(Headers headers, UnreadableRecordException reason) {
        RecordMetadata place = context().recordMetadata().orElseThrow();
        return DeadLetters.headers(headers, reason, place.topic(), place.partition(), place.offset());
    }
}
