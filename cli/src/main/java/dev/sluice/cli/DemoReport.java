package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.cli.Stopwatch.Stage;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.Prediction;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * What a whole run showed.
 *
 * @param data name of the data set
 * @param rejected posts that could not be embedded
 * @param rounds one a seed, at least one
 * @param classified the answer to a text that was asked, if one was
 */
record DemoReport(String data, int rejected, List<RoundResult> rounds, Optional<Prediction> classified) {
    DemoReport {
        rounds = List.copyOf(rounds);
    }

    Spread accuracy() {
        return spread(Evaluation::getAccuracy);
    }

    private Spread spread(ToDoubleFunction<Evaluation> figure) {
        return Spread.of(rounds.stream()
                .map(round -> figure.applyAsDouble(round.evaluation()))
                .toList());
    }

    /** One object for scripts; means over the seeds where there are several. The fields are documented in the README. */
    ObjectNode json(Stopwatch stopwatch) {
        RoundResult first = rounds.get(0);
        ObjectNode json = OutputOptions.object()
                .put("data", data)
                .put("accuracy", accuracy().mean())
                .put("accuracyDeviation", accuracy().deviation())
                .put("loss", spread(Evaluation::getLoss).mean())
                .put("macroF1", spread(Evaluation::getMacroF1).mean());
        json.set("examples", examples(first));
        json.put("deadLetters", rejected);
        ArrayNode labels = json.putArray("labels");
        first.version().getLabels().forEach(labels::add);
        json.set("seconds", seconds(stopwatch));
        ArrayNode versions = json.putArray("versions");
        rounds.forEach(round -> versions.add(round.version().getVersion()));
        ArrayNode seeds = json.putArray("seeds");
        rounds.forEach(round -> seeds.add(seed(round)));
        classified.ifPresent(prediction -> json.set("classified", answer(prediction)));
        return json;
    }

    private static ObjectNode seed(RoundResult round) {
        ObjectNode seed = OutputOptions.object()
                .put("seed", round.seed())
                .put("accuracy", round.evaluation().getAccuracy())
                .put("loss", round.evaluation().getLoss())
                .put("macroF1", round.evaluation().getMacroF1());
        seed.set("examples", examples(round));
        return seed.put("epochs", round.epochs()).put("version", round.version().getVersion());
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
        ObjectNode probabilities = answer.putObject("probabilities");
        prediction.getProbabilities().forEach(each -> probabilities.put(each.getLabel(), each.getProbability()));
        return answer;
    }
}
