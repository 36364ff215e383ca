package dev.sluice.classifier;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.UnreadableRecordException;
import java.time.Instant;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * One embedded post in, one prediction out; or, if the post can never be classified, its bytes to the dead letters. Holds
 * nothing back, so the guarantee is that of the stream.
 */
final class ClassifyPost extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
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
        try {
            PostVector post = PostVector.read(codec, record.key(), record.value());
            Answer answer = Answer.of(Arm.LIVE, live.serving(), post, minConfidence);
            byte[] value = writer.write(post, answer, Instant.ofEpochMilli(now));
            RecordSizes.check("prediction", post.key(), value, record.headers());
            context().forward(new Record<>(post.key(), value, now, record.headers()), ClassifyTopology.PREDICTIONS);
            metrics.classified(answer.status());
        } catch (UnreadableRecordException e) {
            Headers headers = withReason(record.headers(), e);
            context().forward(new Record<>(record.key(), record.value(), now, headers), ClassifyTopology.DEAD_LETTERS);
            metrics.deadLetter();
        }
    }

    private Headers withReason(Headers headers, UnreadableRecordException reason) {
        RecordMetadata place = context().recordMetadata().orElseThrow();
        return DeadLetters.headers(headers, reason, place.topic(), place.partition(), place.offset());
    }
}
