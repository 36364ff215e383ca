#!/usr/bin/env python3
"""Whole fits of one network by Sluice's trainer, torch and scikit-learn, on the same vectors, in turns, in one run.

Dense(width, ReLU) -> Dense(classes), cross-entropy, Adam 1e-3, batches of 32, a fixed number of epochs. Run it by
training_compare.sh beside it, which builds and installs what it needs:

    docs/compare/training_compare.sh [ROUNDS [SIZE...]]      (SIZE: small, middle, large, million)

Prints each one's median time and test accuracy, and medians of the ratios of a turn: of the time, and of the processor time
of the whole process. Torch has two threads, and one for the row that says so. What was prepared (data in memory, one fit to
warm up) does not count, for anybody.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from statistics import median

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

SIZES = {  # rows, width, classes, epochs, rounds at most
    "small": (400, 768, 4, 20, 99),
    "middle": (10_000, 768, 20, 4, 9),
    "large": (100_000, 384, 20, 2, 5),
}
TEST_ROWS = 5_000
BATCH = 32


def clouds(rows, width, classes):
    """Noise of length 11 around one centre of length 1 a class: a fit gets some wrong."""
    draw = np.random.default_rng(1)
    centres = draw.standard_normal((classes, width), dtype=np.float32) / np.sqrt(width)
    labels = draw.integers(classes, size=rows).astype(np.int64)
    noise = draw.standard_normal((rows, width), dtype=np.float32) * (11 / np.sqrt(width))
    return (centres[labels] + noise).astype(np.float32), labels


class Sluice:
    """The trainer in a process of its own, which fits at each line it reads."""

    def __init__(self, classpath, path, rows, width, classes, epochs, heap):
        avro = "-Dorg.apache.avro.SERIALIZABLE_PACKAGES=dev.sluice.schemas"
        command = ["java", f"-Xmx{heap}", avro, "-cp", classpath, "dev.sluice.trainer.TrainerBenchmark", path]
        self.process = subprocess.Popen(
            command + [str(n) for n in (rows, width, classes, epochs)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.answer()

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self):
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit("the trainer has ended")
            if line.startswith("{"):
                return json.loads(line)

    def fit(self, how):
        answer = self.ask(how)
        return answer["seconds"], answer["cpu"], answer["accuracy"]

    def resident(self):
        """The most memory that it ever had, in MB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) / 1000 for line in status if line.startswith("VmHWM"))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def fit_torch(train, test, classes, epochs, threads):
    torch.set_num_threads(threads)
    vectors, labels = train
    start, cpu = time.perf_counter(), time.process_time()
    torch.manual_seed(1)
    width = vectors.shape[1]
    model = torch.nn.Sequential(torch.nn.Linear(width, width), torch.nn.ReLU(), torch.nn.Linear(width, classes))
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_of = torch.nn.CrossEntropyLoss()
    for _ in range(epochs):
        order = torch.randperm(len(vectors))
        total = 0.0
        right = 0
        for batch in order.split(BATCH):
            x, y = vectors[batch], labels[batch]
            adam.zero_grad(set_to_none=True)
            sums = model(x)
            loss = loss_of(sums, y)
            loss.backward()
            adam.step()
            total += loss.item() * len(batch)
            right += (sums.argmax(1) == y).sum().item()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    with torch.no_grad():
        return seconds, cpu, (model(test[0]).argmax(1) == test[1]).float().mean().item()


def fit_sklearn(train, test, epochs):
    model = MLPClassifier((train[0].shape[1],), batch_size=BATCH, max_iter=epochs, n_iter_no_change=epochs, alpha=0,
                          random_state=1)
    start, cpu = time.perf_counter(), time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(*train)
    return time.perf_counter() - start, time.process_time() - cpu, model.score(*test)


def compare(classpath, name, rounds):
    rows, width, classes, epochs, most = SIZES[name]
    vectors, labels = clouds(rows + TEST_ROWS, width, classes)
    train, test = (vectors[:rows], labels[:rows]), (vectors[rows:], labels[rows:])
    torch_train, torch_test = ([torch.from_numpy(part) for part in parts] for parts in (train, test))
    with tempfile.NamedTemporaryFile(suffix=".f32") as file:
        np.hstack([labels[:, None].astype(np.float32), vectors]).tofile(file.name)
        sluice = Sluice(classpath, file.name, rows, width, classes, epochs, "2g")
    fits = {
        "sluice": lambda: sluice.fit("fit"),
        "torch": lambda: fit_torch(torch_train, torch_test, classes, epochs, 2),
        "torch, 1": lambda: fit_torch(torch_train, torch_test, classes, epochs, 1),
        "sklearn": lambda: fit_sklearn(train, test, epochs),
        "plain DL4J": lambda: sluice.fit("dl4j"),
    }
    for who in ("sluice", "torch", "sklearn"):
        fits[who]()
    turns = {who: [] for who in fits}
    for _ in range(min(rounds, most)):
        for who, fit in fits.items():
            turns[who].append(fit())
    sluice.close()
    print(f"{rows} x {width}, {classes} classes, {epochs} epochs, {min(rounds, most)} turns, load {os.getloadavg()[0]:.1f}")
    for who, theirs in turns.items():
        seconds, cpu, accuracy = (median(column) for column in zip(*theirs))
        ratios = sorted(mine[0] / its[0] for mine, its in zip(turns["sluice"], theirs))
        cpus = median(mine[1] / its[1] for mine, its in zip(turns["sluice"], theirs))
        print(f"  {who:11} {seconds:7.3f} s (cpu {cpu:7.3f})  sluice / it {median(ratios):.2f} ({ratios[0]:.2f} to"
              f" {ratios[-1]:.2f}), cpu {cpus:.2f}  accuracy {accuracy:.4f}", flush=True)


def weigh(classpath):
    """A million vectors of 384 numbers (1,536 MB), beside a heap of a third of that."""
    rows, width, classes = 1_000_000, 384, 20
    with tempfile.NamedTemporaryFile(suffix=".f32") as file:
        for _ in range(10):
            vectors, labels = clouds(rows // 10, width, classes)
            np.hstack([labels[:, None].astype(np.float32), vectors]).tofile(file)
        file.flush()
        sluice = Sluice(classpath, file.name, rows - TEST_ROWS, width, classes, 1, "512m")
    loaded = sluice.ask("weigh")
    seconds, *_ = sluice.fit("fit")
    print(f"{rows} x {width}: heap after loading {loaded['heap']:.0f} MB, after the fit {sluice.ask('weigh')['heap']:.0f} MB"
          f" (limit {loaded['limit']:.0f} MB), resident at most {sluice.resident():.0f} MB, an epoch in {seconds:.1f} s")
    sluice.close()


def main():
    classpath = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 9
    for name in sys.argv[3:] or [*SIZES, "million"]:
        if name == "million":
            weigh(classpath)
        else:
            compare(classpath, name, rounds)


if __name__ == "__main__":
    main()
