package dev.sluice.cli;

import dev.sluice.schemas.Topic;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/**
 * What could not be processed of a topic.
 *
 * @param records how many; counted among the last {@value #LOOK_BACK} offsets, before them estimated by offsets
 * @param lastReason why the last one could not
 */
record DeadLetterCount(String topic, long records, Optional<String> lastReason) {
    private static final int LOOK_BACK = 1000;

    static <V extends SpecificRecord> DeadLetterCount of(Connection connection, Topic<V> topic, TopicExtent extent) {
        try (var reader = connection.readFromEnd(Rejections.deadLettersOf(topic))) {
            reader.goBack(LOOK_BACK);
            List<TopicReader.Read<V>> last = reader.readToEnd();
            long before = extent.partitions().values().stream()
                    .mapToLong(offsets -> Math.max(0, offsets - LOOK_BACK))
                    .sum();
            Optional<String> reason = last.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Rejections.reasonOf(last.get(last.size() - 1).raw()));
            return new DeadLetterCount(extent.topic(), before + last.size(), reason);
        }
    }
}
