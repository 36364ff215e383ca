package dev.sluice.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/** The golden bytes of every schema that was published for a record, and the same with odd content. */
public final class GoldenRecords {
    private static final Path GOLDEN = Path.of("../schemas/src/test/resources/dev/sluice/schemas/golden");
    private static final Path SCHEMAS = Path.of("../schemas/src/main/resources/dev/sluice/schemas/published");
    private static final int HEADER_BYTES = 10;
    private static final int FINGERPRINT_AT = 2;

    private final Map<Long, Schema> schemas = new HashMap<>();
    private final List<byte[]> bytes;

    private GoldenRecords(List<byte[]> bytes) {
        this.bytes = bytes;
    }

    /** The records that travel on topics, by name. */
    public static List<String> names() {
        return files(GOLDEN, "")
                .map(file -> file.getFileName().toString().replaceAll("\\..*", ""))
                .distinct()
                .toList();
    }

    public static GoldenRecords of(String name) {
        GoldenRecords records = new GoldenRecords(files(GOLDEN, name + ".")
                .map(file -> HexFormat.of().parseHex(text(file).replaceAll("\\s", "")))
                .toList());
        files(SCHEMAS, name + ".")
                .map(file -> new Schema.Parser().parse(text(file)))
                .forEach(schema -> {
                    records.schemas.put(SchemaNormalization.parsingFingerprint64(schema), schema);
                });
        return records;
    }

    /** Single-object Avro, one of each schema. */
    public List<byte[]> bytes() {
        return bytes;
    }

    /** One of {@link #bytes} with odd values in it. */
    public byte[] odd(byte[] record, SplittableRandom random) {
        long fingerprint =
                ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN).getLong(FINGERPRINT_AT);
        Schema schema = schemas.get(fingerprint);
        try {
            GenericData.Record read = new GenericDatumReader<GenericData.Record>(schema)
                    .read(
                            null,
                            DecoderFactory.get()
                                    .binaryDecoder(record, HEADER_BYTES, record.length - HEADER_BYTES, null));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(record, 0, HEADER_BYTES);
            BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
            new GenericDatumWriter<GenericData.Record>(schema).write(new OddRecords(random).of(read), encoder);
            encoder.flush();
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // cannot happen: both sides are in memory
        }
    }

    private static Stream<Path> files(Path folder, String prefix) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix)).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
