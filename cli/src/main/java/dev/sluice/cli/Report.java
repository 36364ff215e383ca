package dev.sluice.cli;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Task;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that is known of a version as one page: no script, no request, nothing beside the file. The browser is told so too, by a
 * policy that lets nothing in but this one style sheet. Parts that the version knows nothing of (an old one, an import) say so.
 *
 * @param posts those that it was most wrong about, by id, as far as they are still there
 */
record Report(ModelVersion version, Map<String, EmbeddedPost> posts) {
    private static final String NOT_JUDGED = "This version was judged on no examples, or its maker did not say.";

    Report {
        posts = Map.copyOf(posts);
    }

    /** With the texts as they lie on the topic now. */
    static Report of(Connection connection, ModelVersion version) {
        return new Report(version, MistakeTexts.read(connection, version));
    }

    /** @throws CommandException if the file cannot be written */
    void write(Path file) {
        ModelsExportCommand.write(file, html().getBytes(StandardCharsets.UTF_8));
    }

    /** Every picture that the version has figures for, in the order of the page. */
    List<Plot> plots() {
        List<Plot> plots = new ArrayList<>(CurvePlots.of(version.getTask(), version.getTraining()));
        confusion().ifPresent(plots::add);
        plots.addAll(judgements());
        return plots;
    }

    private Optional<Evaluation> evaluation() {
        return Versions.evaluationOf(version);
    }

    private Optional<Plot> confusion() {
        int size = version.getLabels().size();
        return evaluation()
                .filter(each -> size > 0
                        && each.getConfusion().size() == size
                        && each.getConfusion().stream().allMatch(row -> row.size() == size))
                .map(each -> ConfusionPlot.of(
                        new ConfusionMatrix(version.getLabels(), each.getConfusion()), examples(each)));
    }

    private List<Plot> judgements() {
        return evaluation().stream()
                .flatMap(each -> Stream.of(
                                JudgementPlots.roc(version, each),
                                JudgementPlots.targets(each),
                                JudgementPlots.calibration(each))
                        .flatMap(Optional::stream))
                .toList();
    }

    private static String examples(Evaluation evaluation) {
        return Figures.count(evaluation.getExamples(), "example") + " of " + evaluation.getSplit();
    }

    /** The whole file. */
    String html() {
        String css = PlotStyle.pageCss();
        String title = version.getClassifier() + ", version " + version.getVersion();
        Markup head = Markup.of("head")
                .add(
                        Markup.of("meta").with("charset", "utf-8"),
                        Markup.of("meta")
                                .with("http-equiv", "Content-Security-Policy")
                                .with("content", "default-src 'none'; style-src 'sha256-" + hash(css) + "'"),
                        Markup.of("meta")
                                .with("name", "viewport")
                                .with("content", "width=device-width, initial-scale=1"),
                        Markup.of("meta").with("name", "referrer").with("content", "no-referrer"),
                        Markup.of("title", title),
                        Markup.of("style", css));
        return "<!DOCTYPE html>\n" + Markup.of("html").with("lang", "en").add(head, body(title));
    }

    private Markup body(String title) {
        Markup body = Markup.of("body")
                .add(Markup.of("h1", title), Markup.of("p", subtitle()).is("faint"));
        ModelVersions.heldBack(version)
                .ifPresent(why -> body.add(Markup.of("p", "Not deployed by its trainer: " + why)));
        evaluation()
                .ifPresentOrElse(
                        each -> body.add(Markup.of("div")
                                .is("tiles")
                                .addAll(Headline.of(version, each).stream()
                                        .map(Headline::tile)
                                        .toList())),
                        () -> body.add(Markup.of("p", NOT_JUDGED)));
        if (version.getEvaluations().size() > 1) {
            section(body, "Figures by split", List.of(ReportTables.splits(version)));
        }
        section(body, "Learning curves", curves());
        evaluation().ifPresent(each -> judged(body, each));
        section(body, "Layers", List.of(LayerTable.of(version).markup()));
        section(body, "Lineage", List.of(ReportLineage.of(version)));
        return body;
    }

    private String subtitle() {
        String task =
                switch (version.getTask()) {
                    case BINARY -> "one of two labels: " + String.join(", ", version.getLabels());
                    case REGRESSION -> "a number";
                    default -> "one of " + Figures.count(version.getLabels().size(), "label");
                };
        return "Answers " + task + ". Made " + ReportLineage.time(version.getCreatedAt()) + ", for vectors of "
                + version.getSpace().getModel() + " with " + version.getSpace().getDimensions() + " dimensions.";
    }

    private List<Markup> curves() {
        List<Plot> curves = CurvePlots.of(version.getTask(), version.getTraining());
        if (curves.isEmpty()) {
            return List.of(Markup.of("p", "Nothing is known of how it was fitted."));
        }
        return List.of(
                figures(curves),
                Markup.of("details")
                        .with("id", "epochs")
                        .add(
                                Markup.of("summary", "the figures of every epoch"),
                                ReportTables.epochs(
                                        version.getTask(), version.getTraining().getHistory())));
    }

    private void judged(Markup body, Evaluation evaluation) {
        confusion()
                .ifPresent(plot -> section(
                        body,
                        "Answers by label",
                        List.of(Markup.of("div").is("wide").add(plot.figure()))));
        if (!evaluation.getPerLabel().isEmpty()) {
            section(body, "Figures by label", List.of(ReportTables.labels(evaluation)));
        }
        List<Plot> plots = judgements();
        if (!plots.isEmpty()) {
            section(
                    body,
                    version.getTask() == Task.REGRESSION ? "How far off" : "How sure, how right",
                    List.of(figures(plots)));
        }
        if (!evaluation.getMistakes().isEmpty()) {
            section(
                    body,
                    version.getTask() == Task.REGRESSION ? "Largest errors" : "Wrong answers that it was surest of",
                    List.of(ReportMistakes.of(evaluation, posts)));
        }
    }

    private static Markup figures(List<Plot> plots) {
        return Markup.of("div")
                .is("plots")
                .addAll(plots.stream().map(Plot::figure).toList());
    }

    private static void section(Markup body, String title, List<Markup> content) {
        body.add(Markup.of("section").add(Markup.of("h2", title)).addAll(content));
    }

    private static String hash(String css) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(css.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
