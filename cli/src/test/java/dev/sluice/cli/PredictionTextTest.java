package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.LabelProbability;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Source;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PredictionTextTest {
    @Test
    void shouldListEveryClassAsTheNotebookDoesWhenClassified() {
        assertThat(PredictionText.byClass(classified().build())).containsExactly("sci.space: 99.54%", "sci.med: 0.46%");
    }

    @ParameterizedTest
    @CsvSource({"0, 0.00%", "0.00004, 0.00%", "0.00006, 0.01%", "0.9954, 99.54%", "0.99994, 99.99%", "1, 100.00%"})
    void shouldRoundToAHundredthWhenShownAsPercent(double share, String text) {
        assertThat(PredictionText.percent(share)).isEqualTo(text);
    }

    @Test
    void shouldShowAnswerVersionIdAndTextInOneLineWhenClassified() {
        assertThat(PredictionText.line(classified().build(), ZoneOffset.UTC))
                .isEqualTo("09:00:00  sci.space 99.54%              v2    p-1  Which orbit is it?");
    }

    @Test
    void shouldShowThePostsOwnLabelOnlyWhenItDiffers() {
        Prediction right = classified().setPostLabel("sci.space").build();
        Prediction wrong = classified().setPostLabel("sci.med").build();

        assertThat(PredictionText.line(right, ZoneOffset.UTC)).doesNotContain("(is");
        assertThat(PredictionText.line(wrong, ZoneOffset.UTC)).contains("sci.space 99.54% (is sci.med)");
    }

    @Test
    void shouldShowTheStatusWhenThereIsNoAnswer() {
        Prediction none = classified()
                .setStatus(PredictionStatus.NO_MODEL)
                .setLabel(null)
                .setConfidence(null)
                .setModelVersion(null)
                .setPostLabel("sci.med")
                .setProbabilities(List.of())
                .build();

        assertThat(PredictionText.line(none, ZoneOffset.UTC))
                .contains("NO_MODEL")
                .contains("  -  ")
                .doesNotContain("(is");
        assertThat(PredictionText.whyNot(none)).contains("sluice train");
    }

    @Test
    void shouldSayHowToGoOnWhenTheModelIsForOtherVectors() {
        Prediction other =
                classified().setStatus(PredictionStatus.OTHER_EMBEDDING_SPACE).build();

        assertThat(PredictionText.whyNot(other))
                .contains("another embedding model")
                .contains("sluice models");
    }

    @ParameterizedTest
    @CsvSource({"abc, abc", "abcd, abcd", "abcde, abc…"})
    void shouldCutTextWhenItIsLongerThanAllowed(String text, String shown) {
        assertThat(PredictionText.oneLine(text, 4)).isEqualTo(shown);
    }

    @Test
    void shouldKeepCharactersWholeAndLinesOneWhenTextIsStrange() {
        assertThat(PredictionText.oneLine("😀😀😀😀", 3)).isEqualTo("😀😀…");
        assertThat(PredictionText.oneLine(" a\r\n\tb\u001b[31m ", 20)).isEqualTo("a b [31m");
    }

    @Test
    void shouldShowTheNumberWhenOneIsPredicted() {
        Prediction number = DemoExamples.value(3, 4, 3.51204);

        assertThat(PredictionText.byClass(number)).containsExactly("3.5120");
        assertThat(PredictionText.line(number, ZoneOffset.UTC)).contains("  3.5120 (is 4)  ");
        assertThat(PredictionText.line(
                        Prediction.newBuilder(number).setPostTarget(null).build(), ZoneOffset.UTC))
                .contains("  3.5120  ")
                .doesNotContain("(is");
    }

    @Test
    void shouldMarkTheAnswerWhenAThresholdChoseIt() {
        Prediction chosen =
                classified().setLabel("sci.med").setConfidence(0.0046f).build();

        assertThat(PredictionText.byClass(chosen))
                .containsExactly("sci.space: 99.54%", "sci.med: 0.46% (the answer, by the model's threshold)");
        assertThat(PredictionText.line(chosen, ZoneOffset.UTC)).contains("sci.med 0.46%");
    }

    private static Prediction.Builder classified() {
        return Prediction.newBuilder()
                .setPostId("p-1")
                .setSource(new Source("posts", 0, 0L))
                .setStatus(PredictionStatus.CLASSIFIED)
                .setLabel("sci.space")
                .setConfidence(0.9954f)
                .setProbabilities(
                        List.of(new LabelProbability("sci.space", 0.9954f), new LabelProbability("sci.med", 0.0046f)))
                .setModelVersion(2)
                .setTextStart("Which orbit\nis it?")
                .setEmbeddedAt(TestModels.TIME)
                .setClassifiedAt(TestModels.TIME);
    }
}
