package dev.sluice.classifier;

import static dev.sluice.schemas.PredictionStatus.CLASSIFIED;
import static dev.sluice.schemas.PredictionStatus.NO_MODEL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Source;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReplaySourcesTest {
    private final ReplaySources sources = new ReplaySources(NO_MODEL);

    @Test
    void shouldHoldThePostWhenItsNewestAnswerHasTheStatus() {
        answer("posts", 0, 1, CLASSIFIED);
        answer("posts", 0, 1, NO_MODEL);
        answer("posts", 0, 2, NO_MODEL);
        answer("posts", 0, 2, CLASSIFIED);
        answer("posts", 0, 3, NO_MODEL);

        assertThat(holds("posts", 0, 1)).isTrue();
        assertThat(holds("posts", 0, 2)).isFalse();
        assertThat(holds("posts", 0, 3)).isTrue();
        assertThat(holds("posts", 0, 4)).isFalse();
        assertThat(sources.size()).isEqualTo(2);
    }

    @Test
    void shouldTellPostsApartByTheWholeSourceWhenOffsetsAreTheSame() {
        answer("posts", 0, 1, NO_MODEL);
        answer("mails", 0, 2, NO_MODEL);
        answer("posts", 1, Long.MAX_VALUE, NO_MODEL);

        assertThat(holds("posts", 1, 1)).isFalse();
        assertThat(holds("mails", 0, 1)).isFalse();
        assertThat(holds("mails", 0, 2)).isTrue();
        assertThat(holds("posts", 1, Long.MAX_VALUE)).isTrue();
    }

    @Test
    void shouldTakeAFractionOfAByteAPostWhenThereAreAMillionSideBySideOrOneInTen() {
        for (long offset = 0; offset < 1_000_000; offset++) {
            answer("posts", 0, offset, NO_MODEL);
        }
        ReplaySources fewer = new ReplaySources(NO_MODEL);
        Random random = new Random(1);
        for (long offset = 0; offset < 1_000_000; offset++) {
            fewer.add(prediction("posts", 0, offset, random.nextInt(10) == 0 ? NO_MODEL : CLASSIFIED));
        }

        assertThat(sources.bytes()).isLessThan(140_000);
        assertThat(fewer.size()).isBetween(99_000L, 101_000L);
        assertThat(fewer.bytes()).isLessThan(140_000);
    }

    private void answer(String topic, int partition, long offset, PredictionStatus status) {
        sources.add(prediction(topic, partition, offset, status));
    }

    private boolean holds(String topic, int partition, long offset) {
        return sources.contains(new Source(topic, partition, offset));
    }

    private static Prediction prediction(String topic, int partition, long offset, PredictionStatus status) {
        return Prediction.newBuilder()
                .setPostId("p")
                .setSource(new Source(topic, partition, offset))
                .setStatus(status)
                .setEmbeddedAt(Samples.TIME)
                .setClassifiedAt(Samples.TIME)
                .build();
    }
}
