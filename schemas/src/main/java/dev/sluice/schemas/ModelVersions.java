package dev.sluice.schemas;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Keys and seals of model versions. A seal is the SHA-256 over the whole record, less the seal itself and the signature
 * (which signs the seal, and may be made later), in the schema that its maker knew: one made before a field was added to
 * the record stays sound.
 */
public final class ModelVersions {
    static {
        TrustedRecords.install();
    }

    /** What {@code Training.promotion} says of a version that was deployed with its publication. */
    public static final String DEPLOYED = "deployed";

    private static final RecordBytes<ModelVersion> BYTES = new RecordBytes<>(ModelVersion.class);

    private ModelVersions() {}

    /** Why the trainer published the version without deploying it; empty if it did deploy it, or says nothing. */
    public static Optional<String> heldBack(ModelVersion version) {
        return Optional.of(version.getTraining().getPromotion())
                .filter(promotion -> !promotion.isEmpty() && !promotion.equals(DEPLOYED));
    }

    /** The record key on {@code models}: {@code classifier/version}. */
    public static String keyOf(String classifier, int version) {
        return classifier + "/" + version;
    }

    /** The same version with its seal set. */
    public static ModelVersion seal(ModelVersion version) {
        return ModelVersion.newBuilder(version).setSha256(sha256Of(version)).build();
    }

    /** The seal that the version ought to carry: SHA-256, 64 hex digits, of its Avro binary with an empty sha256, no signature, and maps by key. */
    public static String sha256Of(ModelVersion version) {
        return sha256(BYTES.of(unsealed(version)));
    }

    private static ModelVersion unsealed(ModelVersion version) {
        return ModelVersion.newBuilder(version).setSha256("").setSignature(null).build();
    }

    /**
     * Whether the version carries the seal that it ought to, in any schema published so far. In an older one only if it
     * says nothing that this schema has no words for: nobody would have sealed that.
     */
    static boolean isSealed(ModelVersion version) {
        if (sha256Of(version).equals(version.getSha256())) {
            return true;
        }
        return BYTES.ofMakers(unsealed(version))
                .anyMatch(written -> sha256(written).equals(version.getSha256()));
    }

    /** SHA-256 in 64 hex digits. */
    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
