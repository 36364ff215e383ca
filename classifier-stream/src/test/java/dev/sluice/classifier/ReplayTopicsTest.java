package dev.sluice.classifier;

import static dev.sluice.classifier.Samples.TOPICS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Trust;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplayTopicsTest {
    private static final TopicPartition MODELS =
            new TopicPartition(TOPICS.models().name(), 0);

    /** Finds nothing at any time, and refuses those that the real one refuses. */
    private static final class Records extends MockConsumer<byte[], byte[]> {
        private final Map<TopicPartition, Long> asked = new HashMap<>();

        Records() {
            super("earliest");
        }

        @Override
        public synchronized Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(Map<TopicPartition, Long> times) {
            assertThat(times.values()).allMatch(time -> time >= 0);
            asked.putAll(times);
            return Map.of();
        }
    }

    private final Records consumer = new Records();

    @Test
    void shouldKeepTheBytesOnlyOfVersionsThatMayAnswer() {
        // given
        publish(
                model("default/1", Samples.sound(1)),
                model("default/2", Samples.sound(2)),
                model("default/3", Samples.sound(3)),
                model("default/1", null));

        // when
        ReplayVersion versions = new ReplayTopics(consumer, TOPICS, Trust.OPEN).versions(Set.of(1, 2));

        // then
        assertThat(versions.models()).containsOnlyKeys("default/2", "default/3");
        assertThat(versions.models().get("default/2")).isPresent();
        assertThat(versions.models().get("default/3")).isEmpty();
        assertThat(versions.named(2).version()).isEqualTo(2);
    }

    @Test
    void shouldFindTheVersionThatIsNamed() {
        publish(model("default/1", Samples.sound(1)), model("default/2", Samples.sound(2)));

        assertThat(new ReplayTopics(consumer, TOPICS, Trust.OPEN)
                        .version(Optional.of(2))
                        .version())
                .isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"-1, 0", "0, 0", "1, 1"})
    void shouldAskForNoTimeThatNoBrokerKnows(long millis, long expected) {
        assertThat(CommittedRecords.since(consumer, Map.of(MODELS, 5L), Instant.ofEpochMilli(millis)))
                .isEqualTo(Map.of(MODELS, 5L));
        assertThat(consumer.asked).isEqualTo(Map.of(MODELS, expected));
    }

    private static Map.Entry<String, Optional<byte[]>> model(String key, byte[] value) {
        return Map.entry(key, Optional.ofNullable(value));
    }

    @SafeVarargs
    private void publish(Map.Entry<String, Optional<byte[]>>... models) {
        consumer.updatePartitions(MODELS.topic(), List.of(new PartitionInfo(MODELS.topic(), 0, null, null, null)));
        consumer.updateBeginningOffsets(Map.of(MODELS, 0L));
        consumer.updateEndOffsets(Map.of(MODELS, (long) models.length));
        consumer.schedulePollTask(() -> {
            for (int i = 0; i < models.length; i++) {
                consumer.addRecord(new ConsumerRecord<>(
                        MODELS.topic(),
                        0,
                        i,
                        models[i].getKey().getBytes(UTF_8),
                        models[i].getValue().orElse(null)));
            }
        });
    }
}
