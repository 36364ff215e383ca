package dev.sluice.runtime;

import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * When a post came in, on the records that are made of it: the timestamp of its record on {@code posts}, which each later
 * record would lose. It is a header since it is no part of the post ({@code createdAt} is its author's, and may be years ago),
 * and serves nothing but figures of latency: whoever leaves it out loses only these.
 */
public final class PostedAt {
    /** Milliseconds since 1970, as digits. */
    public static final String HEADER = "sluice.posted.at";

    private PostedAt() {}

    /** @return other headers: the given ones and the time, instead of what they said of it */
    public static Headers added(Headers headers, long millis) {
        Headers marked = new RecordHeaders(headers);
        marked.remove(HEADER);
        return marked.add(HEADER, Long.toString(millis).getBytes(StandardCharsets.UTF_8));
    }

    /** Empty if the headers do not tell, or tell no time. */
    public static OptionalLong of(Headers headers) {
        Header last = headers.lastHeader(HEADER);
        if (last == null || last.value() == null) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(new String(last.value(), StandardCharsets.UTF_8)));
        } catch (NumberFormatException e) {
            return OptionalLong.empty(); // a foreign writer's
        }
    }
}
