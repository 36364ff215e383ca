package dev.sluice.cli;

import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.LabelScore;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The tables of a report. */
final class ReportTables {
    private ReportTables() {}

    /** @param texts so many columns hold text, those behind them numbers */
    static Markup table(List<String> head, int texts, List<List<String>> rows, List<String> sum) {
        Markup body = Markup.of("tbody");
        rows.forEach(row -> body.add(row("td", texts, row)));
        if (!sum.isEmpty()) {
            body.add(row("td", texts, sum).is("sum"));
        }
        return Markup.of("div")
                .is("scroll")
                .add(Markup.of("table").add(Markup.of("thead").add(row("th", texts, head)), body));
    }

    private static Markup row(String cell, int texts, List<String> values) {
        Markup row = Markup.of("tr");
        for (int i = 0; i < values.size(); i++) {
            row.add(Markup.of(cell, values.get(i)).is(i < texts ? "name" : "number"));
        }
        return row;
    }

    /** How each label is told from the others, the means at the end. */
    static Markup labels(Evaluation evaluation) {
        List<LabelScore> scores = evaluation.getPerLabel();
        List<LabelScore> occurring = occurring(evaluation);
        Markup body = Markup.of("tbody");
        for (LabelScore score : scores) {
            body.add(Markup.of("tr")
                    .add(
                            Markup.of("td", score.getLabel()).is("name").with("dir", "auto"),
                            number(score.getPrecision()),
                            number(score.getRecall()),
                            Markup.of("td").is("number").add(bar(score.getF1())).text(Figures.score(score.getF1())),
                            Markup.of("td", Figures.count(score.getSupport())).is("number")));
        }
        body.add(row(
                        "td",
                        1,
                        List.of(
                                "mean over labels",
                                Figures.score(mean(occurring, LabelScore::getPrecision)),
                                Figures.score(mean(occurring, LabelScore::getRecall)),
                                Figures.score(evaluation.getMacroF1()),
                                Figures.count(scores.stream()
                                        .mapToLong(LabelScore::getSupport)
                                        .sum())))
                .is("sum"));
        return Markup.of("div")
                .is("scroll")
                .with("id", "labels")
                .add(Markup.of("table")
                        .add(
                                Markup.of("thead")
                                        .add(row("th", 1, List.of("label", "precision", "recall", "F1", "support"))),
                                body));
    }

    private static Markup number(double value) {
        return Markup.of("td", Figures.score(value)).is("number");
    }

    private static double mean(List<LabelScore> scores, Function<LabelScore, Double> figure) {
        return scores.stream().collect(Collectors.averagingDouble(figure::apply));
    }

    /** As the mean F1 is counted: those that no example has and no answer names say nothing. */
    private static List<LabelScore> occurring(Evaluation evaluation) {
        List<LabelScore> scores = evaluation.getPerLabel();
        return IntStream.range(0, scores.size())
                .filter(i -> scores.get(i).getSupport() > 0
                        || evaluation.getConfusion().stream().anyMatch(row -> i < row.size() && row.get(i) > 0))
                .mapToObj(scores::get)
                .toList();
    }

    /** The same figures of every split that the version was judged on. */
    static Markup splits(ModelVersion version) {
        List<List<Headline>> all = version.getEvaluations().stream()
                .map(each -> Headline.of(version, each))
                .toList();
        Map<String, String> names = new LinkedHashMap<>();
        all.forEach(each -> each.forEach(figure -> names.putIfAbsent(figure.key(), figure.name())));
        names.put("examples", "examples");
        List<String> head = new ArrayList<>(List.of("split"));
        head.addAll(names.values());
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            Map<String, String> values = all.get(i).stream().collect(Collectors.toMap(Headline::key, Headline::value));
            List<String> row = new ArrayList<>(
                    List.of(version.getEvaluations().get(i).getSplit().toString()));
            names.keySet().forEach(key -> row.add(values.getOrDefault(key, "")));
            rows.add(List.copyOf(row));
        }
        return table(head, 1, rows, List.of());
    }

    /** A share as a picture, for what stands beside it in figures. */
    static Markup bar(double share) {
        double part = 100 * Math.max(0, Math.min(1, share));
        return Markup.of("svg")
                .is("bar")
                .with("viewBox", "0 0 100 8")
                .with("preserveAspectRatio", "none")
                .with("aria-hidden", "true")
                .add(
                        Markup.of("rect").is("whole").with("width", 100).with("height", 8),
                        Markup.of("rect").is("part").with("width", part).with("height", 8));
    }

    /** Every epoch's figures; columns that no epoch has are left out. */
    static Markup epochs(Task task, List<Epoch> history) {
        Map<String, Function<Epoch, Optional<Double>>> all = new LinkedHashMap<>();
        all.put("loss", epoch -> Optional.of(epoch.getLoss()));
        all.put("val. loss", Epoch::getValLoss);
        if (task != Task.REGRESSION) {
            all.put("accuracy", epoch -> Optional.of(epoch.getAccuracy()));
            all.put("val. accuracy", Epoch::getValAccuracy);
        }
        all.put("AUC", Epoch::getAuc);
        all.put("val. AUC", Epoch::getValAuc);
        all.put("mean absolute error", Epoch::getMeanAbsoluteError);
        all.put("val. mean absolute error", Epoch::getValMeanAbsoluteError);
        all.values().removeIf(figure -> history.stream()
                .allMatch(epoch -> figure.apply(epoch).isEmpty()));
        List<String> head = new ArrayList<>(List.of("epoch"));
        head.addAll(all.keySet());
        return table(
                head,
                0,
                history.stream()
                        .map(epoch -> {
                            List<String> row = new ArrayList<>(List.of(Integer.toString(epoch.getEpoch())));
                            all.values()
                                    .forEach(figure -> row.add(figure.apply(epoch)
                                            .map(Figures::figure)
                                            .orElse("")));
                            return row;
                        })
                        .map(List::copyOf)
                        .toList(),
                List.of());
    }
}
