package dev.sluice.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/**
 * The one way to write a record that seals and signatures go by: Avro binary, with the entries of maps by key, since a map
 * has no order in Avro and comes back in another after a journey.
 *
 * @param <T> the record; it has a public class of the contract
 */
record RecordBytes<T extends SpecificRecord>(Class<T> type) {

    /** In today's schema. */
    byte[] of(T value) {
        return of(value, value.getSchema());
    }

    /**
     * As a maker may have written it who knew an older schema: one for each published one that has words for all that the
     * record says. What has none was said by nobody who sealed or signed it in that schema.
     */
    Stream<byte[]> ofMakers(T value) {
        return PublishedSchemas.of(value.getSchema()).stream().flatMap(older -> {
            byte[] written = of(value, older);
            return read(written, older).filter(value::equals).isPresent() ? Stream.of(written) : Stream.empty();
        });
    }

    /** @param schema a published one: fields are only ever added behind the others of their record */
    private byte[] of(T value, Schema schema) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
        try {
            new SortedMapsWriter<>(type, schema).write(value, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // cannot happen: it is written to memory
        }
        return out.toByteArray();
    }

    /** @return empty if Avro cannot read it: it was just written, but of a stranger's record, which may be anything */
    private Optional<SpecificRecord> read(byte[] written, Schema schema) {
        try {
            return Optional.of(new SpecificDatumReader<T>(
                            schema, SpecificData.get().getSchema(type), SpecificData.getForClass(type))
                    .read(null, new OlderRecordDecoder(written, 0, written.length)));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private static final class SortedMapsWriter<T> extends SpecificDatumWriter<T> {
        SortedMapsWriter(Class<T> type, Schema schema) {
            super(schema, SpecificData.getForClass(type));
        }

        @Override
        @SuppressWarnings("unchecked") // the keys of every map of these records are strings
        protected Iterable<Map.Entry<Object, Object>> getMapEntries(Object map) {
            return new TreeMap<>((Map<Object, Object>) map).entrySet();
        }
    }
}
