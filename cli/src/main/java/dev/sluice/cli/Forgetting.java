package dev.sluice.cli;

import dev.sluice.schemas.Label;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Takes a post's label, text and vectors back from the compacted topics, wherever their keys lie: foreign clients choose
 * partitions by another hash, and a record takes away only what lies on its own.
 *
 * <p>The service that learns is told by the record on {@code labels}. From then on it makes no example of what is still on
 * its way to it, and takes away what it has just made, so it does not matter which of the two writes first.
 */
final class Forgetting {
    private static final Header FORGET =
            new RecordHeader(Topics.FORGET_HEADER, "post".getBytes(StandardCharsets.UTF_8));

    private final Producer<String, byte[]> producer;
    private final Topics topics;
    private final Traces traces;

    private Forgetting(Producer<String, byte[]> producer, Topics topics, Traces traces) {
        this.producer = producer;
        this.topics = topics;
        this.traces = traces;
    }

    /** Returns when the broker has all of it. */
    static void withdraw(Connection connection, Traces traces) {
        try (Producer<String, byte[]> producer = connection.producer()) {
            new Forgetting(producer, connection.topics(), traces).withdraw();
        } catch (ExecutionException e) {
            throw new CommandException(
                    "not all of it is withdrawn: " + Failures.lineOf(e.getCause()) + "; run the command again", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted: not all of it is withdrawn", e);
        }
    }

    private void withdraw() throws ExecutionException, InterruptedException {
        // First where nobody brings anything back, so that a failure leaves the sources to find the rest by.
        withdrawAll(topics.embeddingCache());
        withdrawOwn(topics.labels(), List.of(FORGET));
        withdrawOwn(topics.labeledVectors(), List.of());
        withdrawOwn(topics.reembeddedVectors(), List.of());
    }

    private void withdrawAll(Topic<?> topic) throws ExecutionException, InterruptedException {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (Traces.Place place : placesOn(topic)) {
            sent.add(send(place, null, List.of()));
        }
        for (Future<RecordMetadata> each : sent) {
            each.get();
        }
    }

    /** Where our own clients would write it, found there or not: it may be on its way. Then wherever else it was found. */
    private void withdrawOwn(Topic<?> topic, List<Header> headers) throws ExecutionException, InterruptedException {
        RecordMetadata own = producer.send(new ProducerRecord<>(topic.name(), null, traces.id(), null, headers))
                .get();
        for (Traces.Place place : placesOn(topic)) {
            if (!place.key().equals(traces.id())) {
                send(place, withoutLabel(topic), List.of()).get();
            } else if (place.partition() != own.partition()) {
                send(place, null, headers).get();
            }
        }
    }

    /** Under the key of another post nothing may be deleted: that would withdraw the other's label. */
    private byte[] withoutLabel(Topic<?> topic) {
        return topic.name().equals(topics.labels().name())
                ? topics.labels()
                        .codec()
                        .encode(Label.newBuilder().setPostId(traces.id()).build())
                : null;
    }

    private List<Traces.Place> placesOn(Topic<?> topic) {
        return traces.compacted().stream()
                .filter(place -> place.topic().equals(topic.name()))
                .toList();
    }

    private Future<RecordMetadata> send(Traces.Place place, byte[] value, List<Header> headers) {
        return producer.send(new ProducerRecord<>(place.topic(), place.partition(), place.key(), value, headers));
    }
}
