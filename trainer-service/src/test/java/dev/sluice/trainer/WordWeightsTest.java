package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.schemas.Vocabulary;
import dev.sluice.schemas.WordCounts;
import org.junit.jupiter.api.Test;

class WordWeightsTest {
    private static final double RATE = 0.1;

    private final WordCounts orbit = WordCounts.of("orbit");
    private final Vocabulary vocabulary = new Vocabulary(new long[] {orbit.hash(0)}, new float[] {3});
    private final WordWeights weights = new WordWeights(vocabulary, 2, RATE);

    private float[] sums() {
        return weights.sums(weights.known(orbit));
    }

    @Test
    void shouldStepAsAdaGradDoesWhenAWordIsSeenTwice() {
        // a single known word has the number 1, so each sum is a weight and each error its gradient
        weights.learn(weights.known(orbit), new float[] {0.5f, -4});

        assertThat(sums()[0]).isEqualTo(-0.1f, within(1e-6f));
        assertThat(sums()[1]).isEqualTo(0.1f, within(1e-6f));

        weights.learn(weights.known(orbit), new float[] {0.5f, 3});

        assertThat(sums()[0]).isEqualTo((float) (-0.1 - RATE * 0.5 / Math.sqrt(0.5)), within(1e-6f));
        assertThat(sums()[1]).isEqualTo((float) (0.1 - RATE * 3 / 5), within(1e-6f));
    }

    @Test
    void shouldStayAsItIsWhenNothingIsWrong() {
        weights.learn(weights.known(orbit), new float[] {0, 0});

        assertThat(sums()).containsExactly(0, 0);
    }

    @Test
    void shouldLearnNothingWhenNoWordIsKnown() {
        weights.learn(weights.known(WordCounts.of("pill")), new float[] {1, 1});

        assertThat(sums()).containsExactly(0, 0);
        assertThat(weights.sums(weights.known(WordCounts.NONE))).containsExactly(0, 0);
    }

    @Test
    void shouldComeBackWhenRestored() {
        weights.learn(weights.known(orbit), new float[] {1, 1});
        float[] before = sums();
        float[] kept = weights.weights();
        weights.learn(weights.known(orbit), new float[] {1, 1});

        weights.restore(kept);

        assertThat(sums()).isEqualTo(before);
    }
}
