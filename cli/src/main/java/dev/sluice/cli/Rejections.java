package dev.sluice.cli;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;

/** Watches the dead letters of a topic for one record that was sent there, so that who waits for its answer learns the reason. */
final class Rejections<V extends SpecificRecord> implements AutoCloseable {
    private final TopicReader<V> reader;

    /** Watches from this moment on: to be made before the record is sent. */
    Rejections(Connection connection, Topic<V> topic) {
        this.reader = connection.readFromEnd(deadLettersOf(topic));
    }

    static <V extends SpecificRecord> Topic<V> deadLettersOf(Topic<V> topic) {
        return new Topic<>(Topics.deadLetterOf(topic.name()), topic.codec(), 1, topic.configs());
    }

    /** Why the record was rejected, if that has come to be known. */
    Optional<String> reasonFor(RecordMetadata sent) {
        return reader.poll().stream()
                .map(TopicReader.Read::raw)
                .filter(record -> is(record, DeadLetters.PARTITION, sent.partition())
                        && is(record, DeadLetters.OFFSET, sent.offset()))
                .map(Rejections::reasonOf)
                .findFirst();
    }

    /** What a dead letter says of itself. */
    static String reasonOf(ConsumerRecord<byte[], byte[]> deadLetter) {
        return header(deadLetter, DeadLetters.MESSAGE).orElse("no reason given");
    }

    private static boolean is(ConsumerRecord<byte[], byte[]> record, String header, long value) {
        return header(record, header).filter(Long.toString(value)::equals).isPresent();
    }

    private static Optional<String> header(ConsumerRecord<byte[], byte[]> record, String name) {
        return Optional.ofNullable(record.headers().lastHeader(name))
                .map(Header::value)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        reader.close();
    }
}
