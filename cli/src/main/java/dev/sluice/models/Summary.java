package dev.sluice.models;

import dev.sluice.schemas.DenseLayer;
import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.ModelVersion;
import java.util.List;
import java.util.Locale;

/** Layers and parameters as {@code model.summary()} of Keras prints them, with the backbone's part named and not counted. */
final class Summary {

    private Summary() {}

    static String of(ModelVersion version, Preprocessor preprocessor) {
        EmbeddingSpace space = version.getSpace();
        StringBuilder text = new StringBuilder();
        text.append("Preprocessor: ")
                .append(preprocessor.recipe())
                .append(", ")
                .append(preprocessor.sequenceLength())
                .append(" tokens\n");
        text.append("Model: text_classifier, ")
                .append(version.getTask().name().toLowerCase(Locale.ROOT))
                .append(version.getLabels().isEmpty() ? "" : ", classes " + version.getLabels())
                .append('\n');
        text.append(row("Layer (type)", "Output shape", "Param #"));
        text.append(row("backbone (" + space.getModel() + ", frozen)", shape(space.getDimensions()), "not counted"));
        List<DenseLayer> layers = ((DenseNetwork) version.getNetwork()).getLayers();
        long total = 0;
        for (int i = 0; i < layers.size(); i++) {
            DenseLayer layer = layers.get(i);
            long parameters = (layer.getInputs() + 1L) * layer.getOutputs();
            total += parameters;
            String name = i == layers.size() - 1 ? "logits" : "hidden_" + (i + 1);
            String activation = layer.getActivation().name().toLowerCase(Locale.ROOT);
            text.append(row(name + " (Dense, " + activation + ")", shape(layer.getOutputs()), count(parameters)));
        }
        if (version.getWide().isPresent()) {
            long weights = version.getWide().get().getWeights().remaining() / Float.BYTES;
            total += weights;
            text.append(row(
                    "words (Wide, added to the logits)",
                    shape(layers.get(layers.size() - 1).getOutputs()),
                    count(weights)));
        }
        return text.append("Trainable params: ")
                .append(count(total))
                .append('\n')
                .toString();
    }

    private static String row(String layer, String shape, String parameters) {
        return String.format(Locale.ROOT, "%-44s %-16s %14s", layer, shape, parameters) + "\n";
    }

    private static String shape(int width) {
        return "(None, " + width + ")";
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
