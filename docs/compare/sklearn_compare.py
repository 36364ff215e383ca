#!/usr/bin/env python3
"""Scikit-learn on the very vectors and splits of `sluice demo --export FILE`.

For each seed in the file: logistic regression, and a network as the demo's (one hidden layer as wide as the vectors,
ReLU, Adam 1e-3, batches of 32, at most 20 epochs). Prints the test accuracy of each, and the means.

    ./sluice demo --data 20news-bydate.tar.gz --classes '^sci\\.' --per-class 100 --seeds 20 --export vectors.jsonl
    python3 docs/compare/sklearn_compare.py vectors.jsonl

Needs scikit-learn (Debian: python3-sklearn).
"""

import json
import sys
import warnings
from itertools import groupby
from statistics import mean, stdev

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier


def rounds(path):
    """(seed, training vectors, training labels, test vectors, test labels) of each seed; one in memory at a time."""
    with open(path, encoding="utf-8") as lines:
        for seed, records in groupby(map(json.loads, lines), key=lambda record: record["seed"]):
            train, test = [], []
            for record in sorted(records, key=lambda record: record["id"]):
                (test if record["split"] == "TEST" else train).append(record)
            yield seed, *table(train), *table(test)


def table(records):
    return np.array([r["embedding"] for r in records], dtype=np.float32), [r["label"] for r in records]


def models(seed, dimensions):
    yield "logistic regression", LogisticRegression(max_iter=1000)
    # tol=0: the notebook stops when the training accuracy stands still, which this class cannot do; it runs all epochs
    yield "MLP", MLPClassifier(
        (dimensions,), learning_rate_init=1e-3, batch_size=32, max_iter=20, alpha=0, tol=0, random_state=seed
    )


def main(path):
    warnings.simplefilter("ignore", ConvergenceWarning)  # 20 epochs are meant
    scores = {}
    for seed, train_x, train_y, test_x, test_y in rounds(path):
        line = f"seed {seed}: {len(train_y)} train, {len(test_y)} test"
        for name, model in models(seed, train_x.shape[1]):
            accuracy = model.fit(train_x, train_y).score(test_x, test_y)
            scores.setdefault(name, []).append(accuracy)
            line += f", {name} {accuracy:.4f}"
        print(line, flush=True)
    for name, values in scores.items():
        spread = f" ± {stdev(values):.4f}" if len(values) > 1 else ""
        print(f"{name}: {mean(values):.4f}{spread} over {len(values)} seeds")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
