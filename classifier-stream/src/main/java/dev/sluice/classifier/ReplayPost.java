package dev.sluice.classifier;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.UnreadableRecordException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * One embedded post to one more prediction, which names the replay; or to nothing, if the post is none of those wanted.
 *
 * @param predictions name of the topic
 * @param run the replay's name
 * @param from posts that came earlier are not wanted: where clocks differ, they lie among the others
 * @param wanted if present, only these
 * @param minConfidence see {@link Answer#of}
 */
record ReplayPost(
        RecordCodec<EmbeddedPost> codec,
        String predictions,
        Serving serving,
        PredictionWriter writer,
        RecordSizes sizes,
        String run,
        Instant from,
        Optional<ReplaySources> wanted,
        double minConfidence,
        Clock clock) {

    /** A prediction on its way out. */
    record Answered(PredictionStatus status, ProducerRecord<byte[], byte[]> prediction) {}

    /** @throws UnreadableRecordException if the post can never be classified */
    Optional<Answered> answer(ConsumerRecord<byte[], byte[]> record) {
        if (record.timestamp() < from.toEpochMilli()) {
            return Optional.empty();
        }
        PostVector post = PostVector.read(codec, record.key(), record.value(), record.headers());
        if (wanted.filter(sources -> !sources.contains(post.post().getSource())).isPresent()) {
            return Optional.empty();
        }
        Answer answer = Answer.of(Arm.LIVE, Optional.of(serving), post, minConfidence);
        byte[] value = writer.writeReplayed(post, answer, clock.instant(), run);
        sizes.check(post.key(), value, record.headers());
        return Optional.of(new Answered(
                answer.status(), new ProducerRecord<>(predictions, null, post.key(), value, record.headers())));
    }
}
