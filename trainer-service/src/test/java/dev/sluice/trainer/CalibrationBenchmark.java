package dev.sluice.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the temperature gives: expected calibration error and cross-entropy on posts that neither the fit nor the temperature
 * saw, with and without it, by the vectors that {@code sluice demo --export} wrote; means over its seeds.
 */
public final class CalibrationBenchmark {
    private CalibrationBenchmark() {}

    private record Figures(double accuracy, double loss, double error, double temperature) {}

    /** @param args the file, and the share of TRAIN that is held out */
    public static void main(String[] args) throws Exception {
        Hyperparameters parameters = Given.parameters("validation.fraction", args[1]);
        List<Figures> raw = new ArrayList<>();
        List<Figures> scaled = new ArrayList<>();
        for (List<Example> round : read(Path.of(args[0])).values()) {
            Splits splits = Splits.of(round, parameters);
            ModelTrainer.Fit fit = new ModelTrainer(splits, parameters, new RecordedProgress()).fit();
            var version = TrainedVersions.of(splits.task(), fit);
            double temperature = fit.temperature().orElse(1.0);
            scaled.add(figures(splits, Predictor.ofUnsealed(version.build()), temperature));
            version.setCalibration(null).setSelfTest(List.of());
            raw.add(figures(splits, Predictor.ofUnsealed(version.build()), 1));
        }
        print("without", raw);
        print("with", scaled);
    }

    private static Figures figures(Splits splits, Predictor predictor, double temperature) throws InterruptedException {
        LabelScores scores = (LabelScores) Scores.of(splits.test(), predictor);
        return new Figures(scores.accuracy(), scores.loss(), scores.calibrationError(), temperature);
    }

    private static void print(String name, List<Figures> figures) {
        System.out.printf(
                "%s: accuracy %.4f, cross-entropy %.4f, calibration error %.4f, temperature %.3f; means of %d%n",
                name,
                figures.stream().mapToDouble(Figures::accuracy).average().orElseThrow(),
                figures.stream().mapToDouble(Figures::loss).average().orElseThrow(),
                figures.stream().mapToDouble(Figures::error).average().orElseThrow(),
                figures.stream().mapToDouble(Figures::temperature).average().orElseThrow(),
                figures.size());
    }

    private static Map<Long, List<Example>> read(Path file) throws IOException {
        JsonMapper mapper = new JsonMapper();
        Map<Long, List<Example>> rounds = new TreeMap<>();
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode json = mapper.readTree(line);
                rounds.computeIfAbsent(json.get("seed").asLong(), seed -> new ArrayList<>())
                        .add(Given.example(
                                json.get("id").asText(),
                                json.get("label").asText(),
                                Split.valueOf(json.get("split").asText()),
                                mapper.treeToValue(json.get("embedding"), float[].class)));
            }
        }
        rounds.values().forEach(round -> round.sort((a, b) -> a.id().compareTo(b.id())));
        return rounds;
    }
}
