package dev.sluice.schemas;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.DatumReader;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * A record as bytes: written in Avro's single-object encoding (C3 01, the schema's fingerprint, the body), so that every
 * published older schema is read without a registry; read also from JSON, which is told by its first character, so that
 * a line typed by a person works. Safe for use by several threads.
 *
 * <p>Source: Apache Avro specification, "Single-object encoding".
 */
public final class RecordCodec<T extends SpecificRecord> {
    static {
        TrustedRecords.install();
    }

    /** Marker (2 bytes) and fingerprint (8 bytes). */
    private static final int HEADER_BYTES = 10;

    private static final int FINGERPRINT_AT = 2;

    private static final byte CONFLUENT_MARKER = 0;
    private static final byte MARKER_0 = (byte) 0xC3;
    private static final byte MARKER_1 = 0x01;

    private final Schema schema;
    private final BinaryMessageEncoder<T> encoder;
    private final Map<Long, DatumReader<T>> readers = new HashMap<>();
    private final JsonRecords json;

    private RecordCodec(Class<T> type, List<Schema> older) {
        SpecificData model = new SpecificData(type.getClassLoader());
        schema = model.getSchema(type);
        SpecificData data = SpecificData.getForSchema(schema);
        encoder = new BinaryMessageEncoder<>(data, schema);
        older.forEach(writer -> addReader(data, writer));
        addReader(data, schema);
        json = new JsonRecords(schema);
    }

    @SuppressWarnings("unchecked") // the model makes readers of what its schema describes
    private void addReader(SpecificData data, Schema writer) {
        readers.put(SchemaNormalization.parsingFingerprint64(writer), (DatumReader<T>)
                data.createDatumReader(writer, schema));
    }

    /** The codec of a generated record class, able to read every schema published for it. */
    public static <T extends SpecificRecord> RecordCodec<T> of(Class<T> type) {
        return of(type, PublishedSchemas.of(SpecificData.get().getSchema(type)));
    }

    static <T extends SpecificRecord> RecordCodec<T> of(Class<T> type, List<Schema> older) {
        return new RecordCodec<>(type, older);
    }

    public byte[] encode(T record) {
        try {
            return toArray(encoder.encode(record));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // cannot happen: the encoder writes to memory
        }
    }

    /** One line of plain JSON: bytes in base64, times in ISO 8601, absent fields left out. */
    public byte[] encodeJson(T record) {
        return json.write(record);
    }

    /**
     * @param bytes single-object Avro, or JSON whose first character, after a byte order mark and white space, is an
     *     opening brace
     * @throws UnreadableRecordException with the reason, if they are neither
     */
    public T decode(byte[] bytes) {
        if (bytes == null || bytes.length == 0) {
            throw new UnreadableRecordException("the value is empty; a " + schema.getName() + " was expected");
        }
        return JsonRecords.looksLikeJson(bytes) ? decodeBody(json.toSingleObject(bytes)) : decodeAvro(bytes);
    }

    private T decodeAvro(byte[] bytes) {
        if (bytes[0] == CONFLUENT_MARKER) {
            throw new UnreadableRecordException(
                    "the value begins with 00, the framing of Confluent's schema registry, which"
                            + " is not read; write single-object Avro (C3 01) or JSON");
        }
        if (bytes.length < HEADER_BYTES || bytes[0] != MARKER_0 || bytes[1] != MARKER_1) {
            throw new UnreadableRecordException("the value is neither JSON (first character {) nor single-object Avro"
                    + " (first bytes C3 01); it begins with " + firstBytes(bytes));
        }
        return decodeBody(bytes);
    }

    /**
     * Avro's own decoder of messages reads them as a stream of unknown length, and makes room for whatever length a field
     * claims to have: twenty bytes can ask for all of the heap. A decoder of an array knows how much there is.
     */
    private T decodeBody(byte[] bytes) {
        DatumReader<T> reader = readers.get(
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(FINGERPRINT_AT));
        if (reader == null) {
            throw new UnreadableRecordException("the value was written with an unknown schema of " + schema.getName()
                    + " (perhaps by a newer writer: upgrade the readers first, then send it again)");
        }
        try {
            return reader.read(null, new OlderRecordDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES));
        } catch (IOException | RuntimeException e) { // bad bytes make Avro throw many kinds
            throw new UnreadableRecordException(
                    "the value is not a whole " + schema.getName() + ": " + messageOf(e), e);
        }
    }

    /** Avro's exceptions of bytes that end too early say nothing. */
    private static String messageOf(Exception e) {
        return e.getMessage() != null ? e.getMessage() : e instanceof EOFException ? "it ends too early" : e.toString();
    }

    /** Kafka's serializer and deserializer, writing Avro. Where bad bytes must not stop a reader, decode by hand instead. */
    public Serde<T> serde() {
        return serde(false);
    }

    /** As {@link #serde()}, but writing JSON. */
    public Serde<T> jsonSerde() {
        return serde(true);
    }

    private Serde<T> serde(boolean asJson) {
        return Serdes.serdeFrom(
                (topic, record) -> record == null ? null : asJson ? encodeJson(record) : encode(record),
                (topic, bytes) -> bytes == null ? null : decode(bytes));
    }

    /** The fingerprint by which readers know the schema: CRC-64-AVRO of its parsing canonical form. */
    long fingerprint() {
        return SchemaNormalization.parsingFingerprint64(schema);
    }

    Schema schema() {
        return schema;
    }

    static byte[] toArray(ByteBuffer bytes) {
        byte[] array = new byte[bytes.remaining()];
        bytes.duplicate().get(array);
        return array;
    }

    /** The first few, as text if they are plain characters, as people see them; else in hex. */
    private static String firstBytes(byte[] bytes) {
        byte[] first = Arrays.copyOf(bytes, Math.min(8, bytes.length));
        String text = new String(first, StandardCharsets.US_ASCII);
        return text.chars().allMatch(c -> c >= ' ' && c < 0x7F)
                ? '"' + text + '"'
                : HexFormat.ofDelimiter(" ").withUpperCase().formatHex(first);
    }
}
