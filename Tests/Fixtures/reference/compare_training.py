"""A run of `bana train` beside the reference's.

    python -m reference.compare_training classifier --config C.yaml --start start.safetensors --run DIR [--float32]

The config must ask for whole images in list order, without augmentation or dropout (crop 0, shuffle false); its
paths are relative to the current folder. Prints each iteration's losses with their relative difference, and for each
tensor |change - reference's change| / |reference's change|, beside what storing the weights in float32 can cost.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from . import settings, train, weights


ROUNDING = 2.0**-24  # of a float32, relative to its value


def print_losses(ours, reference):
    for t, (first, second) in enumerate(zip(ours, reference), start=1):
        relative = abs(first - second) / abs(second)
        print(f"iteration {t}: bana {first:.8g} reference {second:.8g} relative difference {relative:.2e}")


def print_changes(start, ours, reference):
    worst = 0.0
    for name, first in start.items():
        truth = reference[name] - first
        size = np.linalg.norm(truth)
        if size == 0:
            print(f"{name}: should not change; moved by {np.linalg.norm(ours[name] - first):.2e}")
            continue
        relative, rounding = np.linalg.norm(ours[name] - first - truth) / size, ROUNDING * np.linalg.norm(first) / size
        worst = max(worst, relative - rounding)
        print(f"{name}: change {size:.4e} relative difference {relative:.2e}, of that storage {rounding:.2e}")
    print(f"worst tensor, storage apart: {worst:.2e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", choices=train.STAGES)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--float32", action="store_true", help="half the time and memory of float64")
    arguments = parser.parse_args()
    config = settings.parse(arguments.config.read_text())
    records = [json.loads(line) for line in (arguments.run / "metrics.jsonl").read_text().splitlines()]
    start, ours = weights.read(arguments.start), weights.read(arguments.run / "model.safetensors")
    dtype = torch.float32 if arguments.float32 else torch.float64
    losses, reference = train.run(arguments.stage, config, start, dtype=dtype)
    print_losses([record["loss"] for record in records if "loss" in record], losses)
    print_changes(start, ours, reference)


if __name__ == "__main__":
    main()
