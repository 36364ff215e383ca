package dev.sluice.classifier;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Which posts a canary answers: those whose hash lies low. So the same post always meets the same arm, on any instance and
 * after a restart, anybody can work it out, and a larger share only adds posts.
 */
final class CanaryShare {
    private CanaryShare() {}

    /**
     * Whether the first 8 bytes of SHA-256(id as UTF-8), as an unsigned big-endian number, divided by 2^64, are less than
     * the share. Only the first 53 bits are looked at: so many a double holds.
     *
     * @param share 0 to 1; at 0 no post is held, at 1 every one
     */
    static boolean holds(String postId, double share) {
        long first = ByteBuffer.wrap(sha256(postId)).getLong();
        return (first >>> 11) * 0x1p-53 < share;
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
