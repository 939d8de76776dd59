"""`bap/`: background-aware pooling of one small feature map: queries, pooled vectors, loss and gradients."""

import numpy as np
import torch
from torch.nn import functional

from reference import bap, formula
from reference.voc import Box

from .files import write_json

HEIGHT, WIDTH = 101, 131  # of the image
ROWS, COLUMNS, DEPTH, CLASSES = 13, 17, 6, 4

ORDINARY = [
    Box(1, 20, 10, 61.5, 70.25),
    Box(2, 50, 40, 90, 99),
    Box(2, 3, 80, 40, 95),
    Box(3, 100, 30, 106, 80),  # one sample wide
    Box(1, 70, 9, 120, 14),  # one sample high
    Box(3, 0, 20, 12, 102),  # as the augmentation leaves a box that a crop cuts: from 0, to the edge + 1
]
LITTLE = [Box(1, 1, 1, 131, 95), Box(3, 40, 40, 132, 102)]
CASES = {
    "bap_grid4": (ORDINARY, 4, "bap"),
    "bap_grid1": (ORDINARY, 1, "bap"),
    "gap": (ORDINARY, 4, "gap"),
    "little_background": (LITTLE, 4, "bap"),
    "no_background": ([Box(2, 0, 0, 132, 102)], 4, "bap"),
    "no_boxes": ([], 4, "bap"),
}
BINS = 2


def features():
    """(D, h, w) float64 with float32 values: zero for two in five, as behind a ReLU, and one vector all zero."""
    values = np.maximum(formula.values("features", (DEPTH, ROWS, COLUMNS), 1.0, 0.2), 0)
    values[:, 4, 5] = 0
    return torch.from_numpy(values.astype(np.float64))


def write_case(folder, boxes, grid, pooling):
    """Arrays and case.json of one case; maps are stored (h, w, D)."""
    folder.mkdir(parents=True, exist_ok=True)
    maps = features().requires_grad_()
    weight = torch.from_numpy(formula.values("classifier", (CLASSES, DEPTH), 0.5).astype(np.float64)).requires_grad_()
    mask = bap.background_mask(boxes, HEIGHT, WIDTH)
    vectors, targets = bap.pooled_vectors(maps, boxes, mask, grid, BINS, pooling)
    loss = functional.cross_entropy(vectors @ weight.T, targets)
    loss.backward()
    arrays = {
        "features": maps.permute(1, 2, 0),
        "classifier": weight,
        "vectors": vectors,
        "gradient_features": maps.grad.permute(1, 2, 0),
        "gradient_classifier": weight.grad,
    }
    for name, value in arrays.items():
        np.save(folder / f"{name}.npy", np.ascontiguousarray(value.detach().numpy().astype(np.float32)))
    described = [[box.label, box.xmin, box.ymin, box.xmax, box.ymax] for box in boxes]
    write_json(
        folder / "case.json",
        {
            "image": {"height": HEIGHT, "width": WIDTH},
            "boxes": described,
            "grid": grid,
            "roi": BINS,
            "pooling": pooling,
            "mask_mean": float(mask.mean()),
            "queries": int((targets == 0).sum()),
            "targets": targets.tolist(),
            "loss": loss.item(),
        },
    )


def write(folder):
    """A folder for each case."""
    for name, case in CASES.items():
        write_case(folder / name, *case)
