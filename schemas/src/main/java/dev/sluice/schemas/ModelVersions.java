package dev.sluice.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;

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
        return sha256(binary(unsealed(version)));
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
        ModelVersion unsealed = unsealed(version);
        return PublishedSchemas.of(ModelVersion.getClassSchema()).stream().anyMatch(older -> {
            byte[] written = binary(unsealed, older);
            return sha256(written).equals(version.getSha256())
                    && read(written, older).equals(unsealed);
        });
    }

    /** SHA-256 in 64 hex digits. */
    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static byte[] binary(ModelVersion version) {
        return binary(version, ModelVersion.getClassSchema());
    }

    /** @param schema a published one: fields are only ever added behind the others of their record */
    private static byte[] binary(ModelVersion version, Schema schema) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
        try {
            new SortedMapsWriter(schema).write(version, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // cannot happen: it is written to memory
        }
        return out.toByteArray();
    }

    private static ModelVersion read(byte[] written, Schema schema) {
        try {
            return new SpecificDatumReader<ModelVersion>(
                            schema, ModelVersion.getClassSchema(), SpecificData.getForClass(ModelVersion.class))
                    .read(null, DecoderFactory.get().binaryDecoder(written, null));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // cannot happen: it was just written
        }
    }

    /** A map's entries have no order in Avro, and come back in another after a journey: a seal needs one. */
    private static final class SortedMapsWriter extends SpecificDatumWriter<ModelVersion> {
        SortedMapsWriter(Schema schema) {
            super(schema, SpecificData.getForClass(ModelVersion.class));
        }

        @Override
        @SuppressWarnings("unchecked") // the keys of every map of this record are strings
        protected Iterable<Map.Entry<Object, Object>> getMapEntries(Object map) {
            return new TreeMap<>((Map<Object, Object>) map).entrySet();
        }
    }
}
