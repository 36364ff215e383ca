package dev.sluice.runtime;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.header.Header;

/**
 * What a record from outside may bring with it. Kafka limits a batch as it travels, which may be compressed a thousandfold,
 * so each part has a limit here, before anything is made of it. Far above what posts need; whoever meets one learns which,
 * by how much, and what to do.
 */
public final class RecordLimits {
    /** A key becomes a post's id, and that a key of stores and compacted topics. */
    public static final int MAX_KEY_BYTES = 32 * 1024;

    /** Headers travel on to the prediction. */
    public static final int MAX_HEADERS = 128;

    /** Names and values of all headers together. */
    public static final int MAX_HEADER_BYTES = 64 * 1024;

    /** Unknown fields of a post in JSON count too: they are kept as attributes. */
    public static final int MAX_ATTRIBUTES = 1000;

    public static final int MAX_TEXT_CHARACTERS = 1024 * 1024;

    /** Added by Sluice on a record's way: who may send the most would else be refused one step later. Once each, and short. */
    private static final Set<String> OWN_HEADERS = Set.of(PostedAt.HEADER, DeadLetters.REDRIVES);

    /** The digits of a long. */
    private static final int MAX_OWN_BYTES = 19;

    private RecordLimits() {}

    /**
     * The headers that Sluice adds itself do not count, however full the record came.
     *
     * @param key may be null
     * @param value may be null
     * @param maxValueBytes see {@link dev.sluice.schemas.Topics#MAX_POST_BYTES} and its kin
     * @throws UnreadableRecordException naming the limit, what the record has, and the cure
     */
    public static void check(byte[] key, byte[] value, Iterable<Header> headers, int maxValueBytes) {
        refuseAbove(maxValueBytes, value == null ? 0 : value.length, "the value", "bytes", "send less, or in parts");
        refuseAbove(MAX_KEY_BYTES, key == null ? 0 : key.length, "the key", "bytes", "use a shorter id");
        int count = 0;
        long bytes = 0;
        Set<String> own = new HashSet<>();
        for (Header header : headers) {
            if (mayBeOwn(header) && own.add(header.key())) {
                continue;
            }
            count++;
            bytes += header.key().getBytes(StandardCharsets.UTF_8).length;
            bytes += header.value() == null ? 0 : header.value().length;
        }
        refuseAbove(MAX_HEADERS, count, "the record", "headers", "send fewer, or put them into the value");
        refuseAbove(MAX_HEADER_BYTES, bytes, "the headers together", "bytes", "send fewer, or put them into the value");
    }

    private static boolean mayBeOwn(Header header) {
        return OWN_HEADERS.contains(header.key()) && header.value() != null && header.value().length <= MAX_OWN_BYTES;
    }

    /** @throws UnreadableRecordException as {@link #check} */
    public static void check(Post post) {
        refuseAbove(
                MAX_ATTRIBUTES, post.getAttributes().size(), "the post", "attributes", "put several into one as text");
        post.getId()
                .ifPresent(id -> refuseAbove(
                        MAX_KEY_BYTES,
                        id.getBytes(StandardCharsets.UTF_8).length,
                        "the post's id",
                        "bytes",
                        "use a shorter one"));
    }

    /** @throws UnreadableRecordException as {@link #check} */
    public static void checkText(String text) {
        refuseAbove(MAX_TEXT_CHARACTERS, text.length(), "the text", "characters", "shorten it, or send it in parts");
    }

    private static void refuseAbove(long limit, long found, String what, String unit, String cure) {
        if (found > limit) {
            String has = what.endsWith("together") ? " have " : " has ";
            throw new UnreadableRecordException(what + has + found + " " + unit + "; "
                    + (what.endsWith("together") ? "they" : "it") + " may have " + limit + ": " + cure);
        }
    }
}
