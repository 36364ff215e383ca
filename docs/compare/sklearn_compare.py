#!/usr/bin/env python3
"""Scikit-learn on the very vectors, texts and splits of `sluice demo --export FILE`, for each task.

For each seed or fold in the file: a linear model, and a network as the demo's (one hidden layer as wide as the vectors,
ReLU, Adam 1e-3, batches of 32, at most 20 epochs), on the vectors; with --text also a linear model on TF-IDF of the words.
Prints the test figures of each, and their means:

    labels       LogisticRegression, MLPClassifier, LinearSVC on TF-IDF: accuracy, macro F1; of two labels AUC and F1 of
                 the one that sorts last too
    numbers      Ridge, MLPRegressor, Ridge on TF-IDF: R2, mean absolute error

    ./sluice demo --data 20news-bydate.tar.gz --classes '^sci\\.' --per-class 100 --seeds 20 --export vectors.jsonl
    ./sluice demo --data SMSSpamCollection --folds 5 --export vectors.jsonl
    ./sluice demo --data scaledata.tar.gz --folds 5 --export vectors.jsonl
    python3 docs/compare/sklearn_compare.py [--text] vectors.jsonl

Needs scikit-learn (Debian: python3-sklearn).
"""

import json
import sys
import warnings
from itertools import groupby
from statistics import mean, stdev

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error, r2_score, roc_auc_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC


def rounds(path):
    """(name, seed, training records, test records) of each seed or fold; one in memory at a time."""
    with open(path, encoding="utf-8") as lines:
        for (seed, fold), records in groupby(map(json.loads, lines), key=lambda r: (r["seed"], r.get("fold"))):
            train, test = [], []
            for record in sorted(records, key=lambda record: record["id"]):
                (test if record["split"] == "TEST" else train).append(record)
            yield f"seed {seed}" if fold is None else f"fold {fold}", seed, train, test


def vectors(records):
    return np.array([record["embedding"] for record in records], dtype=np.float32)


def texts(records):
    return [record["text"] for record in records]


def tfidf():
    return TfidfVectorizer(sublinear_tf=True, stop_words="english", min_df=2)


def shape(seed, dimensions):
    # tol=0: the notebook stops when the training accuracy stands still, which these classes cannot do; they run all epochs
    return {
        "hidden_layer_sizes": (dimensions,),
        "learning_rate_init": 1e-3,
        "batch_size": 32,
        "max_iter": 20,
        "alpha": 0,
        "tol": 0,
        "random_state": seed,
    }


def models(numbers, seed, dimensions, with_text):
    """(name, model, what it reads)"""
    if numbers:
        yield "Ridge", Ridge(alpha=1.0), vectors
        yield "MLP", ScaledTargets(MLPRegressor(**shape(seed, dimensions))), vectors
        if with_text:
            yield "Ridge on TF-IDF", make_pipeline(tfidf(), Ridge(alpha=1.0)), texts
    else:
        yield "logistic regression", LogisticRegression(max_iter=1000), vectors
        yield "MLP", MLPClassifier(**shape(seed, dimensions)), vectors
        if with_text:
            yield "LinearSVC on TF-IDF", make_pipeline(tfidf(), LinearSVC()), texts


class ScaledTargets:
    """Learns targets less their mean, over their deviation, as the trainer does."""

    def __init__(self, model):
        self.model = model

    def fit(self, x, y):
        self.mean, self.deviation = np.mean(y), np.std(y) or 1.0
        self.model.fit(x, (np.asarray(y) - self.mean) / self.deviation)
        return self

    def predict(self, x):
        return self.model.predict(x) * self.deviation + self.mean


def figures(numbers, model, x, truth):
    said = model.predict(x)
    if numbers:
        return {"R2": r2_score(truth, said), "MAE": mean_absolute_error(truth, said)}
    found = {"accuracy": accuracy_score(truth, said), "macro F1": f1_score(truth, said, average="macro")}
    labels = list(model.classes_)
    if len(labels) == 2:
        positive = [label == labels[1] for label in truth]
        score = model.predict_proba(x)[:, 1] if hasattr(model, "predict_proba") else model.decision_function(x)
        if len(set(positive)) == 2:
            found["AUC"] = roc_auc_score(positive, score)
        found[f"F1 of {labels[1]}"] = f1_score(truth, said, pos_label=labels[1])
    return found


def main(path, with_text):
    warnings.simplefilter("ignore", ConvergenceWarning)  # 20 epochs are meant
    warnings.filterwarnings("ignore", message="Got `batch_size`")  # of a few examples
    told = {}
    for name, seed, train, test in rounds(path):
        numbers = "target" in train[0]
        train_y, test_y = ([r["target" if numbers else "label"] for r in records] for records in (train, test))
        print(f"{name}: {len(train)} train, {len(test)} test", flush=True)
        for kind, model, reads in models(numbers, seed, len(train[0]["embedding"]), with_text):
            model.fit(reads(train), train_y)
            found = figures(numbers, model, reads(test), test_y)
            print(f"  {kind}: " + ", ".join(f"{figure} {value:.4f}" for figure, value in found.items()), flush=True)
            for figure, value in found.items():
                told.setdefault((kind, figure), []).append(value)
    print()
    for (kind, figure), values in told.items():
        spread = f" ± {stdev(values):.4f}" if len(values) > 1 else ""
        print(f"{kind}: {figure} {mean(values):.4f}{spread} over {len(values)}")


if __name__ == "__main__":
    options = [argument for argument in sys.argv[1:] if argument == "--text"]
    files = [argument for argument in sys.argv[1:] if argument != "--text"]
    if len(files) != 1:
        sys.exit(__doc__)
    main(files[0], bool(options))
