package dev.sluice.embedder;

import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Post;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The name of a post: its own id, else the record's key, else a hash of the record's place on the topic. A post keeps its
 * name however often it is read, since the place does not change either.
 */
final class PostIds {
    private static final int HEX_DIGITS = 32; // 128 bits: no two posts of one Kafka will share a hash

    private PostIds() {}

    static String of(Post post, ConsumerRecord<byte[], byte[]> record) {
        return post.getId()
                .filter(id -> !id.isEmpty())
                .or(() -> keyOf(record))
                .orElseGet(() -> hashOf(record.topic(), record.partition(), record.offset()));
    }

    /** A key that is not UTF-8 names nothing: two such keys could become the same text. */
    private static Optional<String> keyOf(ConsumerRecord<byte[], byte[]> record) {
        return Optional.ofNullable(record.key())
                .flatMap(key -> Charsets.strictly(StandardCharsets.UTF_8, key))
                .filter(key -> !key.isEmpty());
    }

    private static String hashOf(String topic, int partition, long offset) {
        byte[] name = topic.getBytes(StandardCharsets.UTF_8);
        ByteBuffer place = ByteBuffer.allocate(name.length + 1 + Integer.BYTES + Long.BYTES)
                .put(name)
                .put((byte) 0)
                .putInt(partition)
                .putLong(offset);
        return ModelVersions.sha256(place.array()).substring(0, HEX_DIGITS);
    }
}
