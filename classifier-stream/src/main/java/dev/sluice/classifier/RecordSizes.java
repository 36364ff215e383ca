package dev.sluice.classifier;

import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Asks whether a record will be taken by its topic, before it is sent: a refusal at send would come back with every
 * restart of the thread, and one post would hold up all behind it.
 */
final class RecordSizes {
    /** More than the framing of a batch (61 bytes), of its one record (21) and of a header (10) ever takes. */
    private static final int BATCH_FRAMING = 256;

    private static final int HEADER_FRAMING = 16;

    private RecordSizes() {}

    /** @throws UnreadableRecordException if the record is larger than the topics of posts allow */
    static void check(String what, byte[] key, byte[] value, Headers headers) {
        check(what, key, value, headers, 0);
    }

    /**
     * As {@link #check(String, byte[], byte[], Headers)}.
     *
     * @param room bytes that may be added later
     */
    static void check(String what, byte[] key, byte[] value, Headers headers, int room) {
        long size = BATCH_FRAMING + (long) key.length + value.length + room;
        for (Header header : headers) {
            size += HEADER_FRAMING + header.key().getBytes(StandardCharsets.UTF_8).length;
            size += header.value() == null ? 0 : header.value().length;
        }
        if (size > Topics.MAX_NESTED_POST_BYTES) {
            throw new UnreadableRecordException(
                    "its " + what + " would take " + size + " bytes, its topic takes " + Topics.MAX_NESTED_POST_BYTES);
        }
    }
}
