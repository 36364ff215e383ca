package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.LabelScore;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.Split;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DemoScreenTest {
    private final StringWriter out = new StringWriter();
    private final AtomicLong nanos = new AtomicLong();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0|0.0 s",
                "59949|59.9 s",
                "59950|1 min 00 s",
                "60400|1 min 00 s",
                "3599400|59 min 59 s",
                "3600000|1 h 00 min",
                "7380000|2 h 03 min"
            })
    void shouldWriteTimesInTheUnitsOfPeople(long millis, String text) {
        assertThat(Figures.time(Duration.ofMillis(millis))).isEqualTo(text);
    }

    @Test
    void shouldDrawOverTheLineWhenAScreenIsWatched() {
        ProgressLine line = progress(new Display(true, 100));

        line.at(1);
        assertThat(out.toString()).isEmpty();
        nanos.addAndGet(Duration.ofSeconds(10).toNanos());
        line.at(250);

        assertThat(out.toString())
                .isEqualTo("\rEmbedding ━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 250/1,000 posts   25/s   30.0 s left\u001b[K");
        line.clear();
        assertThat(out.toString()).endsWith("\r\u001b[K");
    }

    @Test
    void shouldLogALineNowAndThenWhenAFileIsWritten() {
        ProgressLine line = progress(Display.ofFile());

        for (int second = 1; second <= 60; second++) {
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            line.at(second);
        }
        line.clear();

        assertThat(out.toString().lines())
                .containsExactly(
                        "Embedding 30/1,000 posts   1.0/s", "Embedding 60/1,000 posts   1.0/s   15 min 40 s left");
    }

    @Test
    void shouldStayOnOneLineWhenTheScreenIsNarrow() {
        ProgressLine line = progress(new Display(true, 1));

        nanos.addAndGet(Duration.ofSeconds(10).toNanos());
        line.at(250);

        assertThat(out.toString()).hasSize("\r".length() + 59 + "\u001b[K".length());
    }

    @Test
    void shouldPrintEpochsAsKerasDoesWhenAFitIsFollowed() {
        DemoScreen screen = screen();

        screen.fitStarted(128, 32);
        screen.batchEnded(1, 20, 1, 4);
        screen.epochEnded(
                Epoch.newBuilder()
                        .setEpoch(1)
                        .setLoss(1.34124)
                        .setAccuracy(0.4)
                        .setValLoss(1.2)
                        .setValAccuracy(0.5)
                        .build(),
                20);
        screen.epochEnded(
                Epoch.newBuilder().setEpoch(20).setLoss(0.1).setAccuracy(1.0).build(), 20);
        screen.rounds();
        screen.epochEnded(
                Epoch.newBuilder()
                        .setEpoch(1)
                        .setLoss(1.3)
                        .setAccuracy(0.4)
                        .setValLoss(1.2)
                        .setValAccuracy(0.5)
                        .build(),
                20);

        assertThat(out.toString().lines())
                .containsExactly(
                        "Training on 128 posts; val_ is measured on 32 other posts, which it never learns from.",
                        "  Epoch  1/20 - loss: 1.3412 - accuracy: 0.4000 - val_loss: 1.2000 - val_accuracy: 0.5000",
                        "  Epoch 20/20 - loss: 0.1000 - accuracy: 1.0000");
    }

    @Test
    void shouldPrintWhatTheTaskIsJudgedByWhenAnEpochTellsIt() {
        DemoScreen screen = screen();
        Epoch two = Epoch.newBuilder()
                .setEpoch(1)
                .setLoss(0.5)
                .setAccuracy(0.75)
                .setAuc(0.8)
                .setValLoss(0.6)
                .setValAccuracy(0.5)
                .setValAuc(0.7)
                .build();
        Epoch numbers = Epoch.newBuilder()
                .setEpoch(2)
                .setLoss(0.5)
                .setAccuracy(0)
                .setMeanAbsoluteError(0.4)
                .setValLoss(0.6)
                .setValAccuracy(0.0)
                .setValMeanAbsoluteError(0.45)
                .build();

        screen.epochEnded(two, 2);
        screen.epochEnded(numbers, 2);

        assertThat(out.toString().lines())
                .containsExactly(
                        "  Epoch 1/2 - loss: 0.5000 - accuracy: 0.7500 - auc: 0.8000 - val_loss: 0.6000"
                                + " - val_accuracy: 0.5000 - val_auc: 0.7000",
                        "  Epoch 2/2 - loss: 0.5000 - mae: 0.4000 - val_loss: 0.6000 - val_mae: 0.4500");
    }

    @Test
    void shouldGiveARowARoundAndTheSpreadWhenFoldsAreFitted() {
        DemoScreen screen = screen();
        List<RoundResult> results = List.of(fold(1, 0.5, 0.25), fold(2, 0.7, 0.75));

        screen.rounds();
        results.forEach(screen::round);
        screen.spread(results);

        assertThat(out.toString().lines())
                .containsExactly(
                        "  fold     MAE      R²    loss  epochs",
                        "     1  0.5000  0.2500  0.2500       2",
                        "     2  0.7000  0.7500  0.2500       2",
                        "",
                        "MAE 0.6000 ± 0.1414, R² 0.5000 ± 0.3536, loss 0.2500 ± 0.0000 (mean and standard deviation of 2"
                                + " folds).",
                        "");
    }

    private static RoundResult fold(int number, double meanAbsoluteError, double rSquared) {
        ModelVersion version = DemoExamples.regression(3, meanAbsoluteError, rSquared);
        return new RoundResult(
                new Draws.Round(1, Optional.of(number), DataSet.bundled()),
                8,
                version,
                version.getEvaluations().get(0),
                new ConfusionMatrix(List.of(), List.of()),
                List.of(DemoExamples.value(0, 4, 3.5), DemoExamples.value(1, 0.1, 0.2)));
    }

    @Test
    void shouldNameThePositiveLabelWhenThereAreTwo() {
        DemoScreen screen = screen();
        ModelVersion version =
                DemoExamples.binary(DemoExamples.evaluation(List.of(List.of(2L, 0L), List.of(1L, 1L))), 1);
        ModelVersion told = ModelVersion.newBuilder(version)
                .setThreshold(0.3)
                .setEvaluations(List.of(Evaluation.newBuilder(
                                version.getEvaluations().get(0))
                        .setPerLabel(List.of(
                                new LabelScore("ham", 0.7, 1.0, 0.8, 2L), new LabelScore("spam", 1.0, 0.5, 0.6667, 2L)))
                        .build()))
                .build();

        screen.result(new RoundResult(
                new Draws.Round(1, Optional.empty(), DataSet.bundled()),
                8,
                told,
                told.getEvaluations().get(0),
                new ConfusionMatrix(DemoExamples.LABELS, List.of(List.of(2L, 0L), List.of(1L, 1L))),
                List.of(DemoExamples.answer(0, "ham", "ham", 0.9f))));

        assertThat(out.toString().lines())
                .contains(
                        "  accuracy    75.00%, the same as the trainer counted",
                        "  AUC         1.0000", "  F1 of spam  0.6667", "  threshold   0.3000");
    }

    @Test
    void shouldShowTheFurthestOffFirstWhenNumbersArePredicted() {
        DemoScreen screen = screen();
        screen.result(fold(1, 0.5, 0.25));

        assertThat(out.toString().lines())
                .contains("  MAE   0.5000, the same as the trainer counted", "  R²    0.2500")
                .anyMatch(line -> line.matches(" +4 +3\\.5000 +-0\\.5000 +Text of post number 0, in two lines"))
                .noneMatch(line -> line.contains("Confusion"));
        List<String> samples = NumberTables.samples(
                IntStream.rangeClosed(0, 100)
                        .mapToObj(i -> DemoExamples.value(i, i, i == 50 ? 53 : i + i / 1000.0))
                        .toList(),
                70);
        assertThat(samples.stream().skip(1).map(line -> line.strip().split(" +", -1)[0]))
                .containsExactly("50", "100", "99", "98", "0", "19", "38", "58", "77", "97");
        assertThat(samples).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(70));
    }

    @Test
    void shouldTellTheRangeWhenADataSetHasNumbers() {
        List<Post> posts = new ArrayList<>();
        for (double target : new double[] {0.5, 2, 3.5}) {
            posts.add(Post.newBuilder()
                    .setId("p" + target)
                    .setText("t")
                    .setTarget(target)
                    .setSplit(target == 2 ? Split.TEST : Split.TRAIN)
                    .build());
        }

        assertThat(NumberTables.posts(new DataSet("numbers", posts)))
                .containsExactly(
                        "numbers  posts  lowest    mean  highest  deviation",
                        "train        2     0.5  2.0000      3.5     2.1213",
                        "test         1       2  2.0000        2     0.0000",
                        "all          3     0.5  2.0000      3.5     1.5000");
    }

    @Test
    void shouldListWrongAnswersFirstWhenSamplesAreShown() {
        List<Prediction> answers = new ArrayList<>(IntStream.range(0, 20)
                .mapToObj(i -> DemoExamples.answer(i, "ham", "ham", 0.9f))
                .toList());
        for (int i = 20; i < 25; i++) {
            answers.add(DemoExamples.answer(i, "spam", "ham", i / 100f + 0.5f));
        }

        List<String> lines = DemoTables.samples(answers, 70);

        assertThat(lines).hasSize(11).allSatisfy(line -> assertThat(line.length())
                .isLessThanOrEqualTo(70));
        assertThat(lines.get(1)).startsWith("✗  spam  ham").contains("74.00%", "Text of post number 24, in two");
        assertThat(lines.get(4)).startsWith("✗").contains("71.00%");
        assertThat(lines.get(5)).startsWith("   ham   ham").contains("Text of post number 0,");
    }

    @Test
    void shouldShowEachClassInTurnWhenAnswersAreRight() {
        List<Prediction> answers = List.of(
                DemoExamples.answer(0, "ham", "ham", 0.9f),
                DemoExamples.answer(1, "ham", "ham", 0.9f),
                DemoExamples.answer(2, "spam", "spam", 0.9f));

        assertThat(DemoTables.samples(answers, 70).stream()
                        .skip(1)
                        .map(line -> line.replaceAll(".*(number \\d).*", "$1")))
                .containsExactly("number 0", "number 2", "number 1");
    }

    @Test
    void shouldCountPostsByClassAndSplitWhenADataSetIsShown() {
        assertThat(DemoTables.posts(DataSet.bundled()))
                .contains("class      train  test", "astronomy     32     8", "4 classes    128    32");
    }

    @Test
    void shouldAskUntilAnEmptyLineWhenAPersonAnswers() {
        Iterator<String> asking = Questions.asking(
                new BufferedReader(new StringReader("one\ntwo\n\nthree\n")), new PrintWriter(out, true));

        List<String> texts = new ArrayList<>();
        asking.forEachRemaining(texts::add);

        assertThat(texts).containsExactly("one", "two");
        assertThat(asking.hasNext()).isFalse();
        assertThat(out.toString().split("Type a text", -1)).hasSize(4);
    }

    @Test
    void shouldEndWhenTheInputDoes() {
        Iterator<String> asking =
                Questions.asking(new BufferedReader(new StringReader("one")), new PrintWriter(out, true));

        assertThat(asking.next()).isEqualTo("one");
        assertThat(asking.hasNext()).isFalse();
    }

    @Test
    void shouldGiveTheSampleDeviationWhenValuesSpread() {
        assertThat(Spread.of(List.of(1.0, 2.0, 3.0))).isEqualTo(new Spread(2, 1));
        assertThat(Spread.of(List.of(0.5))).isEqualTo(new Spread(0.5, 0));
        assertThatThrownBy(() -> Spread.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    private ProgressLine progress(Display display) {
        return new ProgressLine(new PrintWriter(out, true), display, nanos::get, "Embedding", "posts", 1000);
    }

    private DemoScreen screen() {
        PrintWriter writer = new PrintWriter(out, true);
        return new DemoScreen(writer, writer, Display.ofFile(), nanos::get);
    }
}
