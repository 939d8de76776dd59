"""`labels/`: pseudo labels of the tiny images from a network with weights by formula, for each variant."""

import os

import numpy as np
import torch

from reference import densecrf, labels, samples, settings, train, voc

from . import start_weights
from .files import write_json

CONFIG = """\
# Paths are relative to the folder of the fixtures; the weights are made from case.json.
data: {root: tiny-voc, split: trainval, normalize: caffe}
model:
  trunk: vgg16
  width: 0.125
  fc: false
  dropout: 0
  weights: start.safetensors
label:
  split: trainval
  background: BACKGROUND
  foreground: FOREGROUND
  bg_threshold: 0.99
  crf: [4, 55, 3, 3, 3]
  outputs: [Y_crf, Y_ret, Y_and]
"""
VARIANTS = {
    "attention": ("attention", "cam"),
    "without_u0": ("cam", "cam"),
    "class_agnostic": ("attention", "class_agnostic"),
}
# An offset makes every class's activation map positive somewhere in its boxes.
WEIGHTS = {"classifier_scale": 0.1, "classifier_offset": 0.05, "first_layer": 1 / 44}
SAMPLE_STEP = 29
AGREEMENT = 0.999


def network(config, dtype):
    """The rules of the weights, and the network they fill."""
    rules = start_weights.rules("classifier", config, **WEIGHTS)
    return rules, train.build("classifier", config, start_weights.arrays(rules), dtype).eval()


def label(model, config, name, dtype, crf=densecrf.pydensecrf_marginals):
    """The labels of one image."""
    sample = samples.load(config["data"], name, dtype)
    image = voc.read_image(config["data"]["root"], name)
    with torch.no_grad():
        weights = model.classifier.weight[:, :, 0, 0]
        features = model.features(sample.image[None])[0]
        return labels.make(features, weights, image, sample.boxes, config["label"], crf)


def described(result):
    """Numbers that tell where two programs part: u0's statistics, and all channels at a few pixels of a diagonal."""
    height, width = result.crf.shape
    points = [(x, x * height // width) for x in range(SAMPLE_STEP // 2, width, SAMPLE_STEP)]
    pixels = [
        {
            "x": x,
            "y": y,
            "attention": result.attention[y, x].item(),
            "unary": result.unary[:, y, x].tolist(),
            "marginals": result.marginals[:, y, x].astype(float).tolist(),
            "correlations": result.correlations[:, y, x].tolist(),
        }
        for x, y in points
    ]
    return {
        "classes": result.classes,
        "attention_max": result.attention.max().item(),
        "attention_sum": result.attention.sum().item(),
        "above_threshold": int((result.attention >= result.threshold).sum()),
        "pixels": pixels,
    }


def check(result, others):
    """Float32, and the CRF written out, must give the same labels but for a stray pixel."""
    for kind, other in others.items():
        agreement = min((result.crf == other.crf).mean(), (result.ret == other.ret).mean())
        assert agreement >= AGREEMENT, f"{kind} agrees on {agreement} of the pixels only"


def write_variant(folder, background, foreground):
    """The config, the label maps and case.json of one variant."""
    text = CONFIG.replace("BACKGROUND", background).replace("FOREGROUND", foreground)
    config = settings.parse(text)
    rules, model = network(config, torch.float64)
    _, single = network(config, torch.float32)
    images = {}
    for kind in ("Y_crf", "Y_ret", "Y_and"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    for name in voc.read_ids(config["data"]["root"], config["label"]["split"]):
        result = label(model, config, name, torch.float64)
        if not result.unary.isfinite().all():
            continue  # without background the variant without u0 divides 0 by 0
        written_out = label(model, config, name, torch.float64, densecrf.marginals)
        check(result, {"float32": label(single, config, name, torch.float32), "the written-out CRF": written_out})
        images[name] = described(result)
        for kind, values in (("Y_crf", result.crf), ("Y_ret", result.ret), ("Y_and", result.agreed)):
            voc.write_labels(folder / kind / f"{name}.png", values)
    (folder / "config.yaml").write_text(text)
    write_json(folder / "case.json", {"start": start_weights.described(rules), "images": images})


def write(folder):
    """A folder for each variant."""
    torch.set_num_threads(1)
    os.chdir(folder.parent)
    for name, variant in VARIANTS.items():
        write_variant(folder / name, *variant)
