package dev.sluice.cli;

import dev.sluice.schemas.Topic;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;

/**
 * Where the newest record of a key lies on a compacted topic. There a record takes the place of the one before, so a letter
 * sent again would undo what was said since: an old label its correction.
 */
final class Successors {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Map<TopicPartition, Map<ByteBuffer, Long>> newest = new HashMap<>();

    /** A letter that may be sent. */
    void ask(DeadLetter letter) {
        if (letter.raw().key() != null) {
            letter.source().ifPresent(source -> newest.computeIfAbsent(source, partition -> new HashMap<>())
                    .merge(keyOf(letter), letter.offset().orElse(0L), Math::max));
        }
    }

    /** Reads the topics behind the letters that were asked about. */
    void read(Connection connection) {
        Set<String> topics = newest.keySet().stream().map(TopicPartition::topic).collect(Collectors.toSet());
        if (topics.isEmpty()) {
            return;
        }
        Consumer<byte[], byte[]> consumer = connection.consumer(topics);
        try {
            newest.keySet().retainAll(consumer.assignment()); // a header may name any partition
            consumer.assign(newest.keySet());
            Map<TopicPartition, Long> ends = consumer.endOffsets(newest.keySet());
            newest.forEach((partition, keys) -> consumer.seek(
                    partition,
                    keys.values().stream().mapToLong(Long::longValue).min().orElse(0)));
            Deadline deadline = Deadline.in(PATIENCE);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                var records = consumer.poll(POLL);
                records.forEach(record -> {
                    if (record.key() != null) {
                        newest.get(new TopicPartition(record.topic(), record.partition()))
                                .computeIfPresent(
                                        ByteBuffer.wrap(record.key()), (key, at) -> Math.max(at, record.offset()));
                    }
                });
                if (!records.isEmpty()) {
                    deadline = Deadline.in(PATIENCE);
                } else if (deadline.passed()) {
                    throw new CommandException("the topics do not answer: is the broker well?");
                }
            }
        } finally {
            consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
        }
    }

    boolean has(DeadLetter letter) {
        return letter.raw().key() != null
                && letter.source()
                        .map(newest::get)
                        .map(keys -> keys.get(keyOf(letter)))
                        .filter(at -> at > letter.offset().orElse(0L))
                        .isPresent();
    }

    /** Whether records of a topic take each other's place. */
    static boolean matterOn(Topic<?> topic) {
        return topic.configs()
                .getOrDefault(TopicConfig.CLEANUP_POLICY_CONFIG, "")
                .contains("compact");
    }

    private static ByteBuffer keyOf(DeadLetter letter) {
        return ByteBuffer.wrap(letter.raw().key());
    }
}
