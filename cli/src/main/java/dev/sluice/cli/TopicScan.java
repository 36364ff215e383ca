package dev.sluice.cli;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Reads topics from the first record to the end that they have when it begins, one record at a time, and keeps none. */
final class TopicScan implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Consumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Long> ends;

    /** @param topics that exist */
    TopicScan(Connection connection, Collection<String> topics) {
        consumer = connection.consumer(topics);
        consumer.seekToBeginning(consumer.assignment());
        ends = consumer.endOffsets(consumer.assignment());
    }

    /** Offsets that are to be passed. */
    long total() {
        return ahead();
    }

    /**
     * @param passed told now and then how many offsets were passed
     * @throws CommandException if a topic does not answer
     */
    void read(java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> to, LongConsumer passed) {
        long total = ahead();
        Deadline deadline = Deadline.in(PATIENCE);
        for (long ahead = total; ahead > 0; ahead = ahead()) {
            var records = consumer.poll(POLL);
            records.forEach(to);
            if (!records.isEmpty()) {
                deadline = Deadline.in(PATIENCE);
            } else if (deadline.passed()) {
                throw new CommandException("the topics do not answer: is the broker well?");
            }
            passed.accept(total - ahead);
        }
    }

    private long ahead() {
        return ends.entrySet().stream()
                .mapToLong(end -> Math.max(0, end.getValue() - consumer.position(end.getKey())))
                .sum();
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    }
}
