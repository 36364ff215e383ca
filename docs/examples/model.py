"""Reads, runs and writes a model as `sluice models export` and `import` know it."""
import json, numpy as np

TYPES = {"F32": "<f4", "I64": "<i8"}
ACTIVATIONS = {"RELU": lambda x: np.maximum(x, 0), "TANH": np.tanh, "SIGMOID": lambda x: 1 / (1 + np.exp(-x)), "IDENTITY": lambda x: x}

def load(path):
    data = open(path, "rb").read()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    record = json.loads(header.pop("__metadata__")["sluice"])  # labels, space, layers' activations, calibration ...
    return record, {name: np.frombuffer(data[start:][slice(*at["data_offsets"])], TYPES[at["dtype"]]).reshape(at["shape"]) for name, at in header.items()}

def predict(record, tensors, x):  # a vector of record["space"] -> a probability for each of record["labels"]; of a regression [its number]
    assert not record.get("wide"), "this model reads the text's words as well"
    layers = record["network"]["layers"]
    for i in range(len(layers)):
        x = ACTIVATIONS[layers[i - 1]["activation"]](x) if i else x  # the last one's comes at the end
        x = tensors[f"layers.{i}.weights"] @ x + tensors[f"layers.{i}.biases"]
    if record.get("task") == "REGRESSION":
        scale = record.get("targetScale", {"mean": 0, "deviation": 1})
        return x * scale["deviation"] + scale["mean"]
    x = np.append(0, x) if record.get("task") == "BINARY" else x  # one sigmoid is the softmax of 0 and x
    powers = np.exp((x - x.max()) / record.get("calibration", {}).get("temperature", 1))
    return powers / powers.sum()

def choose(record, probabilities):  # the likeliest label; of two the second, from the threshold on
    two = record.get("task") == "BINARY"
    return record["labels"][int(probabilities[1] >= record.get("threshold", 0.5)) if two else probabilities.argmax()]

def save(path, record, tensors):
    header, body = {"__metadata__": {"sluice": json.dumps(record)}}, b""
    for name, values in tensors.items():
        dtype = "I64" if name.endswith("hashes") else "F32"
        values = values.astype(TYPES[dtype])
        header[name] = {"dtype": dtype, "shape": values.shape, "data_offsets": [len(body), len(body) + values.nbytes]}
        body += values.tobytes()
    text = json.dumps(header).encode()
    open(path, "wb").write(len(text).to_bytes(8, "little") + text + body)
