package dev.sluice.schemas;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** Everything that must hold before a version may answer: a model from a topic is a stranger's bytes. */
final class ModelChecks {
    /** Far beyond any that was ever fitted; closer to 0 or to infinity, float32 has no answer left. */
    static final float LOWEST_TEMPERATURE = 1e-3f;

    static final float HIGHEST_TEMPERATURE = 1e3f;

    private ModelChecks() {}

    static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new InvalidModelException(otherwise);
        }
    }

    static void checkSeal(ModelVersion version) {
        if (!ModelVersions.isSealed(version)) {
            throw new InvalidModelException("the version's sha256 is " + version.getSha256() + ", its content's is "
                    + ModelVersions.sha256Of(version) + ": it was changed after it was made");
        }
    }

    /** The ends of the network fit the embedding space and the labels. */
    static void checkHead(ModelVersion version) {
        check(version.getVersion() > 0, "versions count from 1, this one is " + version.getVersion());
        checkTask(version);
        check(
                new HashSet<>(version.getLabels()).size() == version.getLabels().size(),
                "a label stands twice in " + version.getLabels());
        List<InputKind> kinds = version.getInputs().stream().map(Input::getKind).toList();
        check(
                kinds.equals(List.of(InputKind.EMBEDDING))
                        || kinds.equals(List.of(InputKind.EMBEDDING, InputKind.WORDS)),
                "the network's inputs " + version.getInputs() + " are not known here: upgrade Sluice");
        check(
                version.getInputs().get(0).getWidth() == version.getSpace().getDimensions(),
                "the network reads " + version.getInputs().get(0).getWidth() + " numbers, the embedding space has "
                        + version.getSpace().getDimensions() + " dimensions");
        version.getCalibration()
                .map(calibration -> (float) calibration.getTemperature()) // as it is reckoned with
                .ifPresent(temperature -> check(
                        temperature >= LOWEST_TEMPERATURE && temperature <= HIGHEST_TEMPERATURE,
                        "the temperature must be from " + LOWEST_TEMPERATURE + " to " + HIGHEST_TEMPERATURE + ", not "
                                + temperature));
    }

    /** Each task has its labels, and says nothing that only another one means. */
    private static void checkTask(ModelVersion version) {
        int labels = version.getLabels().size();
        switch (version.getTask()) {
            case MULTICLASS -> check(labels >= 2, "a classifier needs 2 labels, this one has " + version.getLabels());
            case BINARY -> check(labels == 2, "the task BINARY needs 2 labels, this one has " + version.getLabels());
            case REGRESSION -> {
                check(labels == 0, "the task REGRESSION has no labels, this one has " + version.getLabels());
                check(version.getCalibration().isEmpty(), "the task REGRESSION has no probabilities to calibrate");
            }
            default ->
                throw new InvalidModelException("the task " + version.getTask() + " is not known here: upgrade Sluice");
        }
        version.getThreshold().ifPresent(threshold -> {
            check(version.getTask() == Task.BINARY, "a threshold is for the task BINARY, not " + version.getTask());
            check(threshold >= 0 && threshold <= 1, "the threshold must be from 0 to 1, not " + threshold);
        });
        version.getTargetScale().ifPresent(scale -> {
            check(
                    version.getTask() == Task.REGRESSION,
                    "a scale of targets is for the task REGRESSION, not " + version.getTask());
            check(
                    Double.isFinite(scale.getMean())
                            && Double.isFinite(scale.getDeviation())
                            && scale.getDeviation() > 0,
                    "the scale of the targets must be finite and its deviation above 0, not " + scale);
        });
    }

    /** What the last layer must be for the task. */
    private static void checkLastLayer(ModelVersion version, DenseLayer last) {
        Activation wanted =
                switch (version.getTask()) {
                    case BINARY -> Activation.SIGMOID;
                    case REGRESSION -> Activation.IDENTITY;
                    default -> Activation.SOFTMAX;
                };
        check(
                last.getActivation() == wanted,
                "the last layer's activation must be " + wanted + " for the task " + version.getTask() + ", not "
                        + last.getActivation());
        int outputs = version.getTask() == Task.MULTICLASS ? version.getLabels().size() : 1;
        check(
                last.getOutputs() == outputs,
                "the network has " + last.getOutputs() + " outputs for "
                        + (version.getTask() == Task.MULTICLASS
                                ? outputs + " labels"
                                : "the task " + version.getTask()));
    }

    static List<Dense> layersOf(ModelVersion version) {
        if (!(version.getNetwork() instanceof DenseNetwork network)) {
            throw new InvalidModelException("the network's kind is not known here: upgrade Sluice");
        }
        check(!network.getLayers().isEmpty(), "the network has no layers");
        List<Dense> layers = new ArrayList<>();
        int width = version.getSpace().getDimensions();
        int last = network.getLayers().size() - 1;
        for (int i = 0; i <= last; i++) {
            DenseLayer layer = network.getLayers().get(i);
            String name = "layer " + (i + 1);
            check(layer.getInputs() == width, name + " reads " + layer.getInputs() + " numbers, but gets " + width);
            check(layer.getOutputs() > 0, name + " has " + layer.getOutputs() + " outputs");
            check(
                    layer.getActivation() != Activation.UNKNOWN,
                    name + " has an activation not known here: upgrade Sluice");
            long weights = (long) layer.getInputs() * layer.getOutputs();
            float temperature = i == last
                    ? version.getCalibration()
                            .map(c -> (float) c.getTemperature())
                            .orElse(1f)
                    : 1f;
            layers.add(new Dense(
                    layer.getInputs(),
                    layer.getOutputs(),
                    sized(name + " weights", layer.getWeights(), weights),
                    sized(name + " biases", layer.getBiases(), layer.getOutputs()),
                    layer.getActivation(),
                    temperature));
            width = layer.getOutputs();
        }
        checkLastLayer(version, network.getLayers().get(last));
        return List.copyOf(layers);
    }

    /** The layer over words, if the version reads any. */
    static Optional<Wide> wideOf(ModelVersion version, int outputs) {
        boolean reads = version.getInputs().size() > 1;
        check(
                reads == version.getWide().isPresent(),
                reads ? "the layer over words is missing" : "the layer over words is not among the inputs");
        Optional<Wide> wide = version.getWide().map(layer -> Wide.of(layer, outputs));
        wide.ifPresent(layer -> check(
                layer.words() == version.getInputs().get(1).getWidth(),
                "the network reads " + version.getInputs().get(1).getWidth() + " words, its layer knows "
                        + layer.words()));
        return wide;
    }

    static WordCounts words(String name, ByteBuffer bytes) {
        try {
            return WordCounts.fromBytes(bytes);
        } catch (UnreadableRecordException e) {
            throw new InvalidModelException(name + ": " + e.getMessage());
        }
    }

    /** The numbers in {@code bytes}, if there are just as many as wanted and all are finite. */
    static float[] sized(String name, ByteBuffer bytes, long wanted) {
        check(
                bytes.remaining() == wanted * Float.BYTES,
                name + ": " + wanted + " numbers take " + wanted * Float.BYTES + " bytes, there are "
                        + bytes.remaining());
        float[] numbers = Vectors.fromBytes(bytes);
        check(Vectors.allFinite(numbers), name + ": not every number is finite");
        return numbers;
    }
}
