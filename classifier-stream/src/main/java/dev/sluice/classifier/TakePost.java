package dev.sluice.classifier;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.UnreadableRecordException;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the fact that a post is there. What cannot be read is passed over in silence: the other topology reads the same
 * records and has made dead letters of them.
 */
final class TakePost extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
    private static final Logger LOG = LoggerFactory.getLogger(TakePost.class);

    /** What a label may add to the post when it joins: a character takes 3 bytes at most; its length and a target, 16. */
    private static final int LABEL_ROOM = 3 * Facts.MOST_LABEL_CHARACTERS + 16;

    private final RecordCodec<EmbeddedPost> codec;
    private final Facts facts;
    private final RecordSizes sizes;

    TakePost(RecordCodec<EmbeddedPost> codec, Facts facts, RecordSizes sizes) {
        this.codec = codec;
        this.facts = facts;
        this.sizes = sizes;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        try {
            PostVector post = PostVector.read(codec, record.key(), record.value(), record.headers());
            Record<byte[], byte[]> fact = facts.of(post, context().currentSystemTimeMs());
            sizes.check(fact.key(), fact.value(), fact.headers(), LABEL_ROOM);
            context().forward(fact);
        } catch (UnreadableRecordException e) {
            LOG.debug("passed over: {}", e.getMessage());
        }
    }
}
