package dev.sluice.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.Locale;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;

/** The leaves of a JSON record: text, numbers, bytes, times and symbols. */
final class JsonScalars {
    private JsonScalars() {}

    static Object read(JsonNode node, Schema type, String path) {
        if (type.getLogicalType() instanceof LogicalTypes.TimestampMillis) {
            return timeOf(node, path);
        }
        return switch (type.getType()) {
            case STRING -> {
                JsonRecords.expect(node.isValueNode() && !node.isNull(), node, path, "text");
                yield node.asText();
            }
            case BYTES -> bytesOf(node, path);
            case INT -> {
                JsonRecords.expect(
                        node.canConvertToInt() && node.canConvertToExactIntegral(), node, path, "a whole number");
                yield node.intValue();
            }
            case LONG -> {
                JsonRecords.expect(
                        node.canConvertToLong() && node.canConvertToExactIntegral(), node, path, "a whole number");
                yield node.longValue();
            }
            case FLOAT -> {
                JsonRecords.expect(node.isNumber(), node, path, "a number");
                yield node.floatValue();
            }
            case DOUBLE -> {
                JsonRecords.expect(node.isNumber(), node, path, "a number");
                yield node.doubleValue();
            }
            case BOOLEAN -> {
                JsonRecords.expect(node.isBoolean(), node, path, "true or false");
                yield node.booleanValue();
            }
            default -> throw new IllegalStateException("no JSON for " + type.getType());
        };
    }

    /** A symbol in any case; one that this reader does not know becomes the enum's default. */
    static GenericData.EnumSymbol symbolOf(JsonNode node, Schema type, String path) {
        JsonRecords.expect(node.isTextual(), node, path, "one of " + type.getEnumSymbols());
        String symbol = node.asText().toUpperCase(Locale.ROOT);
        return new GenericData.EnumSymbol(type, type.hasEnumSymbol(symbol) ? symbol : type.getEnumDefault());
    }

    private static ByteBuffer bytesOf(JsonNode node, String path) {
        JsonRecords.expect(node.isTextual(), node, path, "base64");
        try {
            return ByteBuffer.wrap(Base64.getDecoder().decode(node.asText()));
        } catch (IllegalArgumentException e) {
            throw new UnreadableRecordException("the field " + path + " is not base64: " + e.getMessage(), e);
        }
    }

    private static long timeOf(JsonNode node, String path) {
        if (node.isIntegralNumber() && node.canConvertToLong()) {
            return node.longValue();
        }
        JsonRecords.expect(node.isTextual(), node, path, "a time (ISO 8601, or milliseconds since 1970)");
        try {
            return OffsetDateTime.parse(node.asText()).toInstant().toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            throw new UnreadableRecordException(
                    "the field " + path + " is not a time in ISO 8601 with an offset, as 2026-11-22T09:00:00Z", e);
        }
    }

    static JsonNode write(Object value, JsonNodeFactory json) {
        if (value instanceof ByteBuffer bytes) {
            return json.textNode(Base64.getEncoder().encodeToString(RecordCodec.toArray(bytes)));
        }
        if (value instanceof Integer number) {
            return json.numberNode(number);
        }
        if (value instanceof Long number) {
            return json.numberNode(number);
        }
        if (value instanceof Float number) {
            return json.numberNode(number);
        }
        if (value instanceof Double number) {
            return json.numberNode(number);
        }
        if (value instanceof Boolean truth) {
            return json.booleanNode(truth);
        }
        if (value instanceof Instant || value instanceof Enum<?> || value instanceof CharSequence) {
            return json.textNode(value.toString());
        }
        throw new IllegalStateException("no JSON for " + value.getClass());
    }
}
