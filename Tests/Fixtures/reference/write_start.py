"""Completes a weight file by formula, so that two programs can start from the same numbers.

    python -m reference.write_start classifier --config C.yaml [--weights vgg16.safetensors] --out start.safetensors

Tensors that `--weights` lacks get a standard deviation of 0.01 (the classifier: `--classifier-deviation`), biases 0.
"""

import argparse
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from . import formula, settings, train, voc, weights


def completed(stage, config, given, classifier_deviation):
    """name -> float32 array for every tensor of the stage's network."""
    network = train.STAGES[stage](len(voc.CLASSES), **train.trunk_options(config["model"]))
    result = {}
    for name, tensor in network.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        deviation = classifier_deviation if name == "classifier.weight" else 0.01
        if name in given:
            result[name] = given[name].astype(np.float32)
        elif tensor.ndim == 4:
            result[name] = formula.values(name, tuple(tensor.shape), deviation * 3**0.5)
        else:
            result[name] = tensor.numpy() * (0 if name.endswith(".bias") else 1)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", choices=train.STAGES)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--classifier-deviation", type=float, default=0.01)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    config = settings.parse(arguments.config.read_text())
    given = weights.read(arguments.weights) if arguments.weights else {}
    save_file(completed(arguments.stage, config, given, arguments.classifier_deviation), arguments.out)


if __name__ == "__main__":
    main()
