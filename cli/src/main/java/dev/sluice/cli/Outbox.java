package dev.sluice.cli;

import dev.sluice.schemas.Topic;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;

/** Sends many records to one topic without waiting for each; whether all arrived is known after {@link #close}. */
final class Outbox<V extends SpecificRecord> implements AutoCloseable {
    private final Producer<String, byte[]> producer;
    private final Topic<V> topic;
    private final AtomicReference<CommandException> failure = new AtomicReference<>();

    Outbox(Connection connection, Topic<V> topic) {
        this.producer = connection.producer();
        this.topic = topic;
    }

    void send(String key, V value, Iterable<Header> headers) {
        var record = new ProducerRecord<>(topic.name(), null, key, topic.codec().encode(value), headers);
        Future<?> unused = producer.send(record, (place, refusal) -> {
            if (refusal != null) {
                failure.compareAndSet(
                        null,
                        new CommandException(
                                "the record " + key + " could not be sent to " + topic.name() + ": "
                                        + Failures.lineOf(refusal),
                                refusal));
            }
        });
    }

    /** @throws CommandException if a record could not be sent */
    @Override
    public void close() {
        producer.close(); // waits for what is under way
        if (failure.get() != null) {
            throw failure.get();
        }
    }
}
