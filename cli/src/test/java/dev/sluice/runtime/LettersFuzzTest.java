package dev.sluice.runtime;

import dev.sluice.fuzz.Fuzz;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

/** Keys, values and headers of strangers' records: against the limits, and on their way out as dead letters. */
class LettersFuzzTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-22T09:00:00Z"), ZoneOffset.UTC);

    /** More than the reason and its place ever take. */
    private static final int LEAST_ROOM = 16 * 1024;

    /** Of a length, which stands before each part of an input. */
    private static final int ABSENT = 0xFFFF;

    private record Odd(int room, String reason, ConsumerRecord<byte[], byte[]> record) {
        static Odd of(byte[] input) {
            ByteBuffer left = ByteBuffer.wrap(input);
            byte[] room = part(left);
            byte[] key = part(left);
            byte[] value = part(left);
            byte[] reason = part(left);
            Headers headers = new RecordHeaders();
            while (left.hasRemaining()) {
                byte[] name = part(left);
                byte[] content = part(left);
                headers.add(
                        new RecordHeader( // as they come from the network
                                ByteBuffer.wrap(name == null ? new byte[0] : name),
                                content == null ? null : ByteBuffer.wrap(content)));
            }
            return new Odd(
                    LEAST_ROOM + (room == null ? 0 : room.length),
                    reason == null ? null : new String(reason, StandardCharsets.UTF_8),
                    new ConsumerRecord<>(
                            "posts",
                            3,
                            4711,
                            0,
                            TimestampType.CREATE_TIME,
                            ConsumerRecord.NULL_SIZE,
                            ConsumerRecord.NULL_SIZE,
                            key,
                            value,
                            headers,
                            Optional.empty()));
        }

        private static byte[] part(ByteBuffer left) {
            int length = left.remaining() < Short.BYTES ? left.remaining() : Short.toUnsignedInt(left.getShort());
            if (length == ABSENT) {
                return null;
            }
            byte[] part = new byte[Math.min(length, left.remaining())];
            left.get(part);
            return part;
        }
    }

    private static byte[] input(byte[]... parts) {
        var bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.write(part.length >> Byte.SIZE);
            bytes.write(part.length);
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<byte[]> inputs() {
        byte[] some = bytes("some");
        byte[][] many = IntStream.range(0, 4 + 2 * (RecordLimits.MAX_HEADERS + 1))
                .mapToObj(i -> some)
                .toArray(byte[][]::new);
        return List.of(
                input(some, some, some, some, some, some),
                input(
                        some,
                        some,
                        some,
                        bytes("reason"),
                        bytes(DeadLetters.REDRIVES),
                        bytes("2"),
                        bytes(PostedAt.HEADER),
                        bytes("1770000000000"),
                        bytes(DeadLetters.MESSAGE),
                        bytes("an older reason")),
                input(new byte[100], new byte[9000], new byte[9000], new byte[2001], some, new byte[9000]),
                input(some, new byte[RecordLimits.MAX_KEY_BYTES + 1], some, some),
                input(some, some, some, some, some, new byte[40_000], some, new byte[30_000]),
                input(many));
    }

    @Test
    void shouldTakeTheRecordOrSayWhyNotWhenItsKeyOrHeadersAreOdd() {
        Fuzz.of(
                        "limits of records",
                        bytes -> {
                            ConsumerRecord<byte[], byte[]> odd = Odd.of(bytes).record();
                            String at = PostedAt.of(odd.headers()).toString();
                            RecordLimits.check(odd.key(), odd.value(), odd.headers(), 10_000);
                            return at;
                        },
                        UnreadableRecordException.class)
                .from(inputs())
                .words(DeadLetters.REDRIVES, PostedAt.HEADER)
                .run();
    }

    @Test
    void shouldFitItsTopicAndCarryOneReasonWhenTheRecordIsOdd() {
        Fuzz.of("dead letters", bytes -> letters(Odd.of(bytes)))
                .from(inputs())
                .words(DeadLetters.REDRIVES, DeadLetters.MESSAGE, DeadLetters.CUT, DeadLetters.PREFIX)
                .run();
    }

    private static String cut(ProducerRecord<byte[], byte[]> letter) {
        Header said = letter.headers().lastHeader(DeadLetters.CUT);
        return said == null ? "" : new String(said.value(), StandardCharsets.UTF_8).replaceAll("\\d", "");
    }

    /** A letter, one of that letter, and the small one. */
    private static Object letters(Odd odd) {
        TopicLimits limits = new TopicLimits(Topics.ofDefaults());
        limits.refused(Topics.deadLetterOf(odd.record().topic()), odd.room());
        DeadLetters letters = new DeadLetters("embedder", limits, CLOCK);
        Exception reason = new UnreadableRecordException(odd.reason());
        ProducerRecord<byte[], byte[]> letter = letters.of(odd.record(), reason);
        DeadLetters.Place place = new DeadLetters.Place(odd.record().topic(), 3, 4711);
        ProducerRecord<byte[], byte[]> again =
                letters.of(place, letter.key(), letter.value(), letter.headers(), reason);
        for (ProducerRecord<byte[], byte[]> each : List.of(letter, again, letters.smaller(letter))) {
            long size = TopicLimits.sizeOf(each.key(), each.value(), each.headers());
            if (size > limits.of(each.topic())) {
                throw new AssertionError(
                        "a letter of " + size + " bytes on a topic that takes " + limits.of(each.topic()));
            }
            long reasons = StreamSupport.stream(
                            each.headers().headers(DeadLetters.MESSAGE).spliterator(), false)
                    .count();
            if (reasons != 1) {
                throw new AssertionError(reasons + " reasons");
            }
        }
        return cut(letter); // whatever else is left out is another outcome
    }
}
