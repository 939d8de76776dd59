"""pydensecrf on real images, for comparison with another implementation.

    python -m reference.compare_crf --root VOC2012 --split val --count 20 --out FOLDER

For each image ID and the chosen parameter set, FOLDER receives NumPy files (C order, little endian):
`ID_image.npy` (H, W, 3) uint8 RGB; `ID_probabilities.npy` (H, W, C) float32, channel 0 the background, then the
classes present, ascending; `ID_marginals.npy` (H, W, C) float32 and `ID_argmax.npy` (H, W) uint8, a channel for
each pixel, after ten iterations; and `case.json` with the parameters and the ids.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from . import densecrf, voc


def smooth_noise(height, width, cell, rng):
    """(H, W): standard normal values on a coarse grid, repeated and box-blurred along both axes."""
    coarse = rng.normal(size=(height // cell + 2, width // cell + 2))
    noise = coarse.repeat(cell, axis=0).repeat(cell, axis=1)
    for _ in range(2):
        total = np.cumsum(noise, axis=0)
        noise = ((total[cell:] - total[:-cell]) / cell).T
    return noise[:height, :width]


def box_score(height, width, box):
    """(H, W): high on an ellipse in the box, low towards and beyond its edges."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    across = (2 * x - box.xmin - box.xmax) / (box.xmax - box.xmin)
    down = (2 * y - box.ymin - box.ymax) / (box.ymax - box.ymin)
    return 3 * np.tanh(2 * (1 - np.hypot(across, down)))


def plausible_probabilities(height, width, boxes, rng):
    """(C, H, W) float32 with the classes present in ascending order."""
    scores = [np.zeros((height, width))]
    for label in sorted({box.label for box in boxes}):
        scores.append(np.max([box_score(height, width, box) for box in boxes if box.label == label], axis=0))
    noisy = [score + 2 * smooth_noise(height, width, 24, rng) for score in scores]
    return densecrf.softmax(np.stack(noisy, axis=-1)).transpose(2, 0, 1).astype(np.float32)


def write_case(root, name, parameters, out):
    """The four files of one image; returns the fraction of pixels the CRF changed."""
    image = voc.read_image(root, name)
    boxes = voc.read_boxes(root, name)
    rng = np.random.default_rng(int(name.replace("_", "")))
    probabilities = plausible_probabilities(*image.shape[:2], boxes, rng)
    marginals = densecrf.pydensecrf_marginals(image, probabilities, parameters)
    np.save(out / f"{name}_image.npy", image)
    np.save(out / f"{name}_probabilities.npy", np.ascontiguousarray(probabilities.transpose(1, 2, 0)))
    np.save(out / f"{name}_marginals.npy", np.ascontiguousarray(marginals.transpose(1, 2, 0)))
    np.save(out / f"{name}_argmax.npy", marginals.argmax(0).astype(np.uint8))
    return float((marginals.argmax(0) != probabilities.argmax(0)).mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--split", default="val")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--parameters", choices=densecrf.PARAMETERS, default="labels")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    parameters = densecrf.PARAMETERS[arguments.parameters]
    ids = voc.read_ids(arguments.root, arguments.split)[: arguments.count]
    for name in ids:
        print(f"{name}: {write_case(arguments.root, name, parameters, arguments.out):.4f} of the pixels changed")
    (arguments.out / "case.json").write_text(json.dumps({"parameters": parameters, "ids": ids}, indent=2) + "\n")


if __name__ == "__main__":
    main()
