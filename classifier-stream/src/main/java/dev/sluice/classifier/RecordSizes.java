package dev.sluice.classifier;

import dev.sluice.runtime.TopicLimits;
import dev.sluice.schemas.UnreadableRecordException;
import org.apache.kafka.common.header.Headers;

/**
 * Asks whether a record will be taken by its topic, before it is sent: a refusal at send would come back with every
 * restart of the thread, and one post would hold up all behind it.
 */
record RecordSizes(TopicLimits limits, String what, String topic) {
    /** @throws UnreadableRecordException if the record is larger than its topic allows */
    void check(byte[] key, byte[] value, Headers headers) {
        check(key, value, headers, 0);
    }

    /**
     * As {@link #check(byte[], byte[], Headers)}.
     *
     * @param room bytes that may be added later
     */
    void check(byte[] key, byte[] value, Headers headers, int room) {
        long size = TopicLimits.sizeOf(key, value, headers) + room;
        if (size > limits.of(topic)) {
            throw new UnreadableRecordException("its " + what + " would take " + size + " bytes, its topic takes "
                    + limits.of(topic) + ": shorten the post, its attributes or its headers");
        }
    }
}
