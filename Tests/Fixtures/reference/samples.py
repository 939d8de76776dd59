"""What the networks see of a VOC image: whole images, no augmentation."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from . import bap, voc

CAFFE_MEAN = (104.008, 116.669, 122.675)  # B, G, R
TORCHVISION_MEAN, TORCHVISION_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # R, G, B


@dataclass
class Sample:
    """`image` (3, H, W); `boxes`; `mask` M (H, W) uint8; `crf` and `ret` (H, W) int64 or None."""

    image: torch.Tensor
    boxes: list
    mask: np.ndarray
    crf: torch.Tensor | None
    ret: torch.Tensor | None


def normalized(rgb, kind, dtype):
    """(H, W, 3) uint8 RGB -> (3, H, W): caffe (BGR minus mean) or torchvision (RGB, /255, mean and std)."""
    if kind == "caffe":
        values = rgb[:, :, ::-1].astype(np.float32) - np.array(CAFFE_MEAN, np.float32)
    else:
        unit = rgb.astype(np.float32) / np.float32(255)
        values = (unit - np.array(TORCHVISION_MEAN, np.float32)) / np.array(TORCHVISION_STD, np.float32)
    return torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1))).to(dtype)


def load(data, name, dtype, labels=False):
    """The sample `name` of the config section `data`; with the label maps where asked."""
    image = voc.read_image(data["root"], name)
    boxes = voc.read_boxes(data["root"], name)
    maps = [None, None]
    if labels:
        paths = [Path(data["labels"][key]) / f"{name}.png" for key in ("crf", "ret")]
        maps = [torch.from_numpy(voc.read_labels(path).astype(np.int64)) for path in paths]
    mask = bap.background_mask(boxes, *image.shape[:2])
    return Sample(normalized(image, data["normalize"], dtype), boxes, mask, *maps)


def batch_names(names, iteration, size):
    """Unshuffled: batch t holds samples t*B ... t*B + B-1 modulo the set."""
    return [names[(iteration * size + i) % len(names)] for i in range(size)]
