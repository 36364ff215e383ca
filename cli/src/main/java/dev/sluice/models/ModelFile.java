package dev.sluice.models;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.schemas.Activation;
import dev.sluice.schemas.DenseLayer;
import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.SelfTest;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import dev.sluice.schemas.WideLayer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A version as a file: its arrays as tensors, and all else as the JSON of the record. What a file from elsewhere need not say is
 * filled in: the labels, the embedding space and the layers make a model.
 */
public final class ModelFile {
    /** The name of the record's JSON among the texts. */
    static final String RECORD = "sluice";

    /** Over classifier and number, which whoever imports the file gives anew: it would be good for nothing there. */
    private static final String SIGNATURE = "signature";

    private static final String INPUTS = "self_test.inputs";
    private static final String OUTPUTS = "self_test.outputs";
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);
    private static final RecordCodec<ModelVersion> CODEC =
            Topics.ofDefaults().models().codec();
    private static final JsonMapper JSON = new JsonMapper();

    private ModelFile() {}

    /** @return a safetensors file: the record's JSON is its text {@code sluice}, and its arrays are the tensors */
    public static byte[] toBytes(ModelVersion version) {
        Parts parts = partsOf(version);
        return new SafeTensors(parts.tensors(), Map.of(RECORD, parts.record().toString())).toBytes();
    }

    /**
     * A version taken apart.
     *
     * @param record its JSON, less the arrays
     */
    record Parts(Map<String, SafeTensors.Tensor> tensors, ObjectNode record) {}

    static Parts partsOf(ModelVersion version) {
        Map<String, SafeTensors.Tensor> tensors = new LinkedHashMap<>();
        List<DenseLayer> bare = new ArrayList<>();
        for (DenseLayer layer : ((DenseNetwork) version.getNetwork()).getLayers()) {
            String name = "layers." + bare.size();
            tensors.put(
                    name + ".weights",
                    new SafeTensors.Tensor(List.of(layer.getOutputs(), layer.getInputs()), layer.getWeights()));
            tensors.put(name + ".biases", new SafeTensors.Tensor(List.of(layer.getOutputs()), layer.getBiases()));
            bare.add(new DenseLayer(layer.getInputs(), layer.getOutputs(), layer.getActivation(), NONE, NONE));
        }
        if (!version.getSelfTest().isEmpty()) {
            tensors.put(
                    INPUTS,
                    rows(version.getSelfTest().stream().map(SelfTest::getInput).toList()));
            tensors.put(
                    OUTPUTS,
                    rows(version.getSelfTest().stream().map(SelfTest::getOutput).toList()));
        }
        WordTensors.put(version, tensors);
        ModelVersion rest = ModelVersion.newBuilder(version)
                .setNetwork(new DenseNetwork(bare))
                .setWide(version.getWide().map(WordTensors::withoutArrays).orElse(null))
                .setSelfTest(List.of())
                .build();
        return new Parts(tensors, json(rest));
    }

    private static ObjectNode json(ModelVersion rest) {
        ObjectNode json = parsed(new String(CODEC.encodeJson(rest), StandardCharsets.UTF_8));
        json.remove(List.of("selfTest", SIGNATURE));
        if (json.get("wide") instanceof ObjectNode wide) {
            wide.remove(WordTensors.ARRAYS);
        }
        json.path("network").path("layers").forEach(layer -> ((ObjectNode) layer).remove(List.of("weights", "biases")));
        return json;
    }

    private static SafeTensors.Tensor rows(List<ByteBuffer> rows) {
        int width = rows.get(0).remaining();
        ByteBuffer all = ByteBuffer.allocate(rows.size() * width);
        rows.forEach(row -> all.put(row.duplicate()));
        return new SafeTensors.Tensor(List.of(rows.size(), width / Float.BYTES), all.flip());
    }

    /**
     * @param now when the model was made, if the file does not say
     * @return a version of no number and without a seal; not checked
     * @throws InvalidPresetException naming what the file lacks
     */
    public static ModelVersion of(byte[] file, Instant now) {
        SafeTensors tensors = SafeTensors.of(file);
        String text = Optional.ofNullable(tensors.metadata().get(RECORD))
                .orElseThrow(() -> new InvalidPresetException("the file has tensors, but no text \"" + RECORD
                        + "\" in its __metadata__: that is where the labels and the embedding space stand (of a preset folder,"
                        + " name the folder)"));
        return of(tensors, parsed(text), now);
    }

    /** @param json the record's, changed */
    static ModelVersion of(SafeTensors tensors, ObjectNode json, Instant now) {
        List<DenseLayer> layers = layers(tensors, json.path("network").path("layers"));
        Optional<WideLayer> wide = WordTensors.wideOf(tensors, json.path("wide"));
        json.remove("wide");
        fillIn(json, layers.get(0).getInputs(), now);
        try {
            return ModelVersion.newBuilder(CODEC.decode(json.toString().getBytes(StandardCharsets.UTF_8)))
                    .setNetwork(new DenseNetwork(layers))
                    .setWide(wide.orElse(null))
                    .setSelfTest(selfTests(tensors))
                    .build();
        } catch (UnreadableRecordException e) {
            throw new InvalidPresetException(
                    "the model's record (the text " + RECORD + ", or config.json): " + e.getMessage(), e);
        }
    }

    private static List<DenseLayer> layers(SafeTensors tensors, JsonNode said) {
        List<DenseLayer> layers = new ArrayList<>();
        Optional<SafeTensors.Tensor> weights = tensors.tensor("layers.0.weights", 2);
        while (weights.isPresent()) {
            String name = "layers." + layers.size();
            SafeTensors.Tensor biases = tensors.tensor(name + ".biases", 1)
                    .orElseThrow(() -> new InvalidPresetException("the file has " + name + ".weights, but no biases"));
            Optional<SafeTensors.Tensor> next = tensors.tensor("layers." + (layers.size() + 1) + ".weights", 2);
            layers.add(new DenseLayer(
                    weights.get().shape().get(1),
                    weights.get().shape().get(0),
                    activation(said.path(layers.size()).path("activation"), next.isEmpty()),
                    weights.get().bytes(),
                    biases.bytes()));
            weights = next;
        }
        if (layers.isEmpty()) {
            throw new InvalidPresetException(
                    "the file has no layers.0.weights: the network's first layer, [outputs][inputs]");
        }
        return layers;
    }

    private static Activation activation(JsonNode said, boolean last) {
        try {
            return said.isMissingNode()
                    ? (last ? Activation.SOFTMAX : Activation.RELU)
                    : Activation.valueOf(said.asText());
        } catch (IllegalArgumentException e) {
            throw new InvalidPresetException(
                    "there is no activation " + said + ": choose of "
                            + List.of(Activation.RELU, Activation.SIGMOID, Activation.TANH, Activation.IDENTITY)
                            + ", and SOFTMAX at the end",
                    e);
        }
    }

    private static List<SelfTest> selfTests(SafeTensors tensors) {
        Optional<SafeTensors.Tensor> inputs = tensors.tensor(INPUTS, 2);
        Optional<SafeTensors.Tensor> outputs = tensors.tensor(OUTPUTS, 2);
        if (inputs.isEmpty() && outputs.isEmpty()) {
            return List.of();
        }
        int count = inputs.map(rows -> rows.shape().get(0)).orElse(-1);
        if (count != outputs.map(rows -> rows.shape().get(0)).orElse(-1)) {
            throw new InvalidPresetException(INPUTS + " and " + OUTPUTS + " must have as many rows as each other");
        }
        List<SelfTest> tests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tests.add(SelfTest.newBuilder()
                    .setInput(row(inputs.get(), i))
                    .setOutput(row(outputs.get(), i))
                    .setWords(WordTensors.selfTestWords(tensors, i))
                    .build());
        }
        return tests;
    }

    private static ByteBuffer row(SafeTensors.Tensor tensor, int number) {
        int width = tensor.shape().get(1) * Float.BYTES;
        return tensor.bytes().slice(number * width, width);
    }

    /** What a model from elsewhere has no word for. */
    private static void fillIn(ObjectNode json, int inputs, Instant now) {
        json.put("version", 1).put("sha256", "").remove(List.of("selfTest", SIGNATURE));
        json.putObject("network").putArray("layers");
        putIfAbsent(json, "task", "MULTICLASS");
        putIfAbsent(json, "createdAt", now.toString());
        if (!json.has("inputs")) {
            json.putArray("inputs").addObject().put("kind", "EMBEDDING").put("width", inputs);
        }
        if (json.get("space") instanceof ObjectNode space && !space.has("dimensions")) {
            space.put("dimensions", inputs);
        }
        if (json.hasNonNull("training") && !json.get("training").isObject()) {
            throw new InvalidPresetException(
                    "the model's record (the text " + RECORD + ", or config.json): training is no JSON object");
        }
        ObjectNode training = json.withObjectProperty("training");
        for (String map : List.of("parameters", "examples")) {
            if (!training.has(map)) {
                training.putObject(map);
            }
        }
        for (String list : List.of("history", "lineage")) {
            if (!training.has(list)) {
                training.putArray(list);
            }
        }
        for (String number : List.of("seed", "validationExamples", "testExamples")) {
            if (!training.has(number)) {
                training.put(number, 0);
            }
        }
        putIfAbsent(training, "codeVersion", "made elsewhere");
        putIfAbsent(training, "startedAt", json.get("createdAt").asText());
        putIfAbsent(training, "finishedAt", json.get("createdAt").asText());
    }

    private static void putIfAbsent(ObjectNode json, String name, String value) {
        if (!json.has(name)) {
            json.put(name, value);
        }
    }

    private static ObjectNode parsed(String text) {
        try {
            if (JSON.readTree(text) instanceof ObjectNode object) {
                return object;
            }
            throw new InvalidPresetException("the text " + RECORD + " of the file is no JSON object");
        } catch (JsonProcessingException e) {
            throw new InvalidPresetException("the text " + RECORD + " of the file is no JSON", e);
        }
    }
}
