package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class UnsaidTest {
    private static ConsumerRecord<byte[], byte[]> letter(String value, String header) {
        ConsumerRecord<byte[], byte[]> letter =
                new ConsumerRecord<>("posts.dead-letter", 0, 0, null, value.getBytes(UTF_8));
        letter.headers().add("__streams.errors.message", header.getBytes(UTF_8));
        return letter;
    }

    @Test
    void shouldLetALetterPassWhenTheKeyIsNowhere() {
        assertThatCode(() -> Unsaid.check(letter("{}", "no post"))).doesNotThrowAnyException();
    }

    @Test
    void shouldFindTheKeyWhenItIsInALettersReasonOrValue() {
        assertThatThrownBy(() -> Unsaid.check(letter("{}", "refused: key " + Unsaid.KEY)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("posts.dead-letter");
        assertThatThrownBy(() -> Unsaid.check(letter(Unsaid.KEY, "no post"))).isInstanceOf(AssertionError.class);
    }
}
