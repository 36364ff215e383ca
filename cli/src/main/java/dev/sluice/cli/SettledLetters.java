package dev.sluice.cli;

import dev.sluice.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * Which dead letters were sent again. It lies on a compacted topic, one record for each partition of letters, and is written
 * in the transaction that sends them; so it is known as long as the letters are. The offsets of a consumer group would be
 * forgotten after a week without a consumer, and letters are kept for a month.
 *
 * <p>A note names its topic by id: the offsets of one that was deleted and made anew begin again, and are other letters.
 */
final class SettledLetters {
    /** A little below Kafka's default for a record. */
    private static final int MAX_NOTE_BYTES = 1_000_000;

    private final String topic;
    private final Map<String, Uuid> ids;
    private final Map<TopicPartition, OffsetRanges> settled = new HashMap<>();

    private SettledLetters(String topic, Map<String, Uuid> ids) {
        this.topic = topic;
        this.ids = ids;
    }

    /** As they are now. */
    static SettledLetters read(Connection connection, Topics topics) {
        SettledLetters read = new SettledLetters(topics.settledLetters(), connection.topicIds());
        if (read.ids.containsKey(read.topic)) {
            try (TopicScan scan = new TopicScan(connection, List.of(read.topic))) {
                scan.read(read::take, passed -> {});
            }
        }
        return read;
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        try {
            String[] key = text(record.key()).split("/", 2);
            TopicPartition partition = new TopicPartition(key[0], Integer.parseInt(key[1]));
            if (record.value() == null) {
                settled.remove(partition);
                return;
            }
            String[] value = text(record.value()).split(" ", 2);
            OffsetRanges offsets = OffsetRanges.parse(value[1]);
            if (value[0].equals(idOf(partition))) {
                settled.put(partition, offsets);
            }
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            throw new CommandException(
                    "offset " + record.offset() + " of " + topic + " cannot be read; somebody else wrote there."
                            + " Put it right, or letters would be sent twice",
                    e);
        }
    }

    private String idOf(TopicPartition partition) {
        return String.valueOf(ids.get(partition.topic()));
    }

    private static String text(byte[] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }

    boolean contains(DeadLetter letter) {
        OffsetRanges offsets = settled.get(letter.partition());
        return offsets != null && offsets.contains(letter.raw().offset());
    }

    void add(DeadLetter letter) {
        settled.computeIfAbsent(letter.partition(), partition -> new OffsetRanges())
                .add(letter.raw().offset());
    }

    /**
     * These follow one another on the partition. A commit of whoever wrote them takes an offset, too, which no letter has: left
     * out, every transaction's letters would be a range of their own, and the note of them larger than a record may be.
     */
    void join(TopicPartition partition, long offset, long next) {
        Optional.ofNullable(settled.get(partition)).ifPresent(offsets -> offsets.join(offset, next));
    }

    /**
     * What is to be written of a partition.
     *
     * @throws CommandException if that is more than a record holds
     */
    ProducerRecord<byte[], byte[]> record(TopicPartition partition, long beginning) {
        OffsetRanges offsets = settled.computeIfAbsent(partition, unknown -> new OffsetRanges());
        offsets.forgetBelow(beginning);
        byte[] note = (idOf(partition) + " " + offsets).getBytes(StandardCharsets.UTF_8);
        if (note.length > MAX_NOTE_BYTES) {
            throw new CommandException(
                    "what was sent again of " + partition + " lies too scattered to be noted in one record of " + topic
                            + ": run the command again with a wider filter, so that the letters between are sent too");
        }
        return new ProducerRecord<>(
                topic, (partition.topic() + "/" + partition.partition()).getBytes(StandardCharsets.UTF_8), note);
    }
}
