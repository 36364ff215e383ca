package dev.sluice.classifier;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.runtime.RecordLimits;
import dev.sluice.schemas.Label;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.Targets;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/** Takes what people say of a post's label or target. What cannot be read goes to the dead letters as it came, with the reason. */
final class TakeLabel extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
    private final RecordCodec<Label> codec;
    private final Facts facts;
    private final DeadLetters letters;
    private final LearnMetrics metrics;

    TakeLabel(RecordCodec<Label> codec, Facts facts, DeadLetters letters, LearnMetrics metrics) {
        this.codec = codec;
        this.facts = facts;
        this.letters = letters;
        this.metrics = metrics;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        long now = context().currentSystemTimeMs();
        try {
            context().forward(factOf(record, now), LearnTopology.ALL_FACTS);
        } catch (UnreadableRecordException e) {
            metrics.deadLetter();
            context().forward(Letters.of(letters, context(), record, e), LearnTopology.LABEL_DEAD_LETTERS);
        }
    }

    private Record<byte[], byte[]> factOf(Record<byte[], byte[]> record, long now) {
        if (record.value() == null) {
            boolean forget = record.headers().lastHeader(Topics.FORGET_HEADER) != null;
            return facts.of(idOf(record, Optional.empty()), Truth.NOTHING, Optional.empty(), forget, now);
        }
        RecordLimits.check(record.key(), record.value(), record.headers(), Topics.MAX_POST_BYTES);
        Label label = codec.decode(record.value());
        Optional<String> said = label.getLabel();
        if (label.getTarget().filter(number -> !Targets.canBeLearned(number)).isPresent()) {
            throw new UnreadableRecordException(
                    "the target is " + label.getTarget().get()
                            + ", which is no number to learn from (it may have a size of " + Targets.LARGEST
                            + " at most); to withdraw it, leave it out");
        }
        if (said.filter(String::isBlank).isPresent()) {
            throw new UnreadableRecordException("the label is empty; to withdraw a label, leave it out");
        }
        if (said.filter(text -> !Facts.isShort(text)).isPresent()) {
            throw new UnreadableRecordException("the label has "
                    + said.orElseThrow().length() + " characters; it may have " + Facts.MOST_LABEL_CHARACTERS);
        }
        Truth truth = new Truth(said, label.getTarget());
        return facts.of(idOf(record, label.getPostId()), truth, label.getCreatedAt(), false, now);
    }

    private static String idOf(Record<byte[], byte[]> record, Optional<String> named) {
        return named.or(() -> Optional.ofNullable(record.key()).map(key -> new String(key, StandardCharsets.UTF_8)))
                .orElseThrow(() -> new UnreadableRecordException(
                        "the label says no post: it has no postId, and the record no key to take its place"));
    }
}
