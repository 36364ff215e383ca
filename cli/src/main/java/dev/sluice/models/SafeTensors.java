package dev.sluice.models;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.StreamSupport;

/**
 * Arrays of float32 by name, in the safetensors format: the length of a header (8 bytes, little-endian), the header in JSON, then
 * the bytes. It holds numbers and text and nothing that runs, a dozen lines read it in any language, and the libraries of
 * that name do.
 *
 * @param metadata texts by name
 */
record SafeTensors(Map<String, Tensor> tensors, Map<String, String> metadata) {
    private static final String METADATA = "__metadata__";
    private static final String FLOAT32 = "F32";
    private static final String INT64 = "I64";
    private static final Map<String, Integer> BYTES_EACH = Map.of(FLOAT32, Float.BYTES, INT64, Long.BYTES);
    private static final int LENGTH_BYTES = 8;

    /** The bytes begin at a multiple of this, so that they can be read in place. */
    private static final int ALIGNMENT = 8;

    /** As the format has it: a header that is larger is not looked at. */
    static final int LONGEST_HEADER = 100_000_000;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(LONGEST_HEADER)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .build();

    SafeTensors {
        tensors = new LinkedHashMap<>(tensors);
        metadata = new TreeMap<>(metadata);
    }

    /**
     * An array.
     *
     * @param shape lengths of its dimensions
     * @param bytes row-major, little-endian
     * @param type F32 or I64
     */
    record Tensor(List<Integer> shape, ByteBuffer bytes, String type) {
        Tensor {
            shape = List.copyOf(shape);
            bytes = bytes.slice();
        }

        Tensor(List<Integer> shape, ByteBuffer floats) {
            this(shape, floats, FLOAT32);
        }

        static Tensor ofLongs(List<Integer> shape, ByteBuffer longs) {
            return new Tensor(shape, longs, INT64);
        }
    }

    /** The array of this name, if it is there, of floats, and has so many dimensions. */
    Optional<Tensor> tensor(String name, int dimensions) {
        return tensor(name, dimensions, FLOAT32);
    }

    /** The same of longs. */
    Optional<Tensor> longs(String name, int dimensions) {
        return tensor(name, dimensions, INT64);
    }

    private Optional<Tensor> tensor(String name, int dimensions, String type) {
        Optional<Tensor> found = Optional.ofNullable(tensors.get(name));
        found.ifPresent(tensor ->
                check(tensor.type().equals(type), name + " is of the type " + tensor.type() + ", wanted is " + type));
        found.filter(tensor -> tensor.shape().size() != dimensions).ifPresent(tensor -> {
            throw new InvalidPresetException(
                    name + " must have " + dimensions + " dimensions, not the shape " + tensor.shape());
        });
        return found;
    }

    byte[] toBytes() {
        ObjectNode header = JsonNodeFactory.instance.objectNode();
        metadata.forEach((name, text) -> header.withObjectProperty(METADATA).put(name, text));
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        tensors.forEach((name, tensor) -> {
            ObjectNode entry = header.putObject(name).put("dtype", tensor.type());
            tensor.shape().forEach(entry.putArray("shape")::add);
            byte[] bytes = new byte[tensor.bytes().remaining()];
            tensor.bytes().duplicate().get(bytes);
            entry.putArray("data_offsets").add(body.size()).add(body.size() + bytes.length);
            body.writeBytes(bytes);
        });
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer file =
                ByteBuffer.allocate(LENGTH_BYTES + padded + body.size()).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(padded).put(json);
        while (file.position() < LENGTH_BYTES + padded) {
            file.put((byte) ' ');
        }
        return file.put(body.toByteArray()).array();
    }

    /** @throws InvalidPresetException naming what is wrong with the file */
    static SafeTensors of(byte[] file) {
        check(file.length >= LENGTH_BYTES, "it has " + file.length + " bytes only");
        long length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        check(
                length <= LONGEST_HEADER,
                "its header would have " + length + " bytes, the format allows for " + LONGEST_HEADER);
        check(
                length >= 2 && length <= file.length - LENGTH_BYTES,
                "its header would have " + Long.toUnsignedString(length) + " bytes, the file has " + file.length);
        JsonNode header = parsed(file, (int) length);
        ByteBuffer body = ByteBuffer.wrap(file, LENGTH_BYTES + (int) length, file.length - LENGTH_BYTES - (int) length)
                .slice();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Map<String, String> metadata = new TreeMap<>();
        NavigableMap<Long, Long> ranges = new TreeMap<>();
        header.properties().forEach(entry -> {
            String name = entry.getKey();
            if (name.equals(METADATA)) {
                entry.getValue()
                        .properties()
                        .forEach(text ->
                                metadata.put(text.getKey(), text.getValue().asText()));
                return;
            }
            long begin = offset(name, entry.getValue(), 0);
            long end = offset(name, entry.getValue(), 1);
            tensors.put(name, tensor(name, entry.getValue(), begin, end, body));
            check(ranges.put(begin, end) == null, "two of its arrays begin at " + begin);
        });
        checkTiled(ranges, body.capacity());
        return new SafeTensors(tensors, metadata);
    }

    /** Else two arrays could be made of the same bytes, or bytes be hidden between them. */
    private static void checkTiled(NavigableMap<Long, Long> ranges, int bodyBytes) {
        long end = 0;
        for (Map.Entry<Long, Long> range : ranges.entrySet()) {
            check(
                    range.getKey() == end,
                    "its arrays must lie one behind the other: one ends at " + end + ", the next begins at "
                            + range.getKey());
            end = range.getValue();
        }
        check(end == bodyBytes, "its arrays end at " + end + ", and there are " + bodyBytes + " bytes");
    }

    private static JsonNode parsed(byte[] file, int length) {
        try {
            JsonNode header = JSON.readTree(file, LENGTH_BYTES, length);
            check(header.isObject(), "its header is no JSON object");
            return header;
        } catch (IOException e) {
            throw new InvalidPresetException("this is no safetensors file: its header is no JSON", e);
        }
    }

    private static long offset(String name, JsonNode entry, int which) {
        JsonNode offset = entry.path("data_offsets").path(which);
        check(
                offset.isIntegralNumber() && offset.canConvertToLong(),
                name + " has no data_offsets [begin, end] that are whole numbers");
        return offset.longValue();
    }

    private static Tensor tensor(String name, JsonNode entry, long begin, long end, ByteBuffer body) {
        String type = entry.path("dtype").asText();
        check(
                BYTES_EACH.containsKey(type),
                name + " is of the type " + type + ", wanted is " + FLOAT32 + " (numpy: .astype('float32'))");
        JsonNode sizes = entry.path("shape");
        check(
                StreamSupport.stream(sizes.spliterator(), false).allMatch(size -> size.isInt() && size.intValue() > 0),
                name + " has the shape " + sizes + ", its sizes must be whole numbers from 1");
        List<Integer> shape = StreamSupport.stream(sizes.spliterator(), false)
                .map(JsonNode::intValue)
                .toList();
        check(
                0 <= begin && begin <= end && end <= body.capacity(),
                name + " lies from " + begin + " to " + end + ", and there are " + body.capacity() + " bytes");
        double bytes = shape.stream().mapToDouble(Integer::doubleValue).reduce(BYTES_EACH.get(type), (a, b) -> a * b);
        check(
                end - begin == bytes,
                String.format("%s of the shape %s takes %.0f bytes, it has %d", name, shape, bytes, end - begin));
        return new Tensor(shape, body.slice((int) begin, (int) (end - begin)), type);
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new InvalidPresetException("this is no safetensors file that can be read here: " + otherwise);
        }
    }
}
