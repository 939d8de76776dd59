"""`tiny-voc/`: eight small images in VOC's layout, with the cases that go wrong."""

from xml.etree import ElementTree

import numpy as np
from PIL import Image

from reference import voc

from .scenes import Object, draw, smooth_noise

WIDTH, HEIGHT = 130, 106
TRAIN = {
    "tiny_01": [Object("person", (18, 9, 60, 96)), Object("car", (66, 48, 125, 101))],
    # two persons overlap; the bottle's right edge (28) becomes 27 after the float32 round trip
    "tiny_02": [
        Object("person", (40, 14, 84, 102)),
        Object("person", (70, 30, 112, 98)),
        Object("bottle", (14, 40, 28, 88)),
    ],
    # fractions; a difficult object
    "tiny_03": [Object("cat", (33.5, 31.25, 92.75, 84.5)), Object("bottle", (104, 7, 121, 60), difficult=True)],
    # boxes up to the image's edges
    "tiny_04": [Object("car", (1, 58, 130, 106)), Object("person", (36, 1, 70, 72))],
    # hardly any background: mean(M) < 0.125, so pooling is plain
    "tiny_05": [Object("cat", (3, 4, 128, 104)), Object("bottle", (50, 38, 74, 100))],
    # a box one sample wide, and one whose crop is one sample high
    "tiny_06": [Object("bottle", (41, 12, 48, 70)), Object("car", (60, 49, 124, 56)), Object("cat", (70, 62, 118, 99))],
}
VAL = {
    # no background at all: no query
    "tiny_07": [Object("person", (0.5, 0.5, 130, 106)), Object("cat", (48, 60, 110, 103))],
    "tiny_08": [
        Object("car", (8, 43, 86, 92)),
        Object("cat", (62, 34, 118, 100)),
        Object("bottle", (96, 3, 110, 25)),
    ],
}
VOID_BAND = 0.06


def truth(objects, distances):
    """(H, W): class indices, 255 in a band around every outline."""
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    for item, distance in zip(objects, distances):
        labels[distance <= 1] = voc.CLASSES.index(item.name)
        labels[np.abs(distance - 1) < VOID_BAND] = 255
    return labels


def noisy_labels(objects, distances, rng):
    """(H, W): the outlines moved by smooth noise, and holes of background."""
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    for item, distance in zip(objects, distances):
        wobbly = distance + 0.25 * smooth_noise(WIDTH, HEIGHT, 14, rng)
        labels[wobbly <= 1] = voc.CLASSES.index(item.name)
    labels[smooth_noise(WIDTH, HEIGHT, 10, rng) > 0.62] = 0
    return labels


def label_maps(objects, distances, rng):
    """Y_crf and Y_ret: two noisy readings; a corner ignored in both and a patch ignored in Y_ret only."""
    crf, ret = noisy_labels(objects, distances, rng), noisy_labels(objects, distances, rng)
    crf[:9, :17] = ret[:9, :17] = 255
    ret[60:75, 52:66] = 255
    return crf, ret


def append(parent, tag, text=None):
    child = ElementTree.SubElement(parent, tag)
    child.text = text
    return child


def append_bounds(parent, box, order):
    bounds = append(parent, "bndbox")
    corners = dict(zip(("xmin", "ymin", "xmax", "ymax"), box))
    for key in order:
        append(bounds, key, str(corners[key]))


def annotation(name, objects):
    """VOC's XML. Persons have a part with a box of its own; cats' corners come in another order."""
    root = ElementTree.Element("annotation")
    append(root, "folder", "VOC2012")
    append(root, "filename", f"{name}.jpg")
    size = append(root, "size")
    for tag, value in (("width", WIDTH), ("height", HEIGHT), ("depth", 3)):
        append(size, tag, str(value))
    append(root, "segmented", "1")
    for item in objects:
        node = append(root, "object")
        for tag, text in (("name", item.name), ("pose", "Unspecified"), ("truncated", "0")):
            append(node, tag, text)
        append(node, "difficult", str(int(item.difficult)))
        if item.name == "person":
            part = append(node, "part")
            append(part, "name", "head")
            append_bounds(part, (2, 2, 9, 9), ("xmin", "ymin", "xmax", "ymax"))
        cat = ("xmax", "xmin", "ymax", "ymin")
        append_bounds(node, item.box, cat if item.name == "cat" else ("xmin", "ymin", "xmax", "ymax"))
    ElementTree.indent(root, "\t")
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def write_sample(folder, name, objects, rng):
    """The image, annotation, truth and the two label maps of one sample."""
    image, distances = draw(WIDTH, HEIGHT, objects, rng)
    Image.fromarray(image).save(folder / "JPEGImages" / f"{name}.jpg", quality=88, subsampling="4:2:0")
    (folder / "Annotations" / f"{name}.xml").write_text(annotation(name, objects))
    voc.write_labels(folder / "SegmentationClass" / f"{name}.png", truth(objects, distances))
    for kind, labels in zip(("Y_crf", "Y_ret"), label_maps(objects, distances, rng)):
        voc.write_labels(folder / "labels" / kind / f"{name}.png", labels)


def write(folder):
    """The whole data set."""
    lists = folder / "ImageSets" / "Segmentation"
    names = ("JPEGImages", "Annotations", "SegmentationClass", "labels/Y_crf", "labels/Y_ret")
    for path in (lists, *(folder / name for name in names)):
        path.mkdir(parents=True, exist_ok=True)
    for split, scenes in {"train": TRAIN, "val": VAL, "trainval": TRAIN | VAL}.items():
        (lists / f"{split}.txt").write_text("".join(f"{name}\n" for name in scenes))
    for seed, (name, objects) in enumerate((TRAIN | VAL).items()):
        write_sample(folder, name, objects, np.random.default_rng(100 + seed))
