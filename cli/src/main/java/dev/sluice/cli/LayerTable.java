package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.sluice.schemas.DenseLayer;
import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.InputKind;
import dev.sluice.schemas.ModelVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a version is built of, as Keras' {@code model.summary()} shows it: its layers, how many numbers each gives, and how many it
 * learned. Reckoned from the version alone.
 */
record LayerTable(List<Row> rows) {
    /**
     * One layer.
     *
     * @param outputs how many numbers it gives
     * @param parameters how many it learned
     */
    record Row(String name, String kind, long outputs, long parameters) {}

    LayerTable {
        rows = List.copyOf(rows);
    }

    static LayerTable of(ModelVersion version) {
        List<Row> rows = new ArrayList<>();
        version.getInputs().stream()
                .filter(input -> input.getKind() != InputKind.WORDS)
                .forEach(input -> rows.add(new Row(
                        "input",
                        input.getKind() == InputKind.EMBEDDING
                                ? "embedding"
                                : input.getKind().toString().toLowerCase(Locale.ROOT),
                        input.getWidth(),
                        0)));
        List<DenseLayer> layers =
                version.getNetwork() instanceof DenseNetwork network ? network.getLayers() : List.of();
        for (int i = 0; i < layers.size(); i++) {
            DenseLayer layer = layers.get(i);
            rows.add(new Row(
                    i < layers.size() - 1 ? "hidden " + (i + 1) : "output",
                    "dense, "
                            + layer.getActivation()
                                    .toString()
                                    .toLowerCase(Locale.ROOT)
                                    .replace("identity", "linear"),
                    layer.getOutputs(),
                    (layer.getInputs() + 1L) * layer.getOutputs()));
        }
        version.getWide().ifPresent(wide -> {
            long words = wide.getHashes().remaining() / Long.BYTES;
            long weights = wide.getWeights().remaining() / Float.BYTES;
            rows.add(new Row(
                    "words",
                    Figures.count(words, "word") + ", added to the output's sums",
                    words == 0 ? 0 : weights / words,
                    weights));
        });
        return new LayerTable(rows);
    }

    long parameters() {
        return rows.stream().mapToLong(Row::parameters).sum();
    }

    /** For a terminal. */
    List<String> lines() {
        TextTable table = new TextTable("layer", "type", "outputs", "parameters");
        rows.forEach(row ->
                table.row(row.name(), row.kind(), Figures.count(row.outputs()), Figures.count(row.parameters())));
        return table.row("total", "", "-", Figures.count(parameters())).lines();
    }

    ArrayNode json() {
        ArrayNode json = OutputOptions.object().putArray("layers");
        rows.forEach(row -> json.addObject()
                .put("name", row.name())
                .put("type", row.kind())
                .put("outputs", row.outputs())
                .put("parameters", row.parameters()));
        return json;
    }

    /** For a report. */
    Markup markup() {
        return ReportTables.table(
                List.of("layer", "type", "outputs", "parameters"),
                2,
                rows.stream()
                        .map(row -> List.of(
                                row.name(), row.kind(), Figures.count(row.outputs()), Figures.count(row.parameters())))
                        .toList(),
                List.of("total", "", "", Figures.count(parameters())));
    }
}
