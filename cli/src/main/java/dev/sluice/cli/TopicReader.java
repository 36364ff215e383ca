package dev.sluice.cli;

import dev.sluice.runtime.KeptPromises;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads all partitions of one topic, committed records only, and leaves no trace: no group, no offsets. Records are
 * decoded by hand, so that one that cannot be read stops nothing.
 */
final class TopicReader<V extends SpecificRecord> implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(100);

    private final Consumer<byte[], byte[]> consumer;
    private final Topic<V> topic;

    /** @param consumer assigned to the topic's partitions, and where it is to begin */
    TopicReader(Consumer<byte[], byte[]> consumer, Topic<V> topic) {
        this.consumer = consumer;
        this.topic = topic;
    }

    /**
     * One record of a topic.
     *
     * @param value empty if the record deletes its key, or cannot be read
     * @param problem why it cannot be read
     */
    record Read<V>(ConsumerRecord<byte[], byte[]> raw, Optional<V> value, Optional<String> problem) {
        Optional<String> key() {
            return Optional.ofNullable(raw.key()).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
        }
    }

    static <V extends SpecificRecord> TopicReader<V> fromBeginning(Map<String, Object> settings, Topic<V> topic) {
        TopicReader<V> reader = open(settings, topic);
        reader.consumer.seekToBeginning(reader.consumer.assignment());
        return reader;
    }

    static <V extends SpecificRecord> TopicReader<V> fromEnd(Map<String, Object> settings, Topic<V> topic) {
        TopicReader<V> reader = open(settings, topic);
        // Not seekToEnd: it is lazy, and what is sent before the first poll would be passed over.
        reader.consumer.endOffsets(reader.consumer.assignment()).forEach(reader.consumer::seek);
        return reader;
    }

    private static <V extends SpecificRecord> TopicReader<V> open(Map<String, Object> settings, Topic<V> topic) {
        return new TopicReader<>(consumerOf(settings, List.of(topic.name())), topic);
    }

    /** A consumer of all partitions of the topics, bytes as they are; where to begin is for the caller to say. */
    static Consumer<byte[], byte[]> consumerOf(Map<String, Object> settings, Collection<String> topics) {
        Map<String, Object> reading = new HashMap<>(settings);
        reading.putAll(KeptPromises.OF_CONSUMERS); // whatever --command-config says
        reading.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        reading.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        var consumer = new KafkaConsumer<>(reading, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.assign(topics.stream()
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList());
        return consumer;
    }

    /** Begins again at most so many offsets earlier, on each partition. */
    void goBack(int offsets) {
        consumer.beginningOffsets(consumer.assignment())
                .forEach((partition, first) ->
                        consumer.seek(partition, Math.max(first, consumer.position(partition) - offsets)));
    }

    /** What has come, after waiting a moment for it; often nothing. */
    List<Read<V>> poll() {
        return poll(POLL);
    }

    List<Read<V>> poll(Duration wait) {
        List<Read<V>> records = new ArrayList<>();
        consumer.poll(wait).forEach(record -> records.add(read(record)));
        return records;
    }

    /** Everything up to the end as it is now. */
    List<Read<V>> readToEnd() {
        List<Read<V>> records = new ArrayList<>();
        readToEnd(records::add);
        return records;
    }

    /** As {@link #readToEnd()}, one after the other, for topics that are too large for the memory. */
    void readToEnd(java.util.function.Consumer<Read<V>> each) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            List<Read<V>> more = poll();
            more.forEach(each);
            if (!more.isEmpty()) {
                deadline = System.nanoTime() + PATIENCE.toNanos();
            } else if (System.nanoTime() > deadline) {
                throw new CommandException("the topic " + topic.name() + " does not answer: is the broker well?");
            }
        }
    }

    private Read<V> read(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            return new Read<>(record, Optional.empty(), Optional.empty());
        }
        try {
            return new Read<>(record, Optional.of(topic.codec().decode(record.value())), Optional.empty());
        } catch (UnreadableRecordException e) {
            return new Read<>(record, Optional.empty(), Optional.of(String.valueOf(e.getMessage())));
        }
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    }
}
