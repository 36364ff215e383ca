package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.runtime.DeadLetters;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeadLetterTest {
    private static DeadLetter letter(String partition, String redrives) {
        var raw = new ConsumerRecord<>("posts.dead-letter", 0, 0, new byte[0], new byte[0]);
        raw.headers()
                .add(DeadLetters.TOPIC, "posts".getBytes(UTF_8))
                .add(DeadLetters.PARTITION, partition.getBytes(UTF_8))
                .add(DeadLetters.REDRIVES, redrives.getBytes(UTF_8));
        return DeadLetter.of(raw);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, Integer.MAX_VALUE})
    void shouldKnowWhereItCameFromWhenThePartitionMayBeOne(int partition) {
        assertThat(letter(Integer.toString(partition), "0").source()).contains(new TopicPartition("posts", partition));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "2147483648", "4294967295", "4294967296", "x", ""})
    void shouldNotKnowWhereItCameFromWhenThePartitionCanBeNone(String partition) {
        assertThat(letter(partition, "0").source()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "3,3",
        "2147483645,2147483645",
        "2147483646,2147483646",
        "2147483647,2147483646",
        "4294967295,2147483646"
    })
    void shouldCountNoFewerRedrivesWhenTheNumberIsAbsurd(String said, int redrives) {
        assertThat(letter("0", said).redrives()).isEqualTo(redrives);
    }

    @Test
    void shouldHaveComeBackNeverWhenTheNumberIsNone() {
        assertThat(letter("0", "-1").redrives()).isZero();
    }
}
