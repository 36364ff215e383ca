package dev.sluice.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.Drift;
import dev.sluice.schemas.LabelShare;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DriftPolicyTest {
    private static Drift drift(long predictions, double index) {
        return Drift.newBuilder()
                .setPredictions(predictions)
                .setStabilityIndex(index)
                .setMeanConfidence(0.5)
                .setShares(List.of(new LabelShare("ham", 0.25, 0.5), new LabelShare("spam", 0.75, 0.5)))
                .build();
    }

    @ParameterizedTest
    @CsvSource({
        "0.25, 200, 0.2499, false",
        "0.25, 200, 0.25, false",
        "0.25, 200, 0.2501, true",
        "0.25, 199, 0.5, false",
        "0.25, 201, 0.5, true",
        "0, 1000, 9, false",
        "0.1, 1000, 0.2, true"
    })
    void shouldWarnAboveTheLimitWhenThereAreAnswersEnough(double limit, long predictions, double index, boolean warns) {
        assertThat(new DriftPolicy(limit, 200)
                        .warning(drift(predictions, index), 1000, 2)
                        .isPresent())
                .isEqualTo(warns);
    }

    @Test
    void shouldSayWhatHasChanged() {
        assertThat(new DriftPolicy(0.25, 200).warning(drift(400, 0.5), 1000, 2))
                .contains("the answers have drifted: the stability index of 400 answers beside the holdout is 0.500,"
                        + " above 0.25; ham is 25.0 % of them, 50.0 % on the holdout");
        assertThat(new DriftPolicy(0.25, 200).over(Optional.of(drift(400, 0.1))))
                .isEqualTo("the answers have drifted no more: the stability index of 400 answers is 0.100");
        assertThat(new DriftPolicy(0.25, 200).over(Optional.of(drift(199, 0.1))))
                .isEqualTo("too few answers to say whether they still drift: 199");
        assertThat(new DriftPolicy(0.25, 200).over(Optional.empty()))
                .isEqualTo("too few answers to say whether they still drift: 0");
    }

    @Test
    void shouldSeldomWarnOfChanceAloneWhenTheHoldoutIsSmallAndLabelsAreMany() {
        // given: 20 labels, equally likely now as on the holdout
        Random random = new Random(1);
        DriftPolicy policy = new DriftPolicy(0.25, 200);
        int large = 0;
        int warnings = 0;
        for (int round = 0; round < 1000; round++) {
            Holdout holdout = new Holdout(labels(), draw(random, 90), Optional.empty());
            List<Long> now = draw(random, 200);
            double index = Holdout.stabilityIndex(now, holdout.answers());
            Drift drift = drift(200, index);
            large += index > 0.25 ? 1 : 0;
            warnings += policy.warning(drift, 90, 20).isPresent() ? 1 : 0;
        }

        assertThat(large).isGreaterThan(300);
        assertThat(warnings).isLessThanOrEqualTo(5);
    }

    private static List<String> labels() {
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            labels.add("l" + i);
        }
        return labels;
    }

    private static List<Long> draw(Random random, int count) {
        long[] counts = new long[20];
        for (int i = 0; i < count; i++) {
            counts[random.nextInt(20)]++;
        }
        return Arrays.stream(counts).boxed().toList();
    }

    @Test
    void shouldRefuseLimitsThatMakeNoSense() {
        assertThatThrownBy(() -> new DriftPolicy(-0.1, 200)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new DriftPolicy(Double.NaN, 200)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new DriftPolicy(0.1, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
