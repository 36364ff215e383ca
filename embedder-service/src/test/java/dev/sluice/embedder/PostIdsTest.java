package dev.sluice.embedder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Post;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class PostIdsTest {
    private static final Post NAMED = Post.newBuilder().setId("own").build();
    private static final Post NAMELESS = Post.newBuilder().build();

    private static ConsumerRecord<byte[], byte[]> record(String topic, int partition, long offset, byte[] key) {
        return new ConsumerRecord<>(topic, partition, offset, key, new byte[0]);
    }

    @Test
    void shouldTakeTheOwnIdWhenThereIsOne() {
        assertThat(PostIds.of(NAMED, record("posts", 0, 0, "key".getBytes(UTF_8))))
                .isEqualTo("own");
    }

    @Test
    void shouldTakeTheKeyWhenThePostHasNoIdOrAnEmptyOne() {
        Post empty = Post.newBuilder().setId("").build();

        assertThat(PostIds.of(NAMELESS, record("posts", 0, 0, "Schlüssel".getBytes(UTF_8))))
                .isEqualTo("Schlüssel");
        assertThat(PostIds.of(empty, record("posts", 0, 0, "key".getBytes(UTF_8))))
                .isEqualTo("key");
    }

    @Test
    void shouldHashThePlaceWhenTheKeyIsMissingEmptyOrNotText() {
        String hash = PostIds.of(NAMELESS, record("posts", 3, 42, null));

        assertThat(hash).matches("[0-9a-f]{32}");
        assertThat(PostIds.of(NAMELESS, record("posts", 3, 42, new byte[0]))).isEqualTo(hash);
        assertThat(PostIds.of(NAMELESS, record("posts", 3, 42, new byte[] {(byte) 0xFF})))
                .isEqualTo(hash);
    }

    @Test
    void shouldGiveAnotherHashWhenAnyPartOfThePlaceDiffers() {
        assertThat(PostIds.of(NAMELESS, record("posts", 3, 42, null)))
                .isNotEqualTo(PostIds.of(NAMELESS, record("posts", 3, 43, null)))
                .isNotEqualTo(PostIds.of(NAMELESS, record("posts", 4, 42, null)))
                .isNotEqualTo(PostIds.of(NAMELESS, record("posts2", 3, 42, null)));
    }
}
