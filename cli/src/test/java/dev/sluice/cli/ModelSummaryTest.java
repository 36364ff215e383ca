package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Training;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ModelSummaryTest {
    private static final LiveAccuracies NOTHING_TOLD = new LiveAccuracies();

    @Test
    void shouldFitATerminalWhenAReasonIsLong() {
        ModelVersion version = TestModels.version(1);
        ModelVersion held = ModelVersion.newBuilder(version)
                .setTraining(Training.newBuilder(version.getTraining())
                        .setPromotion("held back: " + "it finds less than was asked for, ".repeat(9))
                        .build())
                .build();

        List<String> lines = ModelSummary.lines(
                List.of(
                        new ModelSummary(held, Optional.empty(), true),
                        new ModelSummary(version, Optional.empty(), false)),
                NOTHING_TOLD);

        assertThat(lines).hasSize(3).allSatisfy(line -> assertThat(line.length())
                .isLessThanOrEqualTo(ModelSummary.WIDTH));
        assertThat(lines.get(1))
                .hasSize(ModelSummary.WIDTH)
                .contains("pinned", "held back: it finds")
                .endsWith("…");
        assertThat(lines.get(2))
                .contains("2 labels", "4 TEST", "0.7500", "F1 0.7000")
                .endsWith("-");
    }

    @Test
    void shouldShowWhatTheTaskIsJudgedByWhenVersionsDiffer() {
        ModelVersion number = DemoExamples.regression(3, 0.25, 0.5);
        ModelVersion two =
                DemoExamples.binary(DemoExamples.evaluation(List.of(List.of(2L, 0L), List.of(1L, 1L))), 0.875);

        List<String> lines = ModelSummary.lines(
                List.of(
                        new ModelSummary(number, Optional.empty(), false),
                        new ModelSummary(two, Optional.empty(), false)),
                NOTHING_TOLD);

        assertThat(lines.get(1)).contains("a number", "MAE 0.2500", "R² 0.5000").doesNotContain("F1");
        assertThat(lines.get(2)).contains("2 labels", "0.7500", "AUC 0.8750");
        assertThat(new ModelSummary(number, Optional.empty(), false)
                        .json()
                        .path("evaluations")
                        .toString())
                .contains("\"meanAbsoluteError\":0.25", "\"rSquared\":0.5")
                .doesNotContain("accuracy", "macroF1");
        assertThat(new ModelSummary(two, Optional.empty(), false)
                        .json()
                        .path("positiveLabel")
                        .asText())
                .isEqualTo("spam");
        assertThat(Measure.sentence(number, number.getEvaluations().get(0)))
                .isEqualTo("MAE 0.2500, R² 0.5000 on 3 TEST posts");
        assertThat(Measure.sentence(two, two.getEvaluations().get(0)))
                .isEqualTo("accuracy 75.00%, AUC 0.8750 on 4 TEST posts");
        Evaluation only = TestModels.version(1).getEvaluations().get(0);
        assertThat(only.getSplit()).isEqualTo(Split.TEST);
        assertThat(Measure.sentence(TestModels.version(1), only)).isEqualTo("accuracy 75.00% on 4 TEST posts");
    }
}
