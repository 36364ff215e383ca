package dev.sluice.embedder;

import dev.sluice.schemas.Post;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A post that only lacks its vector.
 *
 * @param record as it was read
 * @param post with an id
 * @param text what is to be embedded, not empty
 */
record Draft(ConsumerRecord<byte[], byte[]> record, Post post, String text) {}
