"""PASCAL VOC's files: lists, boxes, images, palette masks."""

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = (
    "background aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person "
    "pottedplant sheep sofa train tvmonitor"
).split()


@dataclass(frozen=True)
class Box:
    """A class index and the coordinates as the annotation gives them."""

    label: int
    xmin: float
    ymin: float
    xmax: float
    ymax: float


def read_ids(root, split):
    """The image names of a split, in the list's order."""
    for folder in ("Segmentation", "SegmentationAug"):
        path = Path(root) / "ImageSets" / folder / f"{split}.txt"
        if path.exists():
            return [line.split()[0] for line in path.read_text().splitlines() if line.strip()]
    raise FileNotFoundError(f"no list of split {split} under {root}/ImageSets")


def read_boxes(root, name):
    """The boxes of every object, difficult ones too, in the file's order; parts' boxes do not count."""
    boxes = []
    for item in ElementTree.parse(Path(root) / "Annotations" / f"{name}.xml").getroot().iter("object"):
        bounds = item.find("bndbox")
        corners = [float(bounds.find(key).text) for key in ("xmin", "ymin", "xmax", "ymax")]
        boxes.append(Box(CLASSES.index(item.find("name").text), *corners))
    return boxes


def read_image(root, name):
    """(H, W, 3) uint8, RGB."""
    return np.array(Image.open(Path(root) / "JPEGImages" / f"{name}.jpg").convert("RGB"))


def read_labels(path):
    """(H, W) uint8 palette indices."""
    return np.array(Image.open(path))


def palette():
    """VOC's 256 colours, flat: bit k of each channel comes from every third bit of the index, high bits first."""
    colours = []
    for index in range(256):
        for channel in range(3):
            colours.append(sum(((index >> (3 * k + channel)) & 1) << (7 - k) for k in range(3)))
    return colours


def write_labels(path, labels):
    """(H, W) -> an 8-bit palette PNG."""
    image = Image.fromarray(labels.astype(np.uint8), mode="P")
    image.putpalette(palette())
    image.save(path, optimize=True)
