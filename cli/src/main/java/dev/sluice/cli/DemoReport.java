package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.cli.Stopwatch.Stage;
import dev.sluice.schemas.Prediction;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a whole run showed.
 *
 * @param data name of the data set
 * @param rejected posts that could not be embedded
 * @param rounds one a seed or fold, at least one
 * @param classified the answer to a text that was asked, if one was
 */
record DemoReport(String data, int rejected, List<RoundResult> rounds, Optional<Prediction> classified) {
    DemoReport {
        rounds = List.copyOf(rounds);
    }

    /** The mean over the rounds that tell it; nothing if none does. */
    static Optional<Spread> spread(Measure measure, List<RoundResult> rounds) {
        List<Double> told = rounds.stream()
                .flatMap(round -> round.measured(measure).stream())
                .toList();
        return told.isEmpty() ? Optional.empty() : Optional.of(Spread.of(told));
    }

    /** One object for scripts; means over the rounds where there are several. The fields are documented in the README. */
    ObjectNode json(Stopwatch stopwatch) {
        RoundResult first = rounds.get(0);
        ObjectNode json = OutputOptions.object()
                .put("data", data)
                .put("task", first.version().getTask().toString());
        Measure.of(first.version())
                .forEach(measure -> spread(measure, rounds).ifPresent(spread -> json.put(measure.field(), spread.mean())
                        .put(measure.field() + "Deviation", spread.deviation())));
        Measure.positiveLabel(first.version()).ifPresent(label -> json.put("positiveLabel", label));
        json.set("examples", examples(first));
        json.put("deadLetters", rejected);
        ArrayNode labels = json.putArray("labels");
        first.version().getLabels().forEach(labels::add);
        json.set("seconds", seconds(stopwatch));
        ArrayNode versions = json.putArray("versions");
        rounds.forEach(round -> versions.add(round.version().getVersion()));
        ArrayNode each = json.putArray(first.round().fold().isPresent() ? "folds" : "seeds");
        rounds.forEach(round -> each.add(json(round)));
        classified.ifPresent(prediction -> json.set("classified", answer(prediction)));
        return json;
    }

    private static ObjectNode json(RoundResult result) {
        ObjectNode json = OutputOptions.object();
        result.round().fold().ifPresent(fold -> json.put("fold", fold));
        json.put("seed", result.round().seed());
        Measure.of(result.version())
                .forEach(measure -> result.measured(measure).ifPresent(value -> json.put(measure.field(), value)));
        json.set("examples", examples(result));
        return json.put("epochs", result.epochs())
                .put("version", result.version().getVersion());
    }

    private static ObjectNode examples(RoundResult round) {
        return OutputOptions.object()
                .put("train", round.trainExamples())
                .put("test", round.evaluation().getExamples());
    }

    private static ObjectNode seconds(Stopwatch stopwatch) {
        ObjectNode seconds = OutputOptions.object();
        for (Stage stage : Stage.values()) {
            seconds.put(
                    stage.name().toLowerCase(Locale.ROOT), stopwatch.of(stage).toMillis() / 1000.0);
        }
        return seconds.put("total", stopwatch.total().toMillis() / 1000.0);
    }

    private static ObjectNode answer(Prediction prediction) {
        ObjectNode answer = OutputOptions.object().put("text", prediction.getTextStart());
        if (prediction.getValue().isPresent()) {
            return answer.put("value", prediction.getValue().get());
        }
        prediction.getLabel().ifPresent(label -> answer.put("label", label));
        ObjectNode probabilities = answer.putObject("probabilities");
        prediction.getProbabilities().forEach(each -> probabilities.put(each.getLabel(), each.getProbability()));
        return answer;
    }
}
