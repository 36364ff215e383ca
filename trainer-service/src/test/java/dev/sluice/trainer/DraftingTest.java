package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DraftingTest {
    private final List<Example> mails = new ArrayList<>(Given.mails(60, Split.TRAIN, 1));

    DraftingTest() {
        mails.addAll(Given.mails(100, Split.VALIDATION, 2));
        mails.addAll(Given.mails(100, Split.TEST, 3));
    }

    private static ModelVersion draft(List<Example> examples, Map<String, String> settings)
            throws InterruptedException {
        Hyperparameters parameters = Given.parameters("epochs", "10", "hidden.layers", "", "learning.rate", "0.1")
                .with(settings);
        return new Drafting(
                        Given.space("m", 2),
                        parameters,
                        WordChoice.MOST,
                        new RecordedProgress(),
                        Clock.fixed(Given.TIME, ZoneOffset.UTC))
                .draft(Splits.of(examples, parameters), examples, "default")
                .build();
    }

    private static Evaluation on(Split split, ModelVersion version) {
        return version.getEvaluations().stream()
                .filter(evaluation -> evaluation.getSplit() == split)
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"0.5", "0.05", "0.999", "0", "1"})
    void shouldCarryTheThresholdWhenItIsANumber(double threshold) throws Exception {
        ModelVersion version = draft(mails, Map.of("threshold", Double.toString(threshold)));

        assertThat(version.getThreshold()).contains(threshold);
        long spams = mails.stream()
                .filter(mail -> mail.split() == Split.TEST)
                .filter(mail -> Predictor.ofUnsealed(version).predict(mail.vector())[1] >= threshold)
                .count();
        assertThat(on(Split.TEST, version).getConfusion().stream()
                        .mapToLong(row -> row.get(1))
                        .sum())
                .isEqualTo(spams);
    }

    @Test
    void shouldChooseTheThresholdOnValidationAloneWhenTestHasOthers() throws Exception {
        ModelVersion version = draft(mails, Map.of("threshold", "precision:0.97"));
        List<Example> otherTest = new ArrayList<>(mails.subList(0, 320));
        otherTest.addAll(Given.mails(100, Split.TEST, 9));

        assertThat(version.getThreshold().orElseThrow()).isGreaterThan(0.5);
        assertThat(on(Split.VALIDATION, version).getPerLabel().get(1).getPrecision())
                .isGreaterThanOrEqualTo(0.97);
        assertThat(draft(otherTest, Map.of("threshold", "precision:0.97")).getThreshold())
                .isEqualTo(version.getThreshold());
    }

    @Test
    void shouldFindTheBestF1WhenAskedTo() throws Exception {
        Evaluation best = on(Split.VALIDATION, draft(mails, Map.of("threshold", "best_f1")));

        for (double other = 0.05; other < 1; other += 0.05) {
            Evaluation rival = on(Split.VALIDATION, draft(mails, Map.of("threshold", Double.toString(other))));
            assertThat(best.getPerLabel().get(1).getF1())
                    .isGreaterThanOrEqualTo(rival.getPerLabel().get(1).getF1());
        }
    }

    @Test
    void shouldBeHalfWhenNothingIsHeldOut() throws Exception {
        assertThat(draft(Given.mails(30, Split.TRAIN, 1), Map.of("threshold", "best_f1", "validation.data", "none"))
                        .getThreshold())
                .contains(0.5);
    }

    @ParameterizedTest
    @CsvSource({"0.5", "0.1", "0.97", "best_f1", "0", "1"})
    void shouldCompareTheSameAnswersWhenItTellsWhatTheTemperatureGave(String threshold) throws Exception {
        // given: steps so long that it is far too sure
        Map<String, String> tooSure = Map.of("threshold", threshold, "learning.rate", "2", "batch.size", "4");
        ModelVersion version = draft(mails, tooSure);
        double temperature = version.getCalibration().orElseThrow().getTemperature();
        Evaluation evaluation = on(Split.TEST, version);

        // when: the same label is as sure as the network's own sum says
        double error = 0;
        double[] surplus = new double[15];
        Predictor predictor = Predictor.ofUnsealed(version);
        for (Example mail : Given.mails(100, Split.TEST, 3)) {
            float[] served = predictor.predict(mail.vector());
            int chosen = predictor.choice(served);
            double sum = Math.log(served[1] / (double) served[0]) * temperature;
            double own = 1 / (1 + Math.exp(chosen == 1 ? -sum : sum));
            surplus[Math.min((int) (own * 15), 14)] +=
                    own - (predictor.labels().get(chosen).equals(mail.label().orElseThrow()) ? 1 : 0);
        }
        for (double bin : surplus) {
            error += Math.abs(bin) / 200;
        }

        // then
        assertThat(temperature).isNotCloseTo(1, within(0.1));
        assertThat(evaluation.getUncalibratedError().orElseThrow()).isCloseTo(error, within(0.002));
    }

    @Test
    void shouldTellAReportAllThatItShowsWhenThereAreTwoLabels() throws Exception {
        Evaluation evaluation = on(Split.TEST, draft(mails, Map.of()));

        assertThat(evaluation.getAuc().orElseThrow()).isBetween(0.85, 1.0);
        assertThat(evaluation.getRoc()).hasSizeBetween(3, 200);
        assertThat(evaluation.getReliability().stream()
                        .mapToLong(bin -> bin.getExamples())
                        .sum())
                .isEqualTo(200);
        assertThat(evaluation.getMistakes()).isNotEmpty().allSatisfy(mistake -> {
            assertThat(mistake.getPostId()).startsWith("TEST-");
            assertThat(mistake.getTruth()).isNotEqualTo(mistake.getAnswer());
        });
        assertThat(evaluation.getTargets()).isEmpty();
    }

    @Test
    void shouldTellAReportAllThatItShowsWhenThereAreNumbers() throws Exception {
        List<Example> examples = new ArrayList<>(Given.plane(200, Split.TRAIN, 1));
        examples.addAll(Given.plane(100, Split.TEST, 2));

        ModelVersion version = draft(examples, Map.of("epochs", "60", "learning.rate", "0.03"));

        Evaluation evaluation = on(Split.TEST, version);
        assertThat(evaluation.getRSquared().orElseThrow()).isGreaterThan(0.99);
        assertThat(evaluation.getMeanAbsoluteError().orElseThrow()).isBetween(0.5, 1.5); // noise of 1 around a plane
        assertThat(evaluation.getTargets()).hasSize(100);
        assertThat(evaluation.getMistakes()).hasSize(20);
        assertThat(version.getTraining().getExamples()).isEmpty();
        assertThat(version.getTraining().getTrainingExamples()).isBetween(160L, 200L);
    }

    @ParameterizedTest
    @CsvSource({"holdout", "none"})
    void shouldRefuseAndSayWhatMayHelpWhenTheWeightsExplode(String heldOut) {
        Map<String, String> settings = Map.of(
                "optimizer",
                "sgd",
                "learning.rate",
                "1e30",
                "early.stopping.monitor",
                "none",
                "validation.data",
                heldOut);

        assertThatThrownBy(() -> draft(Given.plane(100, Split.TRAIN, 1), settings))
                .isInstanceOf(RefusedTrainingException.class)
                .hasMessageContaining("learning.rate");
    }
}
