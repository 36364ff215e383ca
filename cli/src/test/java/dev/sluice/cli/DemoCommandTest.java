package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.runtime.RunningService;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Vectors;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    @Test
    void shouldEndWithOneLineWhenThePostsCannotBeUsed() throws IOException {
        Path untested = Files.writeString(folder.resolve("posts.csv"), "text,label,split\none,a,TRAIN\ntwo,b,TRAIN\n");

        assertFails(1, "there is no file", "--data", "missing.csv");
        assertFails(1, "astronomy, cooking, cycling, gardening", "--classes", "^sci");
        assertFails(1, "one class only (astronomy)", "--classes", "astro");
        assertFails(1, "no TEST posts", "--data", untested.toString());
        assertFails(1, "no TEST posts", "--test-per-class", "0");
        assertFails(
                1, "--export", "--export", folder.resolve("none/vectors.jsonl").toString());
        assertFails(
                1, "--report", "--report", folder.resolve("none/report.html").toString());
        assertFails(2, "--seeds is 1 or more", "--seeds", "0");
        assertFails(2, "at least 1 post", "--per-class", "0");
        assertFails(2, "either --folds or --seeds", "--folds", "5", "--seeds", "2");
        assertFails(2, "by --seed", "--set", "seed=7");
        assertFails(2, "--task", "--task", "sorting");
        assertFails(1, "--folds is 2 or more", "--folds", "1");
        assertFails(1, "no service knows the setting epoch", "--set", "epoch=7");
        assertFails(1, "the same number (4)", "--data", write("same.csv", "text,rating\none,4\ntwo,4.0\n"));
        assertFails(1, "numbers, not classes", "--data", write("some.csv", "text,rating\none,4\n"), "--classes", "a");
    }

    @Test
    void shouldHoldExamplesBackWhenTheThresholdIsChosen() {
        assertThat(DemoSite.choosesThreshold(Map.of("threshold", "best_f1"))).isTrue();
        assertThat(DemoSite.choosesThreshold(Map.of("threshold", "precision:0.95")))
                .isTrue();
        assertThat(DemoSite.choosesThreshold(Map.of("threshold", "0.4"))).isFalse();
        assertThat(DemoSite.choosesThreshold(Map.of())).isFalse();
    }

    private String write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private void assertFails(int exit, String reason, String... options) {
        err.getBuffer().setLength(0);
        String[] arguments = new String[options.length + 1];
        arguments[0] = "demo";
        System.arraycopy(options, 0, arguments, 1, options.length);

        int code = Sluice.commandLine(new PrintWriter(new StringWriter()), new PrintWriter(err, true))
                .execute(arguments);

        assertThat(code).as(err.toString()).isEqualTo(exit);
        assertThat(err.toString().lines().findFirst().orElseThrow()).contains(reason);
        assertThat(err.toString().lines().count()).isEqualTo(exit == 1 ? 1 : 2);
    }

    @Test
    void shouldUniteWhatSeveralSeedsDraw() {
        Sampling sampling = new Sampling(Optional.of(8), Optional.empty(), 3);

        Draws draws = Draws.of(DataSet.bundled(), sampling, 2);

        assertThat(draws.rounds())
                .containsExactly(
                        new Draws.Round(3, Optional.empty(), sampling.of(DataSet.bundled())),
                        new Draws.Round(
                                4, Optional.empty(), sampling.withSeed(4).of(DataSet.bundled())));
        assertThat(draws.union())
                .containsAll(draws.rounds().get(0).data().posts())
                .containsAll(draws.rounds().get(1).data().posts())
                .doesNotHaveDuplicates();
    }

    @Test
    void shouldGiveMeansWhenSeveralSeedsAreReported() throws IOException {
        DemoReport report = new DemoReport(
                "posts",
                1,
                List.of(
                        round(1, List.of(List.of(2L, 0L), List.of(0L, 2L))),
                        round(2, List.of(List.of(2L, 0L), List.of(2L, 0L)))),
                Optional.of(DemoExamples.answer(0, "ham", "ham", 0.75f)));
        AtomicLong nanos = new AtomicLong();
        Stopwatch stopwatch = new Stopwatch(nanos::get);
        stopwatch.time(Stopwatch.Stage.TRAIN, () -> nanos.addAndGet(1_500_000_000L));

        JsonNode json = new JsonMapper().readTree(report.json(stopwatch).toString());

        assertThat(json.path("accuracy").asDouble()).isEqualTo(0.75);
        assertThat(json.path("accuracyDeviation").asDouble()).isEqualTo(Math.sqrt(0.125));
        assertThat(json.path("seeds").get(1).path("accuracy").asDouble()).isEqualTo(0.5);
        assertThat(json.path("seeds").get(1).path("seed").asInt()).isEqualTo(2);
        assertThat(json.path("task").asText()).isEqualTo("MULTICLASS");
        assertThat(json.path("macroF1Deviation").asDouble(-1)).isZero();
        assertThat(json.has("auc")).isFalse();
        assertThat(json.path("versions").toString()).isEqualTo("[3,3]");
        assertThat(json.path("seconds").path("train").asDouble()).isEqualTo(1.5);
        assertThat(json.path("classified").path("probabilities").toString()).isEqualTo("{\"ham\":0.75,\"spam\":0.25}");
    }

    private static Draws.Round roundOf(long seed) {
        return new Draws.Round(seed, Optional.empty(), DataSet.bundled());
    }

    private static RoundResult round(long seed, List<List<Long>> confusion) {
        Evaluation evaluation = DemoExamples.evaluation(confusion);
        return new RoundResult(
                roundOf(seed),
                8,
                DemoExamples.version(evaluation),
                evaluation,
                new ConfusionMatrix(DemoExamples.LABELS, confusion),
                List.of());
    }

    @Test
    void shouldSayWhatWasWaitedForWhenPatienceEnds() {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        Patience patient = new Patience("a model version", Duration.ofHours(1), service(ended));
        Patience impatient = new Patience("a model version", Duration.ZERO, service(ended));

        patient.check(0);
        assertThatThrownBy(() -> impatient.check(0)).hasMessageContainingAll("waited 0 s for a model version", ".log");

        ended.completeExceptionally(new CommandException("the disk is full"));
        assertThatThrownBy(() -> patient.check(0))
                .hasMessageContainingAll("ended while waiting for a model version", "the disk is full");
    }

    @Test
    void shouldTellOfStepsAndRefusalsWhenAFitIsWatched() {
        FitWatch fit = new FitWatch(new DemoScreen(
                new PrintWriter(err, true), new PrintWriter(err, true), Display.ofFile(), System::nanoTime));

        fit.fitStarted(10, 2, 20);
        fit.batchEnded(1, 1, 1);
        fit.epochEnded(
                Epoch.newBuilder().setEpoch(1).setLoss(1.0).setAccuracy(0.5).build(), 20);
        assertThat(fit.step()).isEqualTo(3);
        assertThat(fit.refusal()).isEmpty();

        fit.refused("too few");
        assertThat(fit.refusal()).contains("too few");
    }

    @Test
    void shouldWriteALineAVectorWhenVectorsAreExported() throws IOException {
        Path file = folder.resolve("vectors.jsonl");
        ModelVersion version = DemoExamples.version();
        EmbeddedPost vector = EmbeddedPost.newBuilder()
                .setPost(Post.newBuilder()
                        .setId("a \"quoted\" id")
                        .setLabel("ham")
                        .setSplit(Split.TEST)
                        .build())
                .setSource(DemoExamples.answer(0, "ham", "ham", 1).getSource())
                .setText("text")
                .setEmbedding(Vectors.toBytes(new float[] {0.5f, -1e-7f}))
                .setSpace(version.getSpace())
                .setEmbeddedAt(version.getCreatedAt())
                .build();

        try (VectorExport export = VectorExport.to(file)) {
            export.write(roundOf(1), List.of(vector));
            export.write(roundOf(2), List.of(vector));
            export.write(
                    new Draws.Round(2, Optional.of(5), DataSet.bundled()),
                    List.of(EmbeddedPost.newBuilder(vector)
                            .setPost(Post.newBuilder(vector.getPost())
                                    .setLabel(null)
                                    .setTarget(0.25)
                                    .build())
                            .build()));
        }

        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(3);
        JsonNode third = new JsonMapper().readTree(lines.get(2));
        assertThat(third.path("fold").asInt()).isEqualTo(5);
        assertThat(third.path("target").asDouble()).isEqualTo(0.25);
        assertThat(third.has("label")).isFalse();
        JsonNode second = new JsonMapper().readTree(lines.get(1));
        assertThat(second.path("seed").asInt()).isEqualTo(2);
        assertThat(second.path("id").asText()).isEqualTo("a \"quoted\" id");
        assertThat(second.path("split").asText() + second.path("label").asText())
                .isEqualTo("TESTham");
        assertThat(second.path("text").asText()).isEqualTo("text");
        assertThat(second.has("fold")).isFalse();
        assertThat(second.path("embedding").get(1).floatValue()).isEqualTo(-1e-7f);
    }

    private static RunningService service(CompletableFuture<Void> ended) {
        return new RunningService() {
            @Override
            public CompletableFuture<Void> ended() {
                return ended;
            }

            @Override
            public void close() {}
        };
    }
}
