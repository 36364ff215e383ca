package dev.sluice.classifier;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.UnreadableRecordException;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes on the posts whose label is known, by post id. What cannot be read is passed over in silence: the other topology
 * reads the same records and has made dead letters of them.
 */
final class ForwardLabelled extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
    private static final Logger LOG = LoggerFactory.getLogger(ForwardLabelled.class);

    private final RecordCodec<EmbeddedPost> codec;

    ForwardLabelled(RecordCodec<EmbeddedPost> codec) {
        this.codec = codec;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        try {
            PostVector post = PostVector.read(codec, record.key(), record.value());
            if (post.post().getPost().getLabel().isPresent()) {
                byte[] value = codec.encode(post.post());
                RecordSizes.check("example", post.key(), value, record.headers());
                long now = context().currentSystemTimeMs();
                context().forward(new Record<>(post.key(), value, now, record.headers()));
            }
        } catch (UnreadableRecordException e) {
            LOG.debug("passed over: {}", e.getMessage());
        }
    }
}
