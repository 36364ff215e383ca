package dev.sluice.cli;

import dev.sluice.schemas.Drift;
import dev.sluice.schemas.LabelScore;
import dev.sluice.schemas.LabelShare;
import dev.sluice.schemas.LiveEvaluation;
import dev.sluice.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How versions do on the posts that they answer, by the labels that came after the answers. */
@Command(name = "evaluations", description = "Show how right versions were by labels that came later, and drift.")
final class EvaluationsCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Option(names = "--labels", description = "Also by label, within the window.")
    private boolean labels;

    @Parameters(index = "0", arity = "0..1", paramLabel = "VERSION", description = "Only of this version.")
    private Optional<Integer> version = Optional.empty();

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            Topic<LiveEvaluation> topic = connection.topics().evaluations();
            connection.require(topic);
            List<LiveEvaluation> told = LiveAccuracies.read(connection).all().stream()
                    .filter(each -> version.isEmpty() || version.get() == each.getVersion())
                    .toList();
            if (output.json()) {
                told.forEach(each -> output.line(new String(topic.codec().encodeJson(each), StandardCharsets.UTF_8)));
            } else if (told.isEmpty()) {
                output.note("nothing is known"
                        + version.map(it -> " of version " + it).orElse("")
                        + " yet: it takes posts that were answered, and labels ('sluice label ID LABEL')");
            } else {
                print(told);
            }
            return ExitCode.OK;
        }
    }

    private void print(List<LiveEvaluation> told) {
        TextTable table = new TextTable(
                "version",
                "as",
                "right in window",
                "right over all",
                "abstained",
                "answers",
                "PSI",
                "confidence",
                "on holdout",
                "told");
        told.forEach(each -> table.row(row(each)));
        table.lines().forEach(output::line);
        told.forEach(each -> each.getWarning()
                .ifPresent(
                        warning -> output.line("version " + each.getVersion() + ", " + armOf(each) + ": " + warning)));
        if (labels) {
            TextTable byLabel = new TextTable(
                    "version", "as", "label", "precision", "recall", "F1", "labels", "share of answers", "on holdout");
            told.forEach(each -> addLabels(byLabel, each));
            output.line("");
            byLabel.lines().forEach(output::line);
        }
    }

    private static Object[] row(LiveEvaluation told) {
        Optional<Drift> drift = told.getDrift();
        return new Object[] {
            told.getVersion(),
            armOf(told),
            LiveAccuracies.text(told.getWindow()),
            LiveAccuracies.text(told.getSinceDeployment()),
            told.getSinceDeployment().getAbstained(),
            drift.map(each -> Figures.count(each.getPredictions())).orElse("-"),
            drift.map(each -> Figures.score(each.getStabilityIndex())).orElse("-"),
            drift.map(each -> Figures.score(each.getMeanConfidence())).orElse("-"),
            drift.flatMap(Drift::getHoldoutConfidence).map(Figures::score).orElse("-"),
            told.getCreatedAt().toString().substring(0, 19).replace('T', ' ')
        };
    }

    /** Labels of posts and labels of answers: a version may not know the first, and the second may have no labels yet. */
    private static void addLabels(TextTable table, LiveEvaluation told) {
        Map<String, LabelScore> scores = told.getWindow().getPerLabel().stream()
                .collect(Collectors.toMap(LabelScore::getLabel, Function.identity()));
        Map<String, LabelShare> shares = told.getDrift().map(Drift::getShares).orElse(List.of()).stream()
                .collect(Collectors.toMap(LabelShare::getLabel, Function.identity()));
        TreeSet<String> names = new TreeSet<>(scores.keySet());
        names.addAll(shares.keySet());
        for (String name : names) {
            Optional<LabelScore> score = Optional.ofNullable(scores.get(name));
            Optional<LabelShare> share = Optional.ofNullable(shares.get(name));
            table.row(
                    told.getVersion(),
                    armOf(told),
                    name,
                    score.map(each -> Figures.score(each.getPrecision())).orElse("-"),
                    score.map(each -> Figures.score(each.getRecall())).orElse("-"),
                    score.map(each -> Figures.score(each.getF1())).orElse("-"),
                    score.map(LabelScore::getSupport).orElse(0L),
                    share.map(each -> PredictionText.percent(each.getShare())).orElse("-"),
                    share.map(each -> PredictionText.percent(each.getHoldoutShare()))
                            .orElse("-"));
        }
    }

    private static String armOf(LiveEvaluation told) {
        return told.getArm().toString().toLowerCase(Locale.ROOT);
    }
}
