package dev.sluice.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.UnreadableRecordException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;

class DeadLettersTest {
    @Test
    void shouldKeepTheRecordAndAddTheReasonWhenARecordLeaves() {
        ConsumerRecord<byte[], byte[]> record =
                new ConsumerRecord<>("posts", 2, 17, "k".getBytes(UTF_8), "v".getBytes(UTF_8));
        record.headers().add("trace", "t".getBytes(UTF_8));

        ProducerRecord<byte[], byte[]> letter = DeadLetters.of(record, new UnreadableRecordException("too odd"));

        assertThat(letter.topic()).isEqualTo("posts.dead-letter");
        assertThat(letter.key()).isEqualTo("k".getBytes(UTF_8));
        assertThat(letter.value()).isEqualTo("v".getBytes(UTF_8));
        assertThat(header(letter, "trace")).isEqualTo("t");
        assertThat(header(letter, DeadLetters.MESSAGE)).isEqualTo("too odd");
        assertThat(header(letter, DeadLetters.TOPIC)).isEqualTo("posts");
        assertThat(header(letter, DeadLetters.PARTITION)).isEqualTo("2");
        assertThat(header(letter, DeadLetters.OFFSET)).isEqualTo("17");
        assertThat(record.headers().toArray()).hasSize(1);
    }

    @Test
    void shouldShortenTheReasonWhenItQuotesALongRecord() {
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>("posts", 2, 17, null, "v".getBytes(UTF_8));

        for (int length : new int[] {1999, 2000, 2001, 1_000_000}) {
            ProducerRecord<byte[], byte[]> letter =
                    DeadLetters.of(record, new UnreadableRecordException("x".repeat(length)));

            assertThat(header(letter, DeadLetters.MESSAGE)).hasSize(Math.min(length, 2000));
        }
    }

    private static String header(ProducerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return new String(header.value(), UTF_8);
    }
}
