package dev.sluice.fuzz;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;

/** Records of a schema with values that are allowed and odd: numbers at the edges, no text, strange text, many of a kind, none. */
final class OddRecords {
    private static final double[] NUMBERS = {
        0,
        -0.0,
        1,
        -1,
        0.1,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.MIN_VALUE,
        Double.MAX_VALUE,
        Float.MAX_VALUE,
        Float.MIN_VALUE,
        1e-40,
        1e300
    };
    private static final long[] WHOLE = {
        0,
        1,
        -1,
        2,
        3,
        100,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        1L << 53,
        1795338000123L
    };
    private static final String[] TEXTS = {
        "",
        " ",
        "\u0000",
        "\uD83D\uDE80",
        "a\u0301\u0302",
        "\u202Etxet",
        "\uFEFF",
        "\uFFFF",
        "\"\\/\n\r\t\u2028",
        "NaN",
        "null",
        "{}",
        "default",
        "%s%n${x}",
        "../../etc/passwd",
        "x".repeat(5000),
        "\uD83D\uDE80".repeat(2000),
        "a@b ".repeat(500)
    };
    private static final int MOST_ITEMS = 300;

    private final SplittableRandom random;

    OddRecords(SplittableRandom random) {
        this.random = random;
    }

    /** The same record with one value changed somewhere in it, or a few. */
    GenericData.Record of(GenericData.Record record) {
        GenericData.Record changed = GenericData.get().deepCopy(record.getSchema(), record);
        for (int more = 1 << random.nextInt(3); more > 0; more--) {
            change(changed);
        }
        return changed;
    }

    private void change(GenericData.Record record) {
        List<Schema.Field> fields = record.getSchema().getFields();
        if (fields.isEmpty()) {
            return;
        }
        Schema.Field field = fields.get(random.nextInt(fields.size()));
        record.put(field.pos(), changed(record.get(field.pos()), field.schema()));
    }

    /** Goes down into the value more often than not, if there is anything in it. */
    private Object changed(Object value, Schema type) {
        boolean deeper = random.nextInt(4) > 0;
        if (deeper && value instanceof GenericData.Record record) {
            change(record);
            return record;
        }
        if (deeper && value instanceof List<?> list && !list.isEmpty()) {
            List<Object> copy = new ArrayList<>(list);
            int at = random.nextInt(copy.size());
            copy.set(at, changed(copy.get(at), arrayOf(type).getElementType()));
            return copy;
        }
        if (value instanceof List<?> list && !list.isEmpty()) {
            return resized(list);
        }
        if (value instanceof ByteBuffer bytes && bytes.hasRemaining()) {
            return oddBytes(bytes);
        }
        return any(type, 0);
    }

    private static Schema arrayOf(Schema type) {
        return type.getType() != Schema.Type.UNION
                ? type
                : type.getTypes().stream()
                        .filter(branch -> branch.getType() == Schema.Type.ARRAY)
                        .findFirst()
                        .orElseThrow();
    }

    private List<Object> resized(List<?> list) {
        List<Object> copy = new ArrayList<>(list);
        switch (random.nextInt(4)) {
            case 0 -> copy.clear();
            case 1 -> copy.remove(random.nextInt(copy.size()));
            case 2 -> copy.add(copy.get(random.nextInt(copy.size())));
            default -> {
                while (copy.size() < MOST_ITEMS) {
                    copy.add(list.get(random.nextInt(list.size())));
                }
            }
        }
        return copy;
    }

    /** Cut, longer, or with a float that is odd. */
    private ByteBuffer oddBytes(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        switch (random.nextInt(4)) {
            case 0 -> copy = Arrays.copyOf(copy, random.nextInt(copy.length));
            case 1 -> copy = Arrays.copyOf(copy, copy.length + 1 + random.nextInt(16));
            case 2 -> copy[random.nextInt(copy.length)] = (byte) random.nextInt();
            default -> {
                if (copy.length >= Float.BYTES) {
                    int at = random.nextInt(copy.length / Float.BYTES) * Float.BYTES;
                    int odd = Integer.reverseBytes(
                            Float.floatToRawIntBits((float) NUMBERS[random.nextInt(NUMBERS.length)]));
                    ByteBuffer.wrap(copy).putInt(at, odd);
                }
            }
        }
        return ByteBuffer.wrap(copy);
    }

    private Object any(Schema type, int depth) {
        return switch (type.getType()) {
            case UNION -> any(type.getTypes().get(random.nextInt(type.getTypes().size())), depth);
            case RECORD -> {
                GenericData.Record record = new GenericData.Record(type);
                type.getFields().forEach(field -> record.put(field.pos(), any(field.schema(), depth + 1)));
                yield record;
            }
            case ARRAY -> {
                List<Object> items = new ArrayList<>();
                for (int i = depth > 3 ? 0 : random.nextInt(3); i > 0; i--) {
                    items.add(any(type.getElementType(), depth + 1));
                }
                yield items;
            }
            case MAP -> {
                Map<String, Object> entries = new HashMap<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    entries.put(text(), any(type.getValueType(), depth + 1));
                }
                yield entries;
            }
            case ENUM ->
                new GenericData.EnumSymbol(
                        type,
                        type.getEnumSymbols()
                                .get(random.nextInt(type.getEnumSymbols().size())));
            case STRING -> text();
            case BYTES -> ByteBuffer.wrap(Mutations.bytes(random.nextInt(64), random));
            case INT -> (int) whole();
            case LONG -> whole();
            case FLOAT -> (float) NUMBERS[random.nextInt(NUMBERS.length)];
            case DOUBLE -> NUMBERS[random.nextInt(NUMBERS.length)];
            case BOOLEAN -> random.nextBoolean();
            default -> null;
        };
    }

    private long whole() {
        return WHOLE[random.nextInt(WHOLE.length)] + random.nextInt(-1, 2);
    }

    private String text() {
        return TEXTS[random.nextInt(TEXTS.length)];
    }
}
