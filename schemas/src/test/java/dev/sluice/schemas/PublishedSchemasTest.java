package dev.sluice.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What was published stays readable: for each number of each record there is a schema and the bytes of the example, as they
 * were written then. To publish a change, run with {@code -Dpublish=true}: it adds what is missing and changes nothing.
 */
class PublishedSchemasTest {
    private static final Path SCHEMAS = Path.of("src/main/resources/dev/sluice/schemas/published");
    private static final Path GOLDEN = Path.of("src/test/resources/dev/sluice/schemas/golden");

    static List<SpecificRecord> records() {
        return Examples.all();
    }

    @ParameterizedTest
    @MethodSource("records")
    <T extends SpecificRecord> void shouldHaveTheCurrentSchemaAsTheNewestWhenASchemaIsPublished(T record)
            throws IOException {
        publishIfAsked(record);

        List<Schema> published = PublishedSchemas.of(record.getSchema());

        assertThat(published).isNotEmpty();
        assertThat(SchemaNormalization.toParsingForm(published.get(published.size() - 1)))
                .as("the schema changed: publish it as the next number, the published ones must stay")
                .isEqualTo(SchemaNormalization.toParsingForm(record.getSchema()));
    }

    @ParameterizedTest
    @MethodSource("records")
    <T extends SpecificRecord> void shouldReadTheGoldenBytesWhenAnyPublishedSchemaWroteThem(T record)
            throws IOException {
        int newest = PublishedSchemas.of(record.getSchema()).size();
        for (int number = 1; number <= newest; number++) {
            byte[] golden = goldenOf(record, number);

            SpecificRecord read = codecOf(record).decode(golden);

            if (number == newest) {
                assertThat(read).isEqualTo(record);
            }
        }
    }

    /** Few bytes are left behind a list's few elements: fewer than the same elements would take in today's schema. */
    @ParameterizedTest
    @MethodSource("records")
    <T extends SpecificRecord> void shouldReadTheSmallestRecordWithOneElementInEachListWhenAnyPublishedSchemaWroteIt(
            T record) throws IOException {
        for (Schema schema : PublishedSchemas.of(record.getSchema())) {
            ByteBuffer written = new BinaryMessageEncoder<>(GenericData.get(), schema).encode(smallest(schema, true));

            SpecificRecord read = codecOf(record).decode(RecordCodec.toArray(written));

            assertThat(read.getSchema()).isEqualTo(record.getSchema());
        }
    }

    /** @param lists whether the lists that are not within another have an element */
    private static Object smallest(Schema schema, boolean lists) {
        return switch (schema.getType()) {
            case RECORD -> {
                GenericData.Record record = new GenericData.Record(schema);
                schema.getFields().forEach(field -> record.put(field.pos(), smallest(field.schema(), lists)));
                yield record;
            }
            case ARRAY -> lists ? List.of(smallest(schema.getElementType(), false)) : List.of();
            case MAP -> Map.of();
            case UNION ->
                smallest(
                        schema.getTypes().stream()
                                .filter(branch -> branch.getType() != Schema.Type.NULL)
                                .findFirst()
                                .orElseThrow(),
                        lists);
            case ENUM ->
                new GenericData.EnumSymbol(schema, schema.getEnumSymbols().get(0));
            case STRING -> "";
            case BYTES -> ByteBuffer.allocate(0);
            case INT -> 0;
            case LONG -> 0L;
            case FLOAT -> 0f;
            case DOUBLE -> 0.0;
            case BOOLEAN -> false;
            default -> throw new IllegalArgumentException("no record of ours holds a " + schema.getType());
        };
    }

    /** Reading is not enough: what an older service wrote must all be there, so it can be written as it was. */
    @ParameterizedTest
    @MethodSource("records")
    <T extends SpecificRecord> void shouldLoseNothingWhenAnOlderServiceWroteIt(T record) throws IOException {
        List<Schema> published = PublishedSchemas.of(record.getSchema());
        for (int number = 1; number <= published.size(); number++) {
            byte[] golden = goldenOf(record, number);
            SpecificRecord read = codecOf(record).decode(golden);

            ByteBuffer again = new BinaryMessageEncoder<>(
                            SpecificData.getForSchema(read.getSchema()), published.get(number - 1))
                    .encode(read);

            assertThat(HexFormat.of().formatHex(RecordCodec.toArray(again)))
                    .as("%s.%d", record.getSchema().getName(), number)
                    .isEqualTo(HexFormat.of().formatHex(golden));
        }
    }

    /** What an older service did not write is read as this, so it may never mean anything else. */
    @ParameterizedTest
    @MethodSource("records")
    <T extends SpecificRecord> void shouldReadWhatWasNotWrittenAsEverWhenASchemaWasPublished(T record) {
        Map<String, Object> now = defaultsIn(record.getSchema());
        int number = 0;
        for (Schema published : PublishedSchemas.of(record.getSchema())) {
            number++;
            Map<String, Object> then = defaultsIn(published);
            then.keySet().retainAll(now.keySet());

            assertThat(now)
                    .as("defaults of %s.%d", record.getSchema().getName(), number)
                    .containsAllEntriesOf(then);
        }
    }

    /** By record and field, of all records that are within; enums have one too. */
    private static Map<String, Object> defaultsIn(Schema schema) {
        Map<String, Object> defaults = new HashMap<>();
        addDefaults(schema, defaults, new HashSet<>());
        return defaults;
    }

    private static void addDefaults(Schema schema, Map<String, Object> defaults, Set<String> seen) {
        switch (schema.getType()) {
            case ARRAY -> addDefaults(schema.getElementType(), defaults, seen);
            case MAP -> addDefaults(schema.getValueType(), defaults, seen);
            case UNION -> schema.getTypes().forEach(branch -> addDefaults(branch, defaults, seen));
            case ENUM ->
                Optional.ofNullable(schema.getEnumDefault())
                        .ifPresent(symbol -> defaults.put(schema.getName(), symbol));
            case RECORD -> {
                if (seen.add(schema.getFullName())) {
                    schema.getFields().forEach(field -> {
                        if (field.hasDefaultValue()) {
                            defaults.put(schema.getName() + "." + field.name(), field.defaultVal());
                        }
                        addDefaults(field.schema(), defaults, seen);
                    });
                }
            }
            default -> {}
        }
    }

    @Test
    void shouldHaveAnExampleAndGoldenBytesWhenASchemaIsPublished() throws IOException {
        Set<String> examples = Examples.all().stream()
                .map(record -> record.getSchema().getName())
                .collect(Collectors.toSet());

        assertThat(namesIn(SCHEMAS, ".avsc")).isEqualTo(namesIn(GOLDEN, ".hex"));
        assertThat(namesIn(SCHEMAS, ".avsc").stream().map(name -> name.substring(0, name.indexOf('.'))))
                .allMatch(examples::contains);
        for (SpecificRecord record : Examples.all()) {
            String name = record.getSchema().getName();
            int numbers = PublishedSchemas.of(record.getSchema()).size();
            assertThat(namesIn(SCHEMAS, ".avsc").stream().filter(each -> each.startsWith(name + ".")))
                    .as("no number of %s is left out", name)
                    .hasSize(numbers);
        }
    }

    private static Set<String> namesIn(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString().replace(ending, ""))
                    .collect(Collectors.toSet());
        }
    }

    @ParameterizedTest
    @MethodSource("records")
    <T extends SpecificRecord> void shouldWriteTheGoldenBytesWhenTheExampleIsWritten(T record) throws IOException {
        int newest = PublishedSchemas.of(record.getSchema()).size();

        byte[] written = codecOf(record).encode(record);

        assertThat(HexFormat.of().formatHex(written)).isEqualTo(HexFormat.of().formatHex(goldenOf(record, newest)));
    }

    private static byte[] goldenOf(SpecificRecord record, int number) throws IOException {
        String hex = Files.readString(GOLDEN.resolve(record.getSchema().getName() + "." + number + ".hex"));
        return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    }

    @SuppressWarnings("unchecked")
    private static <T extends SpecificRecord> RecordCodec<T> codecOf(T record) {
        return RecordCodec.of((Class<T>) record.getClass());
    }

    private static <T extends SpecificRecord> void publishIfAsked(T record) throws IOException {
        List<Schema> published = PublishedSchemas.of(record.getSchema());
        boolean isNew =
                published.isEmpty() || !published.get(published.size() - 1).equals(record.getSchema());
        if (!Boolean.getBoolean("publish") || !isNew) {
            return;
        }
        String name = record.getSchema().getName() + "." + (published.size() + 1);
        Files.createDirectories(GOLDEN);
        Files.writeString(
                SCHEMAS.resolve(name + ".avsc"), SchemaFormatter.format("json/pretty", record.getSchema()) + "\n");
        String hex = HexFormat.of().formatHex(codecOf(record).encode(record));
        Files.writeString(GOLDEN.resolve(name + ".hex"), hex.replaceAll("(.{100})", "$1\n") + "\n");
    }
}
