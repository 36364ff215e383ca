package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cli.Comparison.Difference;
import dev.sluice.cli.Comparison.Tally;
import dev.sluice.schemas.LabelProbability;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Source;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private final Comparison comparison = new Comparison(6, 7);

    private static Prediction.Builder said(long post, int version, String label) {
        return Prediction.newBuilder()
                .setPostId("p-" + post)
                .setSource(new Source("posts", 0, post))
                .setStatus(PredictionStatus.CLASSIFIED)
                .setLabel(label)
                .setConfidence(0.75f)
                .setProbabilities(List.of(new LabelProbability(label, 0.75f), new LabelProbability("rest", 0.25f)))
                .setModelVersion(version)
                .setTextStart("text " + post)
                .setEmbeddedAt(TestModels.TIME)
                .setClassifiedAt(TestModels.TIME.plusSeconds(post));
    }

    private void add(Prediction.Builder... predictions) {
        for (Prediction.Builder each : predictions) {
            comparison.add(each.build());
        }
    }

    @Test
    void shouldCompareOnlyWhatBothAnsweredWhenOneAnsweredMore() {
        add(said(1, 6, "a"), said(1, 7, "a"), said(2, 7, "b"), said(2, 6, "a"), said(3, 6, "a"));

        assertThat(comparison.both()).containsExactly(new Tally(6, 2, 0, 0, 0), new Tally(7, 2, 0, 0, 0));
        assertThat(comparison.each()).containsExactly(new Tally(6, 3, 0, 0, 0), new Tally(7, 2, 0, 0, 0));
        assertThat(comparison.same()).isEqualTo(1);
        assertThat(comparison.differences(20)).extracting(Difference::postId).containsExactly("p-2");
    }

    @Test
    void shouldKeepPostsApartWhenTheyHaveTheSameId() {
        add(said(1, 6, "a").setPostId("p"), said(2, 7, "b").setPostId("p"));

        assertThat(comparison.both().get(0).posts()).isZero();
    }

    @Test
    void shouldCountWhoIsRightWhenLabelsAreKnown() {
        add(said(1, 6, "a").setPostLabel("a"), said(1, 7, "b").setPostLabel("a"));
        add(said(2, 6, "a"), said(2, 7, "b"));
        add(said(3, 6, "a"), said(3, 7, "a"));
        add(said(4, 6, "a"), said(4, 7, "b"));
        comparison.addLabel("p-2", TestModels.TIME, Optional.of("b"));
        comparison.addLabel("p-3", TestModels.TIME, Optional.of("never learned"));

        assertThat(comparison.both()).containsExactly(new Tally(6, 4, 0, 3, 1), new Tally(7, 4, 0, 3, 1));
        assertThat(comparison.onlyRight(6)).isEqualTo(1);
        assertThat(comparison.onlyRight(7)).isEqualTo(1);
        assertThat(comparison.both().get(0).accuracy()).contains(1 / 3.0);
    }

    @Test
    void shouldBelieveTheNewestLabelWhenItIsCorrectedOrWithdrawn() {
        add(said(1, 6, "a").setPostLabel("a"), said(2, 6, "a").setPostLabel("a"));
        comparison.addLabel("p-1", TestModels.TIME.plusSeconds(2), Optional.of("b"));
        comparison.addLabel("p-1", TestModels.TIME.plusSeconds(1), Optional.of("a"));
        comparison.addLabel("p-2", TestModels.TIME, Optional.empty());

        assertThat(comparison.each().get(0)).isEqualTo(new Tally(6, 2, 0, 1, 0));
    }

    @Test
    void shouldTakeTheMostLikelyLabelWhenAVersionAbstains() {
        add(said(1, 6, "a").setStatus(PredictionStatus.ABSTAINED).setLabel(null).setConfidence(null), said(1, 7, "a"));

        assertThat(comparison.both()).containsExactly(new Tally(6, 1, 1, 0, 0), new Tally(7, 1, 0, 0, 0));
        assertThat(comparison.same()).isEqualTo(1);
    }

    @Test
    void shouldPassOverWhatIsNoAnswerOfTheTwo() {
        add(
                said(1, 5, "a"),
                said(2, 6, "a").setReplay("again"),
                said(3, 6, "a")
                        .setStatus(PredictionStatus.NO_MODEL)
                        .setModelVersion(null)
                        .setProbabilities(List.of()));

        assertThat(comparison.each()).extracting(Tally::posts).containsExactly(0L, 0L);
    }

    @Test
    void shouldShowTheNewestWhenTheyDifferOnMoreThanWanted() {
        for (int post = 1; post <= 5; post++) {
            add(said(post, 6, "a"), said(post, 7, "b"));
        }

        assertThat(comparison.differences(2)).extracting(Difference::postId).containsExactly("p-5", "p-4");
        assertThat(comparison.differences(0)).isEmpty();
    }
}
