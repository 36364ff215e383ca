package dev.sluice.cli;

import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The value of a dead letter, as well as it can be read: as the record that its topic holds, else as text, else as bytes.
 *
 * @param kind what it was taken for
 * @param lines for people: no control characters
 */
record LetterValue(String kind, int bytes, List<String> lines) {
    private static final int MOST_CHARACTERS = 20_000;
    private static final int MOST_HEX_BYTES = 512;
    private static final int HEX_BYTES_A_LINE = 32;

    static LetterValue of(Topics topics, ConsumerRecord<byte[], byte[]> letter) {
        byte[] value = letter.value();
        if (value == null) {
            return new LetterValue("none", 0, List.of());
        }
        return LetterTopics.sourceOf(topics, letter.topic())
                .flatMap(topic -> record(topic, value))
                .or(() -> plainText(value))
                .orElseGet(() -> hex(value));
    }

    private static <V extends SpecificRecord> Optional<LetterValue> record(Topic<V> topic, byte[] value) {
        try {
            V read = topic.codec().decode(value);
            String json = new String(topic.codec().encodeJson(read), StandardCharsets.UTF_8);
            return Optional.of(new LetterValue(
                    "a readable " + read.getSchema().getName(),
                    value.length,
                    List.of(OneLine.of(json, MOST_CHARACTERS))));
        } catch (UnreadableRecordException e) {
            return Optional.empty();
        }
    }

    private static Optional<LetterValue> plainText(byte[] value) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(value))
                    .toString();
            boolean plain = text.chars().allMatch(c -> c >= ' ' || Character.isWhitespace(c));
            return plain
                    ? Optional.of(new LetterValue("text", value.length, List.of(OneLine.of(text, MOST_CHARACTERS))))
                    : Optional.empty();
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static LetterValue hex(byte[] value) {
        List<String> lines = new ArrayList<>();
        int shown = Math.min(value.length, MOST_HEX_BYTES);
        for (int from = 0; from < shown; from += HEX_BYTES_A_LINE) {
            int to = Math.min(shown, from + HEX_BYTES_A_LINE);
            lines.add(HexFormat.of().formatHex(value, from, to));
        }
        if (shown < value.length) {
            lines.add("...");
        }
        return new LetterValue("bytes", value.length, lines);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Bytes of a key or header as text, whatever they are. */
    static String text(byte[] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }
}
