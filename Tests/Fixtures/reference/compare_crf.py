"""pydensecrf's labels of real images, for the test that compares the CRF on them.

    python -m reference.compare_crf --root VOC2012 --split val --count 20 --out ../crf/voc

Writes `ID.png`: for each pixel the channel (0 the background, then the classes present, ascending) that is most likely
after ten iterations of pydensecrf with the labels' parameters, from probabilities that boxes and a formula give.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from . import densecrf, formula, voc

CELL = 24


def smooth_noise(name, height, width):
    """(H, W): values of the formula on a grid of cells, interpolated."""
    rows, columns = height // CELL + 2, width // CELL + 2
    coarse = formula.values(name, (rows, columns), 1).astype(np.float64)
    y, x = np.arange(height) / CELL, np.arange(width) / CELL
    i, j = y.astype(int), x.astype(int)
    v, u = (y - i)[:, None], (x - j)[None, :]
    top = (1 - u) * coarse[i][:, j] + u * coarse[i][:, j + 1]
    bottom = (1 - u) * coarse[i + 1][:, j] + u * coarse[i + 1][:, j + 1]
    return (1 - v) * top + v * bottom


def box_score(height, width, box):
    """(H, W): high on an ellipse in the box, low towards and beyond its edges."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    across = (2 * x - box.xmin - box.xmax) / (box.xmax - box.xmin)
    down = (2 * y - box.ymin - box.ymax) / (box.ymax - box.ymin)
    return 3 * np.tanh(2 * (1 - np.hypot(across, down)))


def plausible_probabilities(name, height, width, boxes):
    """(C, H, W) float32 with the classes present in ascending order."""
    scores = [np.zeros((height, width))]
    for label in sorted({box.label for box in boxes}):
        scores.append(np.max([box_score(height, width, box) for box in boxes if box.label == label], axis=0))
    noisy = [score + 3 * smooth_noise(f"{name}/{c}", height, width) for c, score in enumerate(scores)]
    return densecrf.softmax(np.stack(noisy, axis=-1)).transpose(2, 0, 1).astype(np.float32)


def write_case(root, name, out):
    """The file of one image; returns the fraction of pixels the CRF changed."""
    image = voc.read_image(root, name)
    probabilities = plausible_probabilities(name, *image.shape[:2], voc.read_boxes(root, name))
    marginals = densecrf.pydensecrf_marginals(image, probabilities, densecrf.PARAMETERS["labels"])
    labels = Image.fromarray(marginals.argmax(0).astype(np.uint8), mode="P")
    labels.putpalette(voc.palette())
    labels.save(out / f"{name}.png", optimize=True)
    return float((marginals.argmax(0) != probabilities.argmax(0)).mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--split", default="val")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in voc.read_ids(arguments.root, arguments.split)[: arguments.count]:
        print(f"{name}: {write_case(arguments.root, name, arguments.out):.4f} of the pixels changed")


if __name__ == "__main__":
    main()
