package dev.sluice.classifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class KeylessRecordsTest {
    private static final TopicPartition PLACE = new TopicPartition("deployments", 0);

    @Test
    void shouldGiveAnEmptyKeyOnlyWhenThereIsNone() {
        ConsumerRecord<byte[], byte[]> keyed =
                new ConsumerRecord<>("deployments", 0, 4, new byte[] {1}, new byte[] {2});
        ConsumerRecord<byte[], byte[]> keyless = new ConsumerRecord<>("deployments", 0, 5, null, new byte[] {3});
        keyless.headers().add("trace", new byte[] {4});
        Map<TopicPartition, OffsetAndMetadata> next = Map.of(PLACE, new OffsetAndMetadata(6));

        try (KeylessRecords interceptor = new KeylessRecords()) {
            ConsumerRecords<byte[], byte[]> records =
                    interceptor.onConsume(new ConsumerRecords<>(Map.of(PLACE, List.of(keyed, keyless)), next));

            assertThat(records.nextOffsets()).isEqualTo(next);
            List<ConsumerRecord<byte[], byte[]>> seen = records.records(PLACE);
            assertThat(seen.get(0)).isSameAs(keyed);
            assertThat(seen.get(1).key()).isEmpty();
            assertThat(seen.get(1).value()).containsExactly(3);
            assertThat(seen.get(1).offset()).isEqualTo(5);
            assertThat(seen.get(1).headers().lastHeader("trace").value()).containsExactly(4);
        }
    }
}
