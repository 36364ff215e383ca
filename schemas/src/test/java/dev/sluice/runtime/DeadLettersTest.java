package dev.sluice.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadLettersTest {
    private static final Topics TOPICS = Topics.ofDefaults();
    private final UnreadableRecordException reason = new UnreadableRecordException("too odd");
    private static final String LETTERS = "posts.dead-letter";

    private final DeadLetters letters = DeadLetters.of(
            "embedder", TOPICS, Clock.fixed(Instant.parse("2026-11-22T10:00:00.123456Z"), ZoneOffset.UTC));

    private static ConsumerRecord<byte[], byte[]> record(int valueBytes) {
        return new ConsumerRecord<>("posts", 2, 17, "k".getBytes(UTF_8), new byte[valueBytes]);
    }

    @Test
    void shouldKeepTheRecordAndAddTheReasonWhenARecordLeaves() {
        ConsumerRecord<byte[], byte[]> record =
                new ConsumerRecord<>("posts", 2, 17, "k".getBytes(UTF_8), "v".getBytes(UTF_8));
        record.headers().add("trace", "t".getBytes(UTF_8));

        ProducerRecord<byte[], byte[]> letter = letters.of(record, reason);

        assertThat(letter.topic()).isEqualTo(LETTERS);
        assertThat(letter.key()).isEqualTo("k".getBytes(UTF_8));
        assertThat(letter.value()).isEqualTo("v".getBytes(UTF_8));
        assertThat(header(letter, "trace")).isEqualTo("t");
        assertThat(header(letter, DeadLetters.EXCEPTION)).isEqualTo(UnreadableRecordException.class.getName());
        assertThat(header(letter, DeadLetters.MESSAGE)).isEqualTo("too odd");
        assertThat(header(letter, DeadLetters.TOPIC)).isEqualTo("posts");
        assertThat(header(letter, DeadLetters.PARTITION)).isEqualTo("2");
        assertThat(header(letter, DeadLetters.OFFSET)).isEqualTo("17");
        assertThat(header(letter, DeadLetters.SERVICE)).isEqualTo("embedder");
        assertThat(header(letter, DeadLetters.TIME)).isEqualTo("2026-11-22T10:00:00.123Z");
        assertThat(letter.headers().lastHeader(DeadLetters.CUT)).isNull();
        assertThat(record.headers().toArray()).hasSize(1);
    }

    @Test
    void shouldCarryTheNewReasonOnlyWhenTheRecordWasALetterBefore() {
        ProducerRecord<byte[], byte[]> before = letters.of(record(1), new UnreadableRecordException("then"));
        ConsumerRecord<byte[], byte[]> again = record(1);
        before.headers().forEach(again.headers()::add);
        again.headers().add(DeadLetters.CUT, new byte[1]).add(DeadLetters.PREFIX + "stacktrace", new byte[9]);
        again.headers().add(DeadLetters.REDRIVES, "1".getBytes(UTF_8));

        ProducerRecord<byte[], byte[]> letter = letters.of(again, reason);

        assertThat(letter.headers().headers(DeadLetters.MESSAGE)).hasSize(1);
        assertThat(letter.headers()).hasSize(8); // seven of the reason
        assertThat(header(letter, DeadLetters.MESSAGE)).isEqualTo("too odd");
        assertThat(header(letter, DeadLetters.REDRIVES)).isEqualTo("1");
    }

    @Test
    void shouldShortenTheReasonWhenItQuotesALongRecord() {
        for (int length : new int[] {1999, 2000, 2001, 1_000_000}) {
            ProducerRecord<byte[], byte[]> letter =
                    letters.of(record(1), new UnreadableRecordException("x".repeat(length)));

            assertThat(header(letter, DeadLetters.MESSAGE)).hasSize(Math.min(length, 2000));
        }
    }

    @Test
    void shouldFitItsTopicWhenHeadersAndValueAreAsLargeAsCanBe() {
        int reasons = 64 * 1024;
        for (int headerBytes : new int[] {reasons - 2000, reasons, reasons + 2000, 10_000_000}) {
            for (int valueBytes : new int[] {10, Topics.MAX_POST_BYTES, 3 * Topics.MAX_POST_BYTES}) {
                ConsumerRecord<byte[], byte[]> record = record(valueBytes);
                record.headers().add("small", "s".getBytes(UTF_8)).add("large", new byte[headerBytes]);
                record.headers().add(DeadLetters.REDRIVES, "2".getBytes(UTF_8));

                ProducerRecord<byte[], byte[]> letter = letters.of(record, reason);

                boolean valueFits = valueBytes <= Topics.MAX_POST_BYTES;
                boolean roomy = valueBytes == 10 || !valueFits;
                boolean headersFit = headerBytes < (roomy ? 1_000_000 : reasons);
                assertThat(sizeOf(letter)).isLessThanOrEqualTo(Topics.MAX_POST_BYTES + 64 * 1024);
                assertThat(letter.value() != null).isEqualTo(valueFits);
                assertThat(letter.headers().lastHeader("large") != null).isEqualTo(headersFit);
                assertThat(header(letter, "small")).isEqualTo("s");
                assertThat(header(letter, DeadLetters.REDRIVES)).isEqualTo("2");
                assertThat(letter.headers().lastHeader(DeadLetters.CUT) != null).isEqualTo(!valueFits || !headersFit);
            }
        }
    }

    /** A stranger may send it too, at any size: the broker counts a batch as it comes, compressed. */
    @ParameterizedTest
    @ValueSource(ints = {19, 20, 21, 4_000_000})
    void shouldFitItsTopicWhenTheCountOfRedrivesIsNoneOfOurs(int bytes) {
        ConsumerRecord<byte[], byte[]> record = record(Topics.MAX_POST_BYTES);
        record.headers().add("large", new byte[1_000_000]).add(DeadLetters.REDRIVES, new byte[bytes]);

        ProducerRecord<byte[], byte[]> letter = letters.of(record, reason);

        boolean ours = bytes <= 20;
        assertThat(sizeOf(letter)).isLessThanOrEqualTo(Topics.MAX_POST_BYTES + 64 * 1024);
        assertThat(letter.headers().lastHeader(DeadLetters.REDRIVES) != null).isEqualTo(ours || bytes == 21);
        assertThat(header(letter, DeadLetters.CUT)).startsWith(bytes == 4_000_000 ? "2 headers" : "1 headers");
    }

    @Test
    void shouldKeepTheLastCountOfRedrivesWhenThereIsNoRoomForMore() {
        ConsumerRecord<byte[], byte[]> record = record(Topics.MAX_POST_BYTES);
        for (int i = 0; i < 50_000; i++) {
            record.headers().add(DeadLetters.REDRIVES, "1".getBytes(UTF_8));
        }
        record.headers().add(DeadLetters.REDRIVES, "3".getBytes(UTF_8));

        ProducerRecord<byte[], byte[]> letter = letters.of(record, reason);

        assertThat(sizeOf(letter)).isLessThanOrEqualTo(Topics.MAX_POST_BYTES + 64 * 1024);
        assertThat(header(letter, DeadLetters.REDRIVES)).isEqualTo("3");
    }

    @Test
    void shouldSayWhatWasCutWhenNotAllFits() {
        ConsumerRecord<byte[], byte[]> record = record(2_000_000);
        record.headers().add("large", new byte[1_500_000]);

        assertThat(header(letters.of(record, reason), DeadLetters.CUT))
                .isEqualTo("the value (2000000 bytes), 1 headers (1500021 bytes)");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1})
    void shouldFitWhenTheTopicTurnsOutToTakeLess(int more) {
        long most = 5000;
        long framing = sizeOf(letters.of(record(0), reason)) + 256;
        letters.limits().refused(LETTERS, most + 1);

        ProducerRecord<byte[], byte[]> letter = letters.of(record((int) (most - framing) + more), reason);

        assertThat(sizeOf(letter)).isLessThanOrEqualTo(most);
        assertThat(letter.value() != null).isEqualTo(more <= 0);
    }

    @Test
    void shouldKeepTheReasonAloneWhenAskedForLess() {
        ConsumerRecord<byte[], byte[]> record = record(5);
        record.headers().add("trace", new byte[1]);

        ProducerRecord<byte[], byte[]> least = letters.smaller(letters.of(record, reason));

        assertThat(least.key()).isNull();
        assertThat(least.value()).isNull();
        assertThat(Stream.of(least.headers().toArray()).map(Header::key)).allMatch(key -> key.startsWith("__"));
        assertThat(header(least, DeadLetters.OFFSET)).isEqualTo("17");
        assertThat(header(least, DeadLetters.CUT)).contains("key, value and headers");
    }

    private static long sizeOf(ProducerRecord<byte[], byte[]> record) {
        return TopicLimits.sizeOf(record.key(), record.value(), record.headers());
    }

    private static String header(ProducerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return new String(header.value(), UTF_8);
    }
}
