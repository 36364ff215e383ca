package dev.sluice.trainer;

import dev.sluice.schemas.Vectors;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/**
 * One hash for all examples that a version knows of, fitted or not: two versions of one fingerprint, seed and settings must
 * be the same. Each text stands behind its length, so that no two sets of examples write the same bytes; vectors are hashed
 * on their own, so that a keeper of the hashes alone can check a fingerprint.
 */
final class DatasetFingerprint {
    private DatasetFingerprint() {}

    /**
     * @param examples in any order, no id twice
     * @return 64 hex digits; what is hashed stands in the schema of {@code Training}
     */
    static String of(List<Example> examples) {
        MessageDigest all = sha256();
        MessageDigest one = sha256();
        examples.stream().sorted(Comparator.comparing(Example::id)).forEach(example -> {
            add(all, example.id());
            add(all, example.label().orElse(""));
            add(all, example.split().name() + target(example));
            one.update(Vectors.toBytes(example.vector()));
            all.update(one.digest());
        });
        return HexFormat.of().formatHex(all.digest());
    }

    /** To the last bit, so that nobody need agree on how a number is printed. */
    private static String target(Example example) {
        return example.target().isEmpty()
                ? ""
                : String.format(
                        " %016x", Double.doubleToLongBits(example.target().getAsDouble()));
    }

    private static void add(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        digest.update(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
