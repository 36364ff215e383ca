package dev.sluice.cli;

import dev.sluice.runtime.DeadLetters;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/**
 * A dead letter as it lies on its topic. Its headers may be anybody's, so nothing is taken for granted.
 *
 * @param source topic and partition of the record that it was
 * @param offset of that record
 * @param reason why it could not be processed
 * @param at when
 * @param redrives how often it was sent again before
 * @param cut what of the record is not in it
 */
record DeadLetter(
        ConsumerRecord<byte[], byte[]> raw,
        Optional<TopicPartition> source,
        Optional<Long> offset,
        String reason,
        Optional<String> exception,
        Optional<String> service,
        Instant at,
        int redrives,
        Optional<String> cut) {

    /** There is room for one more. */
    private static final int MAX_REDRIVES = Integer.MAX_VALUE - 1;

    static DeadLetter of(ConsumerRecord<byte[], byte[]> raw) {
        Optional<Integer> partition = header(raw, DeadLetters.PARTITION)
                .flatMap(DeadLetter::number)
                .filter(number -> number <= Integer.MAX_VALUE)
                .map(Long::intValue);
        return new DeadLetter(
                raw,
                header(raw, DeadLetters.TOPIC)
                        .filter(topic -> !topic.isEmpty())
                        .flatMap(topic -> partition.map(number -> new TopicPartition(topic, number))),
                header(raw, DeadLetters.OFFSET).flatMap(DeadLetter::number),
                header(raw, DeadLetters.MESSAGE).orElse("no reason given"),
                header(raw, DeadLetters.EXCEPTION),
                header(raw, DeadLetters.SERVICE),
                header(raw, DeadLetters.TIME)
                        .flatMap(DeadLetter::moment)
                        .orElseGet(() -> Instant.ofEpochMilli(raw.timestamp())),
                header(raw, DeadLetters.REDRIVES)
                        .flatMap(DeadLetter::number)
                        .map(number -> (int) Math.min(number, MAX_REDRIVES))
                        .orElse(0),
                header(raw, DeadLetters.CUT));
    }

    private static Optional<String> header(ConsumerRecord<byte[], byte[]> raw, String name) {
        return Optional.ofNullable(raw.headers().lastHeader(name))
                .map(Header::value)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    private static Optional<Long> number(String text) {
        return text.matches("\\d{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    private static Optional<Instant> moment(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Where the letter itself lies. */
    TopicPartition partition() {
        return new TopicPartition(raw.topic(), raw.partition());
    }

    /** As people name it to {@code sluice dlq show}. */
    String place() {
        return raw.partition() + "@" + raw.offset();
    }

    /** Where the record lay that it was, as people read it. */
    String sourcePlace() {
        return source.map(from -> from.topic() + " " + from.partition()).orElse("?") + "@"
                + offset.map(String::valueOf).orElse("?");
    }
}
