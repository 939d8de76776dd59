"""Pseudo labels of VOC images from a classifier's weights, as `bana label` makes them.

    python -m reference.make_labels --config C.yaml --weights model.safetensors --out DIR [--count 20]

The config's data, model and label sections count. DIR receives Y_crf/, Y_ret/ and Y_and/.
"""

import argparse
from pathlib import Path

import torch

from . import labels, samples, settings, train, voc, weights


def label(network, config, name):
    """The labels of one image, in float32 (at full resolution the features of one image take 768 MB)."""
    data = config["data"]
    sample, image = samples.load(data, name, torch.float32), voc.read_image(data["root"], name)
    with torch.no_grad():
        features = network.features(sample.image[None])[0]
        return labels.make(features, network.classifier.weight[:, :, 0, 0], image, sample.boxes, config["label"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int)
    arguments = parser.parse_args()
    config = settings.parse(arguments.config.read_text())
    network = train.build("classifier", config, weights.read(arguments.weights), torch.float32).eval()
    split = config["label"].get("split", config["data"]["split"])
    for kind in ("Y_crf", "Y_ret", "Y_and"):
        (arguments.out / kind).mkdir(parents=True, exist_ok=True)
    for name in voc.read_ids(config["data"]["root"], split)[: arguments.count]:
        result = label(network, config, name)
        for kind, values in (("Y_crf", result.crf), ("Y_ret", result.ret), ("Y_and", result.agreed)):
            voc.write_labels(arguments.out / kind / f"{name}.png", values)
        print(name, flush=True)


if __name__ == "__main__":
    main()
