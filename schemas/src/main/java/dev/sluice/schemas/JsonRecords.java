package dev.sluice.schemas;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.message.BinaryMessageEncoder;

/**
 * Records as the JSON that a person would write: no type tags on optional fields, bytes in base64, times in ISO 8601 or
 * epoch milliseconds, every field that has a default may be left out, and a number or a truth value stands for itself
 * where text is wanted. Fields that a record does not know go into its {@code attributes}, if it has some; else they are
 * an error, since a mistyped name must not pass for a wish.
 *
 * <p>Avro's own JSON encoding is not used: it wants {@code {"label":{"string":"x"}}}, and every field.
 */
final class JsonRecords {
    static final int MAX_DEPTH = 64;

    /** Characters of a string. Weights of a model are one. */
    static final int MAX_STRING = 64 * 1024 * 1024;

    /** Characters of a field's name. */
    static final int MAX_NAME = 10_000;

    /** Characters of a number. */
    static final int MAX_NUMBER = 1000;

    private static final Pattern BEYOND = Pattern.compile("\\((\\d+)\\) exceeds the maximum allowed \\((\\d+)");
    private static final String ATTRIBUTES = "attributes";

    private final JsonMapper mapper;
    private final Schema schema;
    private final BinaryMessageEncoder<Object> encoder;

    JsonRecords(Schema schema) {
        this(schema, MAX_STRING);
    }

    JsonRecords(Schema schema, int maxString) {
        this.mapper = mapper(maxString);
        this.schema = schema;
        this.encoder = new BinaryMessageEncoder<>(new GenericData(), schema);
    }

    private static JsonMapper mapper(int maxString) {
        StreamReadConstraints limits = StreamReadConstraints.builder()
                .maxNestingDepth(MAX_DEPTH)
                .maxStringLength(maxString)
                .maxNameLength(MAX_NAME)
                .maxNumberLength(MAX_NUMBER)
                .build();
        return JsonMapper.builder(
                        JsonFactory.builder().streamReadConstraints(limits).build())
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                .build();
    }

    /** Whether the first character, after a UTF-8 byte order mark and white space, is an opening brace. */
    static boolean looksLikeJson(byte[] bytes) {
        return firstCharacter(bytes) < bytes.length && bytes[firstCharacter(bytes)] == '{';
    }

    private static int firstCharacter(byte[] bytes) {
        boolean mark =
                bytes.length >= 3 && bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB && bytes[2] == (byte) 0xBF;
        int at = mark ? 3 : 0;
        while (at < bytes.length && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\n' || bytes[at] == '\r')) {
            at++;
        }
        return at;
    }

    /** The same record in single-object Avro. */
    byte[] toSingleObject(byte[] bytes) {
        int start = firstCharacter(bytes);
        try {
            JsonNode node = mapper.readTree(bytes, start, bytes.length - start);
            return RecordCodec.toArray(encoder.encode(recordOf(node, schema, schema.getName())));
        } catch (StreamConstraintsException e) {
            throw new UnreadableRecordException(beyond(e.getOriginalMessage()), e);
        } catch (JsonProcessingException e) {
            throw new UnreadableRecordException("not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) { // Jackson takes a brace and a zero for UTF-16 or UTF-32
            throw new UnreadableRecordException("not valid JSON, which is to be in UTF-8: " + e.getMessage(), e);
        }
    }

    /** Jackson's words name its own settings; what counts are the two numbers. */
    private static String beyond(String said) {
        Matcher numbers = BEYOND.matcher(said);
        if (!numbers.find()) {
            return "the JSON is beyond a limit: " + said;
        }
        String found = numbers.group(1);
        String most = numbers.group(2);
        if (said.contains("nesting depth")) {
            return "the JSON is nested " + found + " deep or more; it may be " + most + ": write it flatter";
        }
        String what = said.contains("String") ? "string" : said.contains("Number") ? "number" : "field's name";
        return "a " + what + " of the JSON has " + found + " characters or more; it may have " + most + ": shorten it";
    }

    private GenericData.Record recordOf(JsonNode node, Schema type, String path) {
        expect(node.isObject(), node, path, "an object");
        GenericData.Record record = new GenericData.Record(type);
        for (Schema.Field field : type.getFields()) {
            JsonNode value = node.get(field.name());
            String at = path + "." + field.name();
            if (value != null && !(value.isNull() && field.hasDefaultValue())) {
                record.put(field.pos(), valueOf(value, field.schema(), at));
            } else if (field.hasDefaultValue()) {
                record.put(field.pos(), GenericData.get().getDefaultValue(field));
            } else {
                throw new UnreadableRecordException("the field " + at + " is missing");
            }
        }
        addUnknownFields(node, type, path, record);
        return record;
    }

    private void addUnknownFields(JsonNode node, Schema type, String path, GenericData.Record record) {
        Map<String, String> unknown = new HashMap<>();
        node.properties().forEach(entry -> {
            if (type.getField(entry.getKey()) == null) {
                JsonNode value = entry.getValue();
                unknown.put(entry.getKey(), value.isValueNode() ? value.asText() : value.toString());
            }
        });
        if (unknown.isEmpty()) {
            return;
        }
        Schema.Field attributes = type.getField(ATTRIBUTES);
        if (attributes == null) {
            throw new UnreadableRecordException(path + " has no field " + String.join(", ", unknown.keySet())
                    + "; it has "
                    + type.getFields().stream().map(Schema.Field::name).collect(Collectors.joining(", ")));
        }
        ((Map<?, ?>) record.get(attributes.pos()))
                .forEach((key, value) -> unknown.put(key.toString(), value.toString()));
        record.put(attributes.pos(), unknown);
    }

    private Object valueOf(JsonNode node, Schema type, String path) {
        return switch (type.getType()) {
            case UNION -> node.isNull() && type.isNullable() ? null : valueOf(node, onlyBranch(type), path);
            case RECORD -> recordOf(node, type, path);
            case ENUM -> JsonScalars.symbolOf(node, type, path);
            case ARRAY -> {
                expect(node.isArray(), node, path, "an array");
                GenericData.Array<Object> array = new GenericData.Array<>(node.size(), type);
                int i = 0;
                for (Iterator<JsonNode> items = node.elements(); items.hasNext(); i++) {
                    array.add(valueOf(items.next(), type.getElementType(), path + "[" + i + "]"));
                }
                yield array;
            }
            case MAP -> {
                expect(node.isObject(), node, path, "an object");
                Map<String, Object> map = new HashMap<>();
                node.properties()
                        .forEach(entry -> map.put(
                                entry.getKey(),
                                valueOf(entry.getValue(), type.getValueType(), path + "." + entry.getKey())));
                yield map;
            }
            default -> JsonScalars.read(node, type, path);
        };
    }

    /** Our unions are either optional fields or have room for later kinds: one branch beside null. */
    private static Schema onlyBranch(Schema union) {
        return union.getTypes().stream()
                .filter(branch -> branch.getType() != Schema.Type.NULL)
                .findFirst()
                .orElseThrow();
    }

    static void expect(boolean fits, JsonNode node, String path, String wanted) {
        if (!fits) {
            throw new UnreadableRecordException("the field " + path + " must be " + wanted + ", not "
                    + node.getNodeType().name().toLowerCase(Locale.ROOT));
        }
    }

    /** One line, in the order of the schema's fields; absent fields are left out. */
    byte[] write(IndexedRecord record) {
        try {
            return mapper.writeValueAsBytes(toJson(record));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e); // cannot happen: the tree was built here
        }
    }

    private ObjectNode toJson(IndexedRecord record) {
        ObjectNode node = mapper.createObjectNode();
        for (Schema.Field field : record.getSchema().getFields()) {
            Object value = record.get(field.pos());
            if (value != null) {
                node.set(field.name(), toJson(value));
            }
        }
        return node;
    }

    private JsonNode toJson(Object value) {
        if (value instanceof IndexedRecord record) {
            return toJson(record);
        }
        if (value instanceof Iterable<?> items) {
            var array = mapper.createArrayNode();
            items.forEach(item -> array.add(toJson(item)));
            return array;
        }
        if (value instanceof Map<?, ?> map) {
            var object = mapper.createObjectNode();
            map.forEach((key, item) -> object.set(key.toString(), toJson(item)));
            return object;
        }
        return JsonScalars.write(value, mapper.getNodeFactory());
    }
}
