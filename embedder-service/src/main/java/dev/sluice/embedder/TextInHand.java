package dev.sluice.embedder;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/** A text that the model is yet to answer, and the posts that wait for it: the same text in several posts is asked for once. */
final class TextInHand {
    /** One post and what is to be filled in when the answer comes. */
    record Claim(PostInHand post, Draft draft) {}

    /** What a text costs in a call beside itself: the names and braces around it. */
    private static final int BYTES_AROUND = 256;

    private final String text;
    private final long since;
    private final int bytes;
    private final List<Claim> claims = new ArrayList<>();
    private boolean called;

    /** @param since when it came, in milliseconds */
    TextInHand(String text, long since) {
        this.text = text;
        this.since = since;
        this.bytes = BYTES_AROUND + jsonBytes(text);
    }

    /** An upper bound of the text's length in a JSON string of UTF-8. */
    static int jsonBytes(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean escaped = c < 0x20 || Character.isSurrogate(c);
            bytes += escaped ? 6 : c == '"' || c == '\\' ? 2 : c < 0x80 ? 1 : 3;
        }
        return bytes;
    }

    String text() {
        return text;
    }

    long since() {
        return since;
    }

    int bytes() {
        return bytes;
    }

    List<Claim> claims() {
        return claims;
    }

    void claim(PostInHand post, Draft draft) {
        claims.add(new Claim(post, draft));
    }

    void dropClaims(Collection<TopicPartition> partitions) {
        claims.removeIf(claim -> partitions.contains(claim.post().partition()));
    }

    boolean isCalled() {
        return called;
    }

    void setCalled() {
        called = true;
    }
}
