"""Stage 2: pseudo labels of one image, on features resized to the image's size, as the method's text has it."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from . import bap, densecrf

IGNORE = 255


@dataclass
class Labels:
    """The maps (H, W) uint8, the channels' classes, and what led to them, to find where two programs part.

    `attention` (H, W): u0 before its threshold; `threshold`: 0.99 * max(u0); `unary` and `marginals` (1 + classes,
    H, W), the marginals before they are zeroed outside the boxes; `correlations` likewise.
    """

    crf: np.ndarray
    ret: np.ndarray
    classes: list
    attention: torch.Tensor
    threshold: float
    unary: torch.Tensor
    marginals: np.ndarray
    correlations: torch.Tensor

    @property
    def agreed(self):
        """Y_crf & Y_ret: 255 where the two differ."""
        return np.where(self.crf == self.ret, self.crf, IGNORE).astype(np.uint8)


def pixel_range(low, high, size):
    """Integer pixels [low, high) after the float32 round trip through normalised coordinates."""
    n, one = (np.float32(size) - np.float32(1)) / np.float32(2), np.float32(1)
    first, last = (int((np.float32(x) / n - one) * n + n) for x in (low, high))
    return slice(max(first, 0), max(last, 0))


def box_slices(box, height, width):
    """The rows and columns of a box."""
    return pixel_range(box.ymin, box.ymax, height), pixel_range(box.xmin, box.xmax, width)


def class_masks(boxes, classes, height, width):
    """(classes, H, W) bool: the union of each class's boxes."""
    masks = torch.zeros(len(classes), height, width, dtype=torch.bool)
    for box in boxes:
        masks[(classes.index(box.label), *box_slices(box, height, width))] = True
    return masks


def background_attention(features, outside):
    """u0 before its threshold: ReLU(cos(F^, q)), q the mean of F^ (D, H, W) over the background; 0 if there is none."""
    count = outside.sum()
    if count == 0:
        return torch.zeros(features.shape[1:], dtype=features.dtype)
    query = features[:, outside].sum(dim=1) / (count + bap.EPSILON)
    return bap.attention(features, query[None])


def activation(features, weight):
    """CAM: ReLU(w . F^)."""
    return functional.relu(torch.einsum("d,dhw->hw", weight, features))


def box_scores(features, weights, boxes, classes):
    """u_c (classes, H, W): each class's CAM over its maximum in each box; the later of two overlapping boxes wins."""
    _, height, width = features.shape
    scores = torch.zeros(len(classes), height, width, dtype=features.dtype)
    maps = [activation(features, weights[label]) for label in classes]
    for box in boxes:
        rows, columns = box_slices(box, height, width)
        channel = classes.index(box.label)
        cam = maps[channel][rows, columns]
        if cam.numel():
            scores[channel, rows, columns] = cam / (cam.max() + bap.EPSILON)
    return scores


def background_score(features, weights, boxes, attention, threshold, outside, kind):
    """The background's channel: thresholded attention and 1 outside the boxes, or (`cam`) the background's CAM."""
    _, height, width = features.shape
    if kind == "attention":
        return torch.where(attention < threshold, 0, attention).masked_fill(outside, 1)
    cam = activation(features, weights[0])
    for box in boxes:
        cam[box_slices(box, height, width)] = 0
    return cam / cam.max()


def retrieval(features, weights, crf, classes, outside, inside):
    """Correlations (1 + classes, H, W) of F^ with the mean feature of each Y_crf region, or w_c where it is empty."""
    maps = []
    for label in [0, *classes]:
        region = torch.from_numpy(crf == label)
        prototype = features[:, region].mean(dim=1) if region.any() else weights[label]
        maps.append(bap.attention(features, prototype[None]))
    correlations = torch.stack(maps)
    correlations[0, outside] = 1
    correlations[1:][~inside] = 0
    return correlations


def make(features, weights, image, boxes, settings, crf_marginals=densecrf.pydensecrf_marginals):
    """The labels of one image.

    `features` (D, h, w); `weights` (C, D), the classifier's; `image` (H, W, 3) uint8 RGB; `settings`: the config's
    section `label`.
    """
    height, width, _ = image.shape
    features = functional.interpolate(features[None], size=(height, width), mode="bilinear", align_corners=True)[0]
    outside = torch.from_numpy(bap.background_mask(boxes, height, width) == 1)
    classes = sorted({box.label for box in boxes})
    inside = class_masks(boxes, classes, height, width)

    attention = background_attention(features, outside)
    threshold = settings["bg_threshold"] * attention.max()
    u0 = background_score(features, weights, boxes, attention, threshold, outside, settings["background"])
    if settings["foreground"] == "cam":
        scores = box_scores(features, weights, boxes, classes)
    else:
        dark = torch.where(attention < threshold, 0, attention).masked_fill(outside, 1)
        scores = torch.where(inside, 1 - dark, 0)
    unary = torch.cat([u0[None], scores])
    unary[:, ~outside] = torch.softmax(unary[:, ~outside], dim=0)

    marginals = crf_marginals(image, unary.float().numpy(), settings["crf"])
    kept = marginals.copy()
    kept[1:][~inside.numpy()] = 0
    names = np.array([0, *classes], np.uint8)
    crf = names[kept.argmax(axis=0)]
    correlations = retrieval(features, weights, crf, classes, outside, inside)
    ret = names[correlations.numpy().argmax(axis=0)]
    return Labels(crf, ret, classes, attention, float(threshold), unary, marginals, correlations)
