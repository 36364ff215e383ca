package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.runtime.RunningService;
import dev.sluice.schemas.LiveEvaluation;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Topics;
import dev.sluice.trainer.TrainingListener;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels, two labels and numbers, from a file to an answer: by commands, topics, all services and real vectors. */
class TasksIT {
    /** How much the forums ask of the hands, made up, but such that a text tells: the forums of the bundled posts are far apart. */
    private static final Map<String, Double> RATINGS =
            Map.of("astronomy", 0.5, "cooking", 4.0, "cycling", 2.0, "gardening", 3.5);

    private static final String SATURN = "Which eyepiece shows the rings of Saturn best?";
    private static final String PANCAKES = "Should pancake batter rest before I fry it?";

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    @TempDir
    Path folder;

    private String prefix;

    @BeforeEach
    void choosePrefix() {
        prefix = TestBroker.newPrefix();
    }

    @Test
    void shouldLearnLabelsThenNumbersOfTheSamePostsWhenAsked() throws IOException {
        Path file = table(List.of("text", "label", "rating"), bundled(12));
        Topics topics = new Topics(prefix, "default", LocalBroker.PARTITIONS);
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.put("state.dir", folder.resolve("state").toString());
        settings.put("training.trigger", "request");
        settings.put("promotion.max.accuracy.drop", "1");
        settings.put("evaluations.interval.ms", "200");
        try (RunningService services =
                LocalPlatform.start(settings, EnumSet.allOf(LocalPlatform.Service.class), TrainingListener.logging())) {
            assertThat(services.ended()).isNotDone();
            assertThat(run("produce", "--data", file.toString()).err()).isEmpty();
            int posts = 4 * (12 + 3);
            assertThat(broker.readAtLeast(topics.labeledVectors(), posts))
                    .allSatisfy(vector -> assertThat(vector.getPost().getTarget())
                            .contains(RATINGS.get(vector.getPost().getLabel().orElseThrow())));

            // labels win where posts have both
            JsonNode labels = train();
            assertThat(labels.path("task").asText()).isEqualTo("MULTICLASS");
            assertThat(labels.path("taskReason").asText()).contains("4 labels");
            awaitVersion(1);
            assertThat(classify(SATURN).path("label").asText()).isEqualTo("astronomy");

            // the numbers of the same posts
            JsonNode numbers = train("task=regression");
            assertThat(numbers.path("task").asText()).isEqualTo("REGRESSION");
            assertThat(testOf(numbers).path("rSquared").asDouble()).isGreaterThan(0.3);
            run("deploy", "2");
            JsonNode saturn = classify(SATURN);
            JsonNode pancakes = classify(PANCAKES);
            assertThat(saturn.has("label") || saturn.has("confidence")).isFalse();
            assertThat(saturn.path("value").asDouble())
                    .isBetween(-1.0, 5.0)
                    .isLessThan(pancakes.path("value").asDouble());

            // a word that comes later counts for the answer, and is learned from
            String id = pancakes.path("postId").asText();
            assertThat(run("label", id, "--target", "4.5").out()).contains("stands for 4.5");
            List<LiveEvaluation> told = broker.readAll(topics.evaluations(), all -> all.stream()
                    .anyMatch(each -> each.getVersion() == 2
                            && each.getSinceDeployment().getMeanAbsoluteError().isPresent()));
            assertThat(told.get(told.size() - 1)
                            .getSinceDeployment()
                            .getMeanAbsoluteError()
                            .orElseThrow())
                    .isLessThan(5);
            assertThat(broker.readAtLeast(topics.labeledVectors(), posts + 1))
                    .anySatisfy(
                            vector -> assertThat(vector.getPost().getTarget()).contains(4.5));

            // people see which is which
            assertThat(run("models").lines())
                    .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(ModelSummary.WIDTH))
                    .anyMatch(line -> line.matches(" *1 .*4 labels.*F1 .*"))
                    .anyMatch(line -> line.matches(" *2 +live.*a number.*MAE .*R² .*"));
            assertThat(run("evaluations").out()).contains("MAE ");
            assertThat(run("tail", "--from-beginning", "--timeout", "2s").out()).containsPattern("\\d\\.\\d{4} +v2");

            // what cannot be done is refused, and the next request is heard
            CommandRun refused = run("train", "--set", "task=binary");
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.err()).contains("refused").contains("4");
            assertThat(train("task=regression", "epochs=1").path("version").asInt())
                    .isEqualTo(3);
        }
    }

    @Test
    void shouldLookForOneOfTwoLabelsWhenThereAreTwo() {
        CommandRun run = demo("--classes", "astronomy|cooking", "--per-class", "12", "--text", PANCAKES);

        JsonNode report = run.objects().get(0);
        assertThat(report.path("task").asText()).isEqualTo("BINARY");
        assertThat(report.path("positiveLabel").asText()).isEqualTo("cooking");
        assertThat(report.path("auc").asDouble()).isBetween(0.8, 1.0);
        assertThat(report.path("positiveF1").asDouble()).isBetween(0.0, 1.0);
        assertThat(report.path("threshold").asDouble()).isEqualTo(0.5);
        assertThat(report.path("classified").path("probabilities").size()).isEqualTo(2);
        assertThat(report.path("classified").path("label").asText()).isEqualTo("cooking");
    }

    @Test
    void shouldCrossValidateNumbersWhenFoldsAreAskedFor() throws IOException {
        Path file = table(List.of("text", "rating"), bundled(8));
        Path export = folder.resolve("vectors.jsonl");

        CommandRun run =
                demo("--data", file.toString(), "--folds", "2", "--export", export.toString(), "--text", SATURN);

        JsonNode report = run.objects().get(0);
        assertThat(report.path("task").asText()).isEqualTo(Task.REGRESSION.toString());
        assertThat(report.path("folds")).hasSize(2);
        assertThat(report.path("folds").get(1).path("examples").toString()).isEqualTo("{\"train\":20,\"test\":20}");
        assertThat(report.path("meanAbsoluteError").asDouble()).isBetween(0.0, 2.0);
        assertThat(report.path("meanAbsoluteErrorDeviation").asDouble()).isPositive();
        assertThat(report.path("rSquared").asDouble()).isGreaterThan(0.2);
        assertThat(report.has("accuracy")).isFalse();
        assertThat(report.path("classified").path("value").isNumber()).isTrue();
        assertThat(Files.readAllLines(export))
                .hasSize(80)
                .allSatisfy(line -> assertThat(line).contains("\"target\":").doesNotContain("\"label\""));
    }

    private CommandRun demo(String... options) {
        List<String> all = new ArrayList<>(
                List.of("demo", "--bootstrap-server", broker.bootstrapServers(), "--prefix", prefix, "--json"));
        all.addAll(List.of(options));
        CommandRun run = CommandRun.of(all.toArray(String[]::new));
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run;
    }

    private JsonNode train(String... overrides) {
        List<String> words = new ArrayList<>(List.of("train", "--json"));
        for (String override : overrides) {
            words.addAll(List.of("--set", override));
        }
        CommandRun run = run(words.toArray(String[]::new));
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.objects().get(0);
    }

    private static JsonNode testOf(JsonNode version) {
        for (JsonNode evaluation : version.path("evaluations")) {
            if (evaluation.path("split").asText().equals("TEST")) {
                return evaluation;
            }
        }
        throw new AssertionError("no evaluation on TEST in " + version);
    }

    private void awaitVersion(int version) {
        assertThat(run("deploy", Integer.toString(version)).exitCode()).isZero();
    }

    private JsonNode classify(String text) {
        CommandRun run = run("classify", "--json", text);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.objects().get(0);
    }

    private CommandRun run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(1, List.of("--bootstrap-server", broker.bootstrapServers(), "--prefix", prefix));
        return CommandRun.of(all.toArray(String[]::new));
    }

    private static List<Post> bundled(int perClass) {
        return new Sampling(Optional.of(perClass), Optional.empty(), 1)
                .of(DataSet.bundled())
                .posts();
    }

    /** A table of these columns, and of the split. */
    private Path table(List<String> columns, List<Post> posts) throws IOException {
        Path file = folder.resolve("posts.csv");
        List<String> header = new ArrayList<>(columns);
        header.add("split");
        try (BufferedWriter out = Files.newBufferedWriter(file);
                CSVPrinter csv = new CSVPrinter(out, CSVFormat.RFC4180)) {
            csv.printRecord(header);
            for (Post post : posts) {
                Map<String, String> cells = new HashMap<>();
                cells.put("text", post.getText().orElseThrow());
                cells.put("label", DataSet.labelOf(post));
                cells.put("rating", RATINGS.get(DataSet.labelOf(post)).toString());
                cells.put("split", post.getSplit().orElse(Split.TRAIN).toString());
                csv.printRecord(header.stream().map(cells::get).toList());
            }
        }
        return file;
    }
}
