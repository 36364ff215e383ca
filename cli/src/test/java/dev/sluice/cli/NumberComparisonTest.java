package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.cli.NumberComparison.Difference;
import dev.sluice.cli.NumberComparison.Tally;
import dev.sluice.schemas.Prediction;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NumberComparisonTest {
    private final NumberComparison comparison = new NumberComparison(6, 7);

    private static Prediction said(long post, int version, double value) {
        return Prediction.newBuilder(DemoExamples.value(post, 1, value))
                .setModelVersion(version)
                .setPostTarget(null)
                .build();
    }

    @Test
    void shouldTellHowFarApartTheyAreWhenBothAnswered() {
        comparison.add(said(1, 6, 1));
        comparison.add(said(1, 7, 2));
        comparison.add(said(2, 6, 3));
        comparison.add(said(2, 7, 0));
        comparison.add(said(3, 6, 100));

        assertThat(comparison.both())
                .containsExactly(new Tally(6, 2, 0, Optional.empty()), new Tally(7, 2, 0, Optional.empty()));
        assertThat(comparison.each()).extracting(Tally::posts).containsExactly(3L, 2L);
        assertThat(comparison.meanAbsoluteDifference()).isCloseTo(2, within(1e-12));
        assertThat(comparison.differences(20)).extracting(Difference::postId).containsExactly("post-2", "post-1");
        assertThat(comparison.differences(1)).hasSize(1);
    }

    @Test
    void shouldTellWhoIsNearerWhenNumbersAreKnown() {
        for (int post = 1; post <= 4; post++) {
            comparison.add(Prediction.newBuilder(said(post, 6, 1))
                    .setPostTarget(post == 4 ? null : 1.25)
                    .build());
            comparison.add(Prediction.newBuilder(said(post, 7, 2))
                    .setPostTarget(post == 4 ? null : 1.25)
                    .build());
        }
        comparison.addTarget("post-2", DemoExamples.version().getCreatedAt().plusSeconds(1), Optional.of(1.75));
        comparison.addTarget("post-2", DemoExamples.version().getCreatedAt(), Optional.of(0.0));
        comparison.addTarget("post-3", DemoExamples.version().getCreatedAt(), Optional.empty());

        assertThat(comparison.nearer(6)).isEqualTo(1);
        assertThat(comparison.nearer(7)).isEqualTo(1);
        assertThat(comparison.both().get(0)).isEqualTo(new Tally(6, 4, 2, Optional.of(0.5)));
    }

    @Test
    void shouldCountForNeitherWhenBothAreAsNear() {
        comparison.add(said(1, 6, 1));
        comparison.add(said(1, 7, 2));
        comparison.addTarget("post-1", DemoExamples.version().getCreatedAt(), Optional.of(1.5));

        assertThat(comparison.nearer(6) + comparison.nearer(7)).isZero();
    }

    @Test
    void shouldPassOverWhatIsNoNumberOfTheTwo() {
        comparison.add(DemoExamples.answer(1, "ham", "ham", 0.9f));
        comparison.add(said(2, 5, 1));
        comparison.add(Prediction.newBuilder(said(3, 6, 1)).setReplay("again").build());

        assertThat(comparison.each()).extracting(Tally::posts).containsExactly(0L, 0L);
        assertThat(comparison.meanAbsoluteDifference()).isZero();
    }
}
