package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.LabelScore;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reports from the topics to the browser: a real broker, and Debian's Chromium where it is installed. */
class ReportIT {
    private static final List<String> NAMES =
            List.of("sci.crypt", "sci.electronics", "sci.med", "<script>alert(1)</script>");
    private static final String EVIL =
            "<script>document.title='broken'</script><img src=\"http://127.0.0.1:1/x.png\" onerror=\"alert(1)\">";

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    @TempDir
    Path folder;

    private String prefix;
    private Topics topics;

    @BeforeEach
    void createTopics() throws Exception {
        prefix = TestBroker.newPrefix();
        topics = broker.createTopics(prefix);
    }

    @Test
    void shouldWriteThePageAndThePlotsWhenAVersionIsOnTheTopic() throws Exception {
        // given
        publish(SampleVersions.multiclass(NAMES, 3));
        label("post-0", "The text of the first mistake");
        label("post-1", "A text that will be forgotten");
        assertThat(sluice("forget", "post-1", "--yes").err()).isEmpty();

        // when
        Path page = folder.resolve("report.html");
        CommandRun run = sluice(
                "report",
                "--to",
                page.toString(),
                "--plots",
                folder.resolve("plots").toString());

        // then
        assertThat(run.err()).isEmpty();
        assertThat(run.lines()).hasSize(5).first().isEqualTo("the report on version 7 is in " + page);
        assertThat(page)
                .content()
                .contains("The text of the first mistake")
                .contains("not on the topic labeled-vectors any more")
                .doesNotContain("A text that will be forgotten");
        try (var plots = Files.list(folder.resolve("plots"))) {
            assertThat(plots.map(each -> each.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "curve-loss.svg", "curve-accuracy.svg", "confusion.svg", "calibration.svg");
        }

        // and: the same for scripts, of a version that is named
        JsonNode json = sluice("report", "7", "--to", page.toString(), "--json")
                .objects()
                .get(0);
        assertThat(json.get("version").asInt()).isEqualTo(7);
        assertThat(json.get("file").asText()).isEqualTo(page.toString());
        assertThat(json.get("plots")).isEmpty();
    }

    @Test
    void shouldShowTheLayersWhenAVersionIsShown() {
        publish(SampleVersions.multiclass(NAMES, 3));

        assertThat(sluice("models", "show", "7").lines())
                .contains("total                           -     593,668", "accuracy           85.19%");
        JsonNode json = sluice("models", "show", "7", "--json").objects().get(0);
        assertThat(json.get("parameters").asLong()).isEqualTo(593_668);
        assertThat(json.get("layers")).hasSize(3);
    }

    @Test
    void shouldSayWhatThereIsWhenThereIsNoSuchVersion() {
        assertThat(sluice("report").err()).contains("there is no version yet");
        publish(SampleVersions.multiclass(NAMES, 3));

        assertThat(sluice("report", "8").err()).contains("there is no version 8: published are 7");
        assertThat(sluice(
                                "report",
                                "--to",
                                folder.resolve("no/such/report.html").toString())
                        .err())
                .contains("--to");
        assertThat(sluice("models", "show", "8").err()).contains("there is no version 8");
    }

    @Test
    void shouldShowTheFiguresOfTheVersionAndAskForNothingWhenABrowserOpensIt() throws Exception {
        boolean required = Boolean.parseBoolean(System.getenv("SLUICE_REQUIRE_FOREIGN_CLIENTS"));
        assumeTrue(required || Browser.installed(), "chromium is missing");
        label("post-1", EVIL);
        List<ModelVersion> versions = List.of(
                SampleVersions.multiclass(NAMES, 20),
                SampleVersions.binary(1),
                SampleVersions.regression(200),
                SampleVersions.bare());

        try (Browser browser = Browser.start(folder.resolve("profile"))) {
            for (ModelVersion version : versions) {
                publish(version);
                Path page = folder.resolve("report.html");
                assertThat(sluice("report", Integer.toString(version.getVersion()), "--to", page.toString())
                                .exitCode())
                        .isZero();
                browser.look(1000, false);
                browser.open(page);

                assertThat(texts(browser, "h1")).containsExactly("default, version " + version.getVersion());
                Versions.evaluationOf(version).ifPresent(evaluation -> shows(browser, version, evaluation));
                assertThat(texts(browser, "#epochs tbody tr td:first-child"))
                        .hasSize(version.getTraining().getHistory().size());
                looksWell(browser);
                assertThat(browser.requests()).containsExactly(page.toUri().toString());
                assertThat(browser.problems()).isEmpty();
                assertThat(browser.ask("document.scripts.length + document.images.length")
                                .asInt())
                        .isZero();
            }
        }
    }

    /** What a person reads is what the version says: worked out here again, from the counts. */
    private static void shows(Browser browser, ModelVersion version, Evaluation evaluation) {
        if (version.getTask() == Task.REGRESSION) {
            assertThat(figure(browser, "r-squared")).isEqualTo("0.6123");
            assertThat(figure(browser, "mean-absolute-error")).isEqualTo("0.1184");
            assertThat(texts(browser, "#targets circle title")).hasSize(300);
            return;
        }
        List<List<Long>> counts = evaluation.getConfusion();
        long all =
                counts.stream().flatMap(List::stream).mapToLong(Long::longValue).sum();
        long right = 0;
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < counts.size(); i++) {
            right += counts.get(i).get(i);
            long row = counts.get(i).stream().mapToLong(Long::longValue).sum();
            for (int j = 0; j < counts.size(); j++) {
                cells.add(i + "," + j + ": " + counts.get(i).get(j) + " of " + row);
            }
        }
        assertThat(figure(browser, "accuracy")).isEqualTo(String.format(Locale.ROOT, "%.2f%%", 100.0 * right / all));
        assertThat(figure(browser, "examples")).isEqualTo(Figures.count(all));
        assertThat(strings(
                        browser,
                        "[...document.querySelectorAll('#confusion [data-cell]')].map(cell => cell.dataset.cell"
                                + " + cell.querySelector('title').textContent.replace(/.*:/, ':'))"))
                .isEqualTo(cells);
        assertThat(strings(browser, "[...document.querySelectorAll('#confusion .count')].map(it => it.textContent)"))
                .isEqualTo(counts.stream()
                        .flatMap(List::stream)
                        .filter(count -> count > 0)
                        .map(Figures::count)
                        .toList());
        assertThat(texts(browser, "#labels tbody tr:not(.sum) td"))
                .containsExactlyElementsOf(evaluation.getPerLabel().stream()
                        .flatMap(score -> row(score).stream())
                        .toList());
        if (version.getTask() == Task.BINARY) {
            assertThat(figure(browser, "auc")).isEqualTo("0.9876");
            assertThat(figure(browser, "threshold")).isEqualTo("0.37");
        }
        assertThat(texts(browser, ".post")).containsExactly(EVIL);
    }

    private static List<String> row(LabelScore score) {
        return List.of(
                score.getLabel(),
                Figures.score(score.getPrecision()),
                Figures.score(score.getRecall()),
                Figures.score(score.getF1()),
                Figures.count(score.getSupport()));
    }

    /** The style is let in by the page's own policy; nothing sticks out on a phone; who likes it dark has it dark. */
    private static void looksWell(Browser browser) throws Exception {
        assertThat(strings(browser, "[getComputedStyle(document.body).backgroundColor]"))
                .containsExactly("rgb(255, 255, 255)");
        browser.look(390, true);
        assertThat(strings(browser, "[getComputedStyle(document.body).backgroundColor]"))
                .containsExactly("rgb(21, 24, 28)");
        assertThat(browser.ask("document.documentElement.scrollWidth").asInt()).isEqualTo(390);
    }

    private static String figure(Browser browser, String key) {
        return texts(browser, "[data-figure=" + key + "] b").get(0);
    }

    private static List<String> texts(Browser browser, String selector) {
        return strings(browser, "[...document.querySelectorAll('" + selector + "')].map(it => it.textContent.trim())");
    }

    private static List<String> strings(Browser browser, String script) {
        try {
            List<String> strings = new ArrayList<>();
            browser.ask(script).forEach(each -> strings.add(each.asText()));
            return strings;
        } catch (Exception e) {
            throw new AssertionError(script, e);
        }
    }

    private void publish(ModelVersion version) {
        broker.produce(topics.models(), ModelVersions.keyOf("default", version.getVersion()), version);
    }

    private void label(String id, String text) {
        EmbeddedPost vector = new LabeledClouds(4, 2).post(1, Split.TEST);
        Post post = Post.newBuilder(vector.getPost()).setId(id).build();
        broker.produce(
                topics.labeledVectors(),
                id,
                EmbeddedPost.newBuilder(vector).setPost(post).setText(text).build());
    }

    private CommandRun sluice(String... words) {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--bootstrap-server", broker.bootstrapServers(), "--prefix", prefix));
        return CommandRun.of(arguments.toArray(String[]::new));
    }
}
